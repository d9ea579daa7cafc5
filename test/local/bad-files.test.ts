import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import { LocalPipeline, type Row } from "../../local";

/** What became of a file: lines that the rollup counted and refused, or why it refused all; how the query ended. */
interface Fate {
    counted?: number;
    refused?: number;
    rollup?: RegExp;
    query?: RegExp | "nothing";
}

const folder = "raw/v0/ping/2026/11/21/03/";
const line = '{"id":"a","value":1,"sent_at":"2026-11-21 03:30:00"}';
const withValue = (value: string) => line.replace('"value":1', `"value":${value}`);
const lines = (...texts: (string | Buffer)[]) =>
    gzipSync(Buffer.concat(texts.flatMap((text) => [Buffer.from(text as string), Buffer.from("\n")])));

const files: [what: string, bytes: Buffer, fate: Fate][] = [
    ["0 bytes", Buffer.alloc(0), { counted: 0, query: "nothing" }],
    ["plain text named .gz", Buffer.from(line), { rollup: /incorrect header check/, query: /incorrect header check/ }],
    ["gzip that is cut", lines(line).subarray(0, 30), { rollup: /unexpected end/, query: /unexpected end/ }],
    ["gzip with a wrong checksum", damaged(lines(line)), { rollup: /data check/, query: /data check/ }],
    ["gzip with zeros behind it", Buffer.concat([lines(line), Buffer.alloc(8)]), { counted: 1 }],
    ["gzip in several members", Buffer.concat([lines(line), lines(line)]), { counted: 2 }],
    ["zstd named .gz", zstdCompressSync(line), { rollup: /incorrect header check/, query: /incorrect header check/ }],
    [
        "a gzip bomb",
        gzipSync(`${" ".repeat(50_000_000)}\n${line}\n`),
        { rollup: /more than 1048576 bytes unpacked/, query: /./ },
    ],
    ["no final newline", gzipSync(line), { counted: 1 }],
    ["CR LF", gzipSync(`${line}\r\n${line}\r\n`), { counted: 2 }],
    ["U+2028 and U+2029 in a text", lines(line.replace('"a"', '"a\u2028\u2029"')), { counted: 1 }],
    ["2^53 + 1", lines(withValue("9007199254740993")), { counted: 1 }],
    [
        "100,000 levels",
        lines(`{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)},${line.slice(1)}`),
        { counted: 1, query: /nested deeper than 1000 levels/ },
    ],
    ["__proto__ as a key", lines(`{"__proto__":{"id":"b"},${line.slice(1)}`), { counted: 1 }],
    ["events glued together", lines(line + line, line), { counted: 1, refused: 1, query: /a delimiter is missing/ }],
    ["a bare CR between events", lines(`${line}\r${line}`), { counted: 0, refused: 1, query: /delimiter is missing/ }],
    ["NUL", lines("\0", line), { counted: 1, refused: 1, query: /JSONException/ }],
    ["an array", lines("[1]", line), { counted: 1, refused: 1, query: /JSONException/ }],
    ["a key twice", lines(withValue('1,"value":2')), { counted: 0, refused: 1, query: /Duplicate key "value"/ }],
    ["1e400", lines(withValue("1e400"), line), { counted: 1, refused: 1, query: /HIVE_BAD_DATA|out of range|1e400/ }],
    ["another type", lines(withValue('"high"'), line), { counted: 1, refused: 1, query: /'"?high"?' as bigint/ }],
    ["bytes that are no UTF-8", lines(Buffer.from([0xff]), line), { counted: 1, refused: 1, query: /JSONException/ }],
];

/** Files that somebody puts under the prefix of an ingest, past everything that checks events. */
describe("a file that is bad is in everybody's books:", function () {
    this.timeout(120_000);
    let local: LocalPipeline;
    let ledger: Row[];
    before(async () => {
        local = await LocalPipeline.start({ program: "test/programs/bad-files", at: "2026-11-21T04:00:00Z" });
        for (const [index, [, bytes]] of files.entries()) {
            await local.put(keyOf(index), bytes);
            await local.settle();
        }
        ledger = local.counters(String(local.outputs.ledgerTableName));
    });
    after(() => local.stop());

    for (const [index, [what, , { counted, refused = 0, rollup, query }]] of files.entries()) {
        it(what, async () => {
            const [byRollup, byQuery, byProcessor] = ["rollup/pings", "query/seen", "processor/touch"].map((name) =>
                ledger.find(({ entry, subscriber }) => entry === `object/${keyOf(index)}` && subscriber === name),
            );

            if (rollup) expect(byRollup).to.include({ outcome: "failed" }).and.property("reason").match(rollup);
            else expect(byRollup).to.include({ outcome: "done", events: counted, malformed: refused });
            expect(byProcessor).to.include({ outcome: "done" });
            if (query === "nothing") return expect(byQuery).to.equal(undefined);
            const run = ledger.find(({ entry }) => entry === `run/${byQuery!.executionId}`);
            if (query) expect(run).to.include({ state: "failed" }).and.property("reason").match(query);
            else expect(run).to.include({ state: "succeeded", rows: 1 });
        });
    }

    it("and what is counted of all of them is the sum of what the books say", async () => {
        const counted = files.reduce((sum, [, , fate]) => sum + (fate.counted ?? 0), 0);
        const kept = await local.rows("failed/pings/");

        const counters = local.counters("pings");
        expect(counters.reduce((sum, { count }) => sum + Number(count), 0)).to.equal(counted);
        expect(kept).to.have.length(files.reduce((sum, [, , fate]) => sum + (fate.refused ?? 0), 0));
        expect(counters.find(({ name }) => name === "a")).to.include({ sum_value: "9007199254741007" });
    });
});

function keyOf(index: number): string {
    return `${folder}${index}.json.gz`;
}

function damaged(gzip: Buffer): Buffer {
    return gzip.fill(0, gzip.length - 8, gzip.length - 4);
}
