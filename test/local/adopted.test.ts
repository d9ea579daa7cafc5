import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { afterTest } from "../setup";

const hour = "exports/events/year=2026/month=11/day=21/hour=03/";

describe("an adopted bucket that already fills", function () {
    this.timeout(60_000);

    for (const way of ["topic", "eventBridge", "ownNotifications"]) {
        it(`is heard of by ${way}, whatever its keys hold`, async () => {
            const local = await start(way);
            const names = ["plain.json", "a b+c=d%20é–日本.json", "it's (1)&*.json"];

            for (const [index, name] of names.entries())
                await local.put(hour + name, `{"name":"n${index}","amount":1}\n`);
            await local.put("elsewhere/x.json", '{"name":"not of the table"}');
            await local.settle();

            const rows = await local.rows("processed/events/");
            expect(rows).to.have.deep.members(
                names.map((name, index) => ({
                    name: `n${index}`,
                    amount: 1,
                    path: `s3://their-bucket/${hour}${name}`,
                })),
            );
            expect((await local.report()).failed).to.deep.equal([]);
        });
    }

    it("is read in every layout by :new_data, and only what a projection has", async () => {
        const local = await start();
        const event = (name: string) => `{"name":"${name}","amount":1}\n`;

        await local.put("exports/days/year=2026/month=11/day=20/a.json", event("day"));
        await local.put("exports/hours/2026/11/21/03/a.json.gz", gzipSync(event("hour")));
        await local.put("exports/hours/2026/11/21/05/a.json", event("in the future"));
        await local.put("exports/days/year=2025/month=11/day=20/a.json", event("before the first year"));
        await local.put("exports/days/year=2026/month=13/day=20/a.json", event("in no month"));
        await local.settle();

        expect((await local.rows("processed/days/")).map(({ name }) => name)).to.deep.equal(["day"]);
        expect((await local.rows("processed/hours/")).map(({ name }) => name)).to.deep.equal(["hour"]);
        expect((await local.report()).failed).to.deep.equal([]);
    });

    it("refuses an object that lies in none of the table's folders, and reads the others", async () => {
        const local = await start();

        await local.put("exports/days/year=2026/month=1/day=2/a.json", '{"name":"a"}');
        await local.put("exports/days/year=2026/month=01/day=02/b.json", '{"name":"b"}');
        await local.settle();

        expect((await local.rows("processed/days/")).map(({ name }) => name)).to.deep.equal(["b"]);
        const { failed } = await local.report();
        expect(failed.map(({ reason }) => reason).join()).to.contain(
            "the key lies in none of the table's year/month/day folders: exports/days/year=2026/month=1/day=2/a.json",
        );
    });

    it("has reports of its own, but none of what others write", async () => {
        const local = await start();

        expect(local.reportPrefixes).to.deep.equal(
            ["days", "events", "hours", "readings", "requests", "sales"].map((table) => `processed/${table}/`),
        );
    });

    it("fails a run over a gzip that was cut, not the ones beside it", async () => {
        const local = await start();

        await local.put("exports/sales/good.csv.gz", gzipSync("shop;amount;note\nX;1;\n"));
        await local.settle();
        await local.put("exports/sales/cut.csv.gz", gzipSync("shop;amount;note\nY;1;\n").subarray(0, -12));
        await local.settle();

        expect((await local.rows("processed/sales/")).map(({ shop }) => shop)).to.deep.equal(["X"]);
        expect(failures(await local.report())).to.match(/Failed to read file: .*cut\.csv\.gz: unexpected end of file/);
    });

    describe("with CSV", () => {
        it("reads quotes and empty fields, and rows with too few and too many", async () => {
            const local = await start();
            const path = "s3://their-bucket/exports/sales/a b.csv";

            await local.put(
                "exports/sales/a b.csv",
                'shop;amount;note\r\n"A;B";1.5;"say ""hi"" \\"there\\""\r\nC;2;\nD;3\nE;4;five;6;7\nF;5;"cut\n',
            );
            await local.settle();

            expect(await local.rows("processed/sales/")).to.deep.equal([
                { shop: "A;B", amount: 1.5, note: 'say "hi" "there"', path },
                { shop: "C", amount: 2, note: "", path },
                { shop: "D", amount: 3, note: null, path },
                { shop: "E", amount: 4, note: "five", path },
                { shop: "F", amount: 5, note: null, path },
            ]);
        });

        it("fails on a number that is none, an empty one too", async () => {
            const local = await start();

            await local.put("exports/sales/a.csv", "shop;amount;note\nA;;\n");
            await local.settle();

            expect(failures(await local.report())).to.contain(
                "Error parsing field value '' as double (column amount: s3 object s3://their-bucket/exports/sales/a.csv, line 2)",
            );
        });
    });

    describe("with Parquet", () => {
        const day = "exports/readings/year=2026/month=11/day=20/";

        it("reads columns by name, in any order, and those that are missing as null", async () => {
            const local = await start();
            const all = `SELECT TIMESTAMP '2026-11-20 01:02:03.4567' AS Taken_At, 1.5::FLOAT AS value, 's1' AS sensor, 7 AS other`;

            await local.put(`${day}all.parquet`, await parquet(all));
            await local.put(`${day}few.parquet`, await parquet("SELECT 's2' AS sensor"));
            await local.settle();

            expect(await local.rows("processed/readings/")).to.have.deep.members([
                {
                    ...{ sensor: "s1", value: 1.5, taken_at: "2026-11-20 01:02:03.457" },
                    path: `s3://their-bucket/${day}all.parquet`,
                },
                { sensor: "s2", value: null, taken_at: null, path: `s3://their-bucket/${day}few.parquet` },
            ]);
        });

        it("fails on a file that is none, and on a column of another type", async () => {
            const local = await start();

            await local.put(`${day}none.parquet`, "PAR1 but not really");
            await local.settle();
            await local.put(`${day}other.parquet`, await parquet("SELECT '1' AS value"));
            await local.settle();

            const reasons = failures(await local.report());
            expect(reasons).to.contain(`Not valid Parquet file: s3://their-bucket/${day}none.parquet`);
            expect(reasons).to.contain(
                `Field value's type VARCHAR in parquet file s3://their-bucket/${day}other.parquet is incompatible with type double`,
            );
        });
    });

    describe("with a load balancer's log", () => {
        const folder = "alb-logs/AWSLogs/000000000000/elasticloadbalancing/us-east-1/2026/11/20/";
        const entry = (path: string, agent = "curl/8", rest = "") =>
            `http 2026-11-20T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.0.2.1:2817 - -1 -1 -1 204 - 34 366 ` +
            `"GET http://example.com:80${path} HTTP/1.1" "${agent}" - - - "Root=1-58337262-36d228ad5d99923122bbe354" ` +
            `"-" "-" 0 2026-11-20T22:22:48.364000Z "fixed-response" "-" "-" "-" "-" "-" "-" TID_1234abcd${rest}`;

        it("reads its lines, new fields at their end too, and a line that was cut as nulls", async () => {
            const local = await start();
            const lines = [
                entry("/a"),
                entry("/b?x=1", "Mozilla/5.0 (X11)", ' new "newer still"'),
                entry("/c").slice(0, 150),
            ];

            await local.put(`${folder}a.log.gz`, gzipSync(`${lines.join("\n")}\n`));
            await local.settle();

            const path = `s3://their-bucket/${folder}a.log.gz`;
            const read = { elb_status_code: 204, conn_trace_id: "TID_1234abcd", path };
            expect(await local.rows("processed/requests/")).to.deep.equal([
                { request_url: "http://example.com:80/a", user_agent: "curl/8", ...read },
                { request_url: "http://example.com:80/b?x=1", user_agent: "Mozilla/5.0 (X11)", ...read },
                { request_url: null, elb_status_code: null, user_agent: null, conn_trace_id: null, path },
            ]);
        });
    });
});

function failures({ failed }: Awaited<ReturnType<LocalPipeline["report"]>>): string {
    return failed.map(({ reason }) => reason).join("\n");
}

/** A Parquet file that DuckDB writes. */
async function parquet(sql: string): Promise<Buffer> {
    const instance = await DuckDBInstance.create();
    try {
        const connection = await instance.connect();
        const folder = mkdtempSync(join(tmpdir(), "parquet-"));
        afterTest(() => rmSync(folder, { recursive: true }));
        const file = join(folder, "file.parquet");
        await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
        connection.closeSync();
        return readFileSync(file);
    } finally {
        instance.closeSync();
    }
}

async function start(way = "eventBridge") {
    const program = "test/programs/adopted";
    const local = await LocalPipeline.start({ program, config: { way }, at: "2026-11-21T04:00:00Z" });
    afterTest(() => local.stop());
    return local;
}
