import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { zstd } from "../../../handlers/convert-result/zstd";
import type { Engine } from "../../../local/athena-sql/engine";

/** An object of the lake. */
export interface LakeObject {
    key: string;
    body: Buffer;
}

/** The objects of the test program's tables: the same in every run. */
export async function objectsOf(engine: Engine, folder: string): Promise<LakeObject[]> {
    return [
        ...(await readings()),
        ...visits(),
        ...logs(),
        ...folders(),
        ...own(),
        ...(await sales(engine, folder)),
        ...(await products(engine, folder)),
    ];
}

const lines = (rows: unknown[]) =>
    `${rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n")}\n`;
const text = (key: string, rows: unknown[]): LakeObject => ({ key, body: Buffer.from(lines(rows)) });
const zipped = (key: string, rows: unknown[]): LakeObject => ({ key, body: gzipSync(lines(rows)) });

/** As results are kept. */
async function byZstd(key: string, rows: unknown[]): Promise<LakeObject> {
    return { key, body: await buffer(zstd(Readable.from([Buffer.from(lines(rows))]))) };
}

// Tables of the pipeline

const names = ["ada", "bob", "Cleo", "ärger", "日本", "", "O'Brien", "bob", null];

/** 36 rows in four objects; every column is NULL somewhere. */
async function readings(): Promise<LakeObject[]> {
    const rows = Array.from({ length: 36 }, (_, i) => reading(i));
    return [
        zipped("raw/v0/reading/2026/11/20/23/a.json.gz", rows.slice(0, 10)),
        zipped("raw/v0/reading/2026/11/21/00/b.json.gz", rows.slice(10, 20)),
        zipped("raw/v0/reading/2026/11/21/03/c.json.gz", rows.slice(20, 33)),
        await byZstd("raw/v0/reading/2026/11/21/03/d.json.zst", rows.slice(33)),
    ];
}

function reading(i: number): object {
    const cell = <T>(every: number, value: T) => (i % every === every - 1 ? null : value);
    const at = new Date(Date.UTC(2026, 10, 20, 23, 0, 0) + i * 1_234_567);
    return {
        event_id: `e${String(i).padStart(3, "0")}`,
        received_at: at.toISOString().slice(0, 19).replace("T", " "),
        id: i,
        name: names[i % names.length],
        flag: cell(5, i % 3 === 0),
        i8: cell(7, ((i * 37) % 128) - 64),
        i16: cell(11, i * 911 - 16_000),
        i64: cell(6, i % 4 === 0 ? String(9_007_199_254_740_993n - BigInt(i)) : i * 1000),
        f32: cell(8, i * 0.25 - 2),
        f64: cell(9, [0, 1.5, -2.75, 1e10, 1e-5, 123456.789, 100][i % 7]! * (i % 2 ? 1 : -1) + 0),
        money: cell(10, (i * 1234.56 - 9999).toFixed(2)),
        big: cell(4, `${i % 2 ? "-" : ""}${i}12345678901234567.${String(i * 7).padStart(10, "0")}`),
        day: cell(13, new Date(Date.UTC(2024, 1, 27) + i * 11 * 86_400_000).toISOString().slice(0, 10)),
        at: cell(12, at.toISOString().slice(0, 23).replace("T", " ")),
        tags: cell(6, ["red", "green", null, "", "blue"].slice(i % 4, (i % 4) + (i % 5))),
        nums: cell(
            7,
            Array.from({ length: i % 5 }, (_, k) => (k === 2 && i % 3 === 0 ? null : (i * (k + 1)) % 10)),
        ),
        attrs: cell(
            5,
            Object.fromEntries(
                ["x", "y", "Z"].slice(0, i % 4).map((key, k) => [key, k === 1 && i % 2 ? null : i / (k + 2)]),
            ),
        ),
        place: cell(8, { lat: i * 1.5, lon: i % 3 === 0 ? null : -i, name: names[(i + 3) % names.length] }),
        items: cell(
            9,
            Array.from({ length: i % 3 }, (_, k) => ({
                sku: `s${(i + k) % 6}`,
                qty: k + 1,
                price: (i + k * 0.5).toFixed(2),
            })),
        ),
    };
}

