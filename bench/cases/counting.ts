import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Rollup } from "../../handlers/count-events/contract";
import { lineReader } from "../../handlers/count-events/read-line";
import { unit } from "../../handlers/shared/fixed-point";
import { defaultAttributes } from "../../handlers/shared/rollup-contract";
import type { Case } from "../case";
import { madeOnce } from "../data/files";
import { countsFile, makePings, pingsFile, printCounts } from "../data/pings";

/** Also where little data is wanted: with less, most of the time goes into warming up. */
const lines = 1_000_000;
const chunkSize = 256 * 1024;

const rollup: Rollup = {
    name: "pings",
    by: [{ name: "device_id", type: { kind: "string" } }],
    time: { name: "sent_at", type: { kind: "timestamp" } },
    interval: "hour",
    sum: [],
    attributes: defaultAttributes,
};

/** Lines of a gzip object by one field and hour. */
export const counting: Case = {
    name: "counting",
    about: "gzip lines of 180 bytes, counted by one field and hour",
    data: () => madeOnce("pings-1", (folder) => makePings(folder, lines)),
    async differences(data, output) {
        const [expected, actual] = await Promise.all([readFile(join(data, countsFile)), readFile(output)]);
        return expected.equals(actual) ? [] : ["other counts"];
    },
    contestants: [
        { name: "ours", load: ours },
        { name: "readline and JSON.parse", atLeast: 3.5, load: async (data, output) => () => byReadline(data, output) },
        { name: "DuckDB", isUnsteady: true, load: duckdb },
        {
            name: "gunzip alone",
            isLimit: true,
            isUnsteady: true,
            atLeast: 0.8,
            load: async (data) => () => gunzipAlone(data),
        },
    ],
};

async function ours(data: string, output: string): Promise<() => Promise<void>> {
    const { readObject } = await import("../../handlers/count-events/read-object.js");
    const { FailedLines } = await import("../../handlers/shared/failed-lines.js");
    const file = join(data, pingsFile);
    const { size } = await stat(file);
    const s3 = { send: async () => ({ Body: read(data), ETag: "version", ContentLength: size }) } as never;
    const place = { s3, bucket: "lake", key: pingsFile, announced: "version", maximumBytes: Number.MAX_SAFE_INTEGER };
    const failedOf = () => new FailedLines({ s3, bucket: "lake", key: "failed", log: pingsFile });
    return async () => {
        const content = await readObject(place, lineReader(rollup), failedOf);
        const counts = content!.counts
            .sorted()
            .map(([counter, { count }]): [string, number] => [JSON.stringify(counter), Number(count! / unit)]);
        await writeFile(output, printCounts(new Map(counts)));
    };
}

async function byReadline(data: string, output: string): Promise<void> {
    const counts = new Map<string, number>();
    const input = read(data).pipe(createGunzip({ chunkSize }));
    for await (const line of createInterface({ input })) {
        const { device_id, sent_at } = JSON.parse(line);
        const id = JSON.stringify([device_id, `${sent_at.slice(0, 13).replace(" ", "T")}:00:00Z`]);
        counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    await writeFile(output, printCounts(counts));
}

async function duckdb(data: string, output: string): Promise<() => Promise<void>> {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create()).connect();
    const rows = `read_json('${join(data, pingsFile)}', format = 'newline_delimited', columns = {device_id: 'VARCHAR', sent_at: 'TIMESTAMP'})`;
    return async () => {
        const reader = await connection.runAndReadAll(
            `SELECT device_id, strftime(sent_at, '%Y-%m-%dT%H:00:00Z') AS hour, count(*)::INTEGER FROM ${rows} GROUP BY ALL`,
        );
        const counts = reader
            .getRows()
            .map(([device, hour, count]): [string, number] => [JSON.stringify([device, hour]), Number(count)]);
        await writeFile(output, printCounts(new Map(counts)));
    };
}

function gunzipAlone(data: string): Promise<void> {
    return pipeline(read(data), createGunzip({ chunkSize }), async (chunks: AsyncIterable<Buffer>) => {
        for await (const _ of chunks);
    });
}

function read(data: string): Readable {
    return createReadStream(join(data, pingsFile));
}