function visits(): LakeObject[] {
    const header = "visitor,page,ms,note";
    return [
        text("adopted/visits/one.csv", [
            header,
            'v1,"/home",120,"said ""hi"""',
            "v2,/cart,,plain",
            'v1,"/a,b",7,"a\\"b"',
            "",
            "v3,/home,99,,more",
            "v4,/x",
        ]),
        zipped("adopted/visits/two.csv.gz", [header, "v1,/cart,1500,é", "v5,,0,NULL", '"",/home,-3,""']),
    ];
}

function logs(): LakeObject[] {
    const line = (time: string, status: string, agent: string) =>
        `https ${time} app/lake/50dc6c495c0c9188 192.0.2.${status.slice(-1)}:2817 10.0.0.1:80 0.086 0.048 0.037 ${status} ${status} 0 57 "GET https://www.example.com:443/pixel?e=view&n=%20a HTTP/1.1" "${agent}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "-" 1 ${time} "authenticate,forward" "-" "-" "10.0.0.1:80" "${status}" "-" "-" TID_dc57cebed65b444ebc8177bb698fe166`;
    return [
        zipped("adopted/logs/2026/11/19/a.log.gz", [
            line("2026-11-19T23:39:43.945958Z", "200", "curl/7.46.0"),
            line("2026-11-19T23:40:00.000001Z", "404", "Mozilla/5.0 (X11; Linux)"),
            "not a line of the log",
        ]),
        zipped("adopted/logs/2026/11/20/b.log.gz", [line("2026-11-20T01:00:00.000000Z", "502", "curl/7.46.0")]),
    ];
}

function folders(): LakeObject[] {
    return ["2026-11-19", "2026-11-20", "2026-11-21"].flatMap((day, index) => {
        const [year, month, date] = day.split("-");
        const folder = `adopted/folders/year=${year}/month=${month}/day=${date}/`;
        return [
            text(`${folder}x.json`, [
                { k: "a", v: index },
                { k: "b", v: index * 10 },
                { K: "C", V: 5 },
            ]),
            text(`${folder}_hidden.json`, [{ k: "hidden", v: 1 }]),
        ];
    });
}

async function sales(engine: Engine, folder: string): Promise<LakeObject[]> {
    const rows = (from: number, to: number) => `
        SELECT 's' || (i % 6) AS sku, CAST(CASE WHEN i % 7 = 6 THEN NULL ELSE i % 9 END AS INTEGER) AS qty,
            CAST(CASE WHEN i % 11 = 10 THEN NULL ELSE i * 3.25 END AS DECIMAL(8,2)) AS price,
            CASE WHEN i % 13 = 12 THEN NULL WHEN i % 17 = 16 THEN CAST('NaN' AS DOUBLE) ELSE i * 1.1 END AS amount,
            CAST(CASE WHEN i % 5 = 4 THEN NULL ELSE i % 12 END AS BIGINT) AS customer,
            CASE i % 4 WHEN 0 THEN 'north' WHEN 1 THEN 'south' WHEN 2 THEN 'east' END AS region,
            DATE '2026-11-01' + CAST(i AS INTEGER) AS sold_on,
            TIMESTAMP '2026-11-20 22:30:00' + to_minutes(i * 7) AS sold_at,
            CASE WHEN i % 3 = 2 THEN NULL ELSE [CAST(i AS INTEGER), CAST(i % 2 AS INTEGER), NULL] END AS marks,
            'p' || i AS event_id, TIMESTAMP '2026-11-20 22:30:01' AS received_at
        FROM range(${from}, ${to}) t(i)`;
    const file = (hour: string, name: string) =>
        `raw/v0/sale/year=2026/month=11/day=${hour.slice(0, 2)}/hour=${hour.slice(3)}/${name}.parquet`;
    return [
        await parquet(engine, folder, file("20/22", "a"), rows(0, 20)),
        await parquet(engine, folder, file("21/00", "b"), rows(20, 45)),
        await parquet(engine, folder, file("21/03", "c"), rows(45, 60)),
    ];
}

async function products(engine: Engine, folder: string): Promise<LakeObject[]> {
    const values = (rows: string) =>
        `SELECT sku, title, CAST(weight AS DOUBLE) AS weight FROM (VALUES ${rows}) t(sku, title, weight)`;
    return [
        await parquet(
            engine,
            folder,
            "adopted/products/run_date=2026-11-19/p.parquet",
            values("('s0', 'Anvil', 50.5), ('s1', 'Bolt', 0.25), ('s2', NULL, 1.0)"),
        ),
        await parquet(
            engine,
            folder,
            "adopted/products/run_date=2026-11-20/p.parquet",
            values("('s2', 'Crank', 2.0), ('s3', 'Dowel', NULL), (NULL, 'Nothing', 0.0), ('s9', 'Unsold', 9.75)"),
        ),
    ];
}

async function parquet(engine: Engine, folder: string, key: string, query: string): Promise<LakeObject> {
    const connection = await engine.connect();
    const file = join(folder, "object.parquet");
    try {
        await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet, COMPRESSION snappy)`);
        return { key, body: await readFile(file) };
    } finally {
        connection.disconnectSync();
    }
}

// Tables written by hand

function own(): LakeObject[] {
    return [
        text("own/lenient/a.json", [
            '{"a": 1, "b": "x", "c": [1, 2], "d": {"x": 1, "y": "q"}, "e": true}',
            "not json",
            "",
            '{"A": 2, "B": "y", "C": [3], "D": {"X": 4, "Y": "Q"}, "E": false}',
            '{"a": "7", "b": 5, "c": ["9", null], "d": null, "e": "true"}',
            '{"a": null, "b": {"k": [1, null]}, "c": [], "d": {}}',
            '{"a": 5, "b": "cut',
        ]),
        ...[
            ...[
                '{"a": "seven"}',
                '{"a": 1.9}',
                '{"a": 3000000000}',
                '{"c": 9}',
                '{"c": "z"}',
                '{"e": 1}',
                '{"e": "yes"}',
            ],
            ...['{"a": 3, "a": 4}', '{"b": "first", "B": "last"}', "{'a': 6, b: 'bare'}", '{"a": 8} trailing'],
            ...['[9, "by place", [10], {"x": 11}, true]', '{"d": {"x": "no"}}', '{"a": 1}{"a": 2}', '{"a": {}}'],
        ].map((line, index) => text(`own/sloppy/line-${String(index + 1).padStart(2, "0")}/a.json`, [line])),
        text("own/strict/a.json", ['{"a": 1, "b": "fine"}', '{"a": 2, "b": "cut']),
        text("own/mapped/a.json", [
            '{"a": 1, "Time-Stamp": "t1", "ts": "not this", "inner": {"x": 1}}',
            '{"a": 2, "time-stamp": "t2"}',
            '{"a": 3, "ts": "only this"}',
        ]),
        text("own/exact/a.json", ['{"a": 1, "Mixed": "yes"}', '{"A": 2, "mixed": "no"}']),
        text("own/dotted/a.json", ['{"a.b": 1, "c": "dot"}', '{"a_b": 2, "c": "underscore"}']),
        ...["north/000", "north/005", "south/010", "south/011", "west/000", "east/020"].map((place, index) =>
            text(`own/zoned/${place}/a.json`, [
                { v: index, label: place },
                { v: index * 2, label: null },
            ]),
        ),
        ...["2026-11-17", "2026-11-18", "2026-11-20"].map((day, index) =>
            text(`own/dated/dt=${day}/a.json`, [{ v: index, label: day }]),
        ),
        ...["t1", "t2"].map((tenant) => text(`own/tenanted/${tenant}/a.json`, [{ v: tenant.length, label: tenant }])),
    ];
}
