import { gzipSync, zstdCompressSync } from "node:zlib";
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { expect } from "chai";
import { Engine } from "../../local/athena-sql/engine";
import type { VirtualClock } from "../../local/clock";
import type { Cause } from "../../local/runtime";
import { Athena } from "../../local/services/athena";
import { Glue } from "../../local/services/glue";
import { S3 } from "../../local/services/s3";
import { afterTest, bucket, rejection, resource, start, testRuntime, testServer } from "./support";

const hour = "2026/11/21/04";

function workgroup(name: string, configuration: Record<string, unknown> = {}, inputs: Record<string, unknown> = {}) {
    return resource("aws:athena/workgroup:Workgroup", name, {
        name: `fleet-dev-${name}`,
        configuration: {
            enforceWorkgroupConfiguration: true,
            resultConfiguration: {
                outputLocation: `s3://lake/athena/${name}/`,
                encryptionConfiguration: { encryptionOption: "SSE_S3" },
            },
            ...configuration,
        },
        ...inputs,
    });
}

function table(
    name: string,
    location: string,
    columns: Record<string, string>,
    partition?: Record<string, string>,
    serDe: Record<string, string> = {},
) {
    const key =
        partition && (partition["storage.location.template"]!.includes("run_date") ? "run_date" : "arrival_hour");
    return resource("aws:glue/catalogTable:CatalogTable", name, {
        ...{ name, databaseName: "fleet_dev", tableType: "EXTERNAL_TABLE" },
        partitionKeys: key ? [{ name: key, type: "string" }] : [],
        parameters: {
            classification: "json",
            ...(key && { "projection.enabled": "true", [`projection.${key}.type`]: "date" }),
            ...partition,
        },
        storageDescriptor: {
            location,
            columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
            inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
            serDeInfo: {
                serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
                parameters: { "ignore.malformed.json": "false", ...serDe },
            },
        },
    });
}

const byHour = (location: string) => ({
    "projection.arrival_hour.format": "yyyy/MM/dd/HH",
    "projection.arrival_hour.range": "2026/01/01/00,NOW",
    "storage.location.template": `${location}\${arrival_hour}/`,
});

const byRunDate = (location: string) => ({
    "projection.run_date.format": "yyyy-MM-dd",
    "projection.run_date.range": "2026-01-01,NOW",
    "storage.location.template": `${location}run_date=\${run_date}/`,
});

const pings = { device_id: "string", battery: "double", sent_at: "timestamp" };

const resources = [
    bucket("lake"),
    resource("aws:glue/catalogDatabase:CatalogDatabase", "lake", { name: "fleet_dev" }),
    table("deviceping", "s3://lake/raw/v0/deviceping/", pings, byHour("s3://lake/raw/v0/deviceping/")),
    table(
        "devicebattery",
        "s3://lake/processed/v0/devicebattery/",
        pings,
        byRunDate("s3://lake/processed/v0/devicebattery/"),
    ),
    table("plain", "s3://lake/plain/", {
        n: "bigint",
        s: "string",
        d: "decimal(10,2)",
        tags: "array<string>",
        at: "struct<lat:double,lon:double>",
    }),
    table("lax", "s3://lake/lax/", { n: "bigint" }, undefined, { "ignore.malformed.json": "true" }),
    workgroup("devicebattery"),
    workgroup("batteryweek"),
    workgroup("small", { bytesScannedCutoffPerQuery: 100 }),
    workgroup("free", { enforceWorkgroupConfiguration: false }),
    workgroup("off", {}, { state: "DISABLED" }),
];

/** A lake with Athena over it. */
async function lake(also: ReturnType<typeof resource>[] = []) {
    const runtime = testRuntime([...resources, ...also]);
    const s3 = new S3(runtime);
    const athena = await Athena.start(runtime, s3, new Glue(runtime));
    afterTest(() => athena.stop());

    const call = async (operation: string, input: object, cause?: Cause) => {
        const { status, body } = await athena.handle({
            ...{ method: "POST", path: "/", query: new URLSearchParams(), cause },
            headers: { "x-amz-target": `AmazonAthena.${operation}` },
            body: Buffer.from(JSON.stringify(input)),
        });
        return { status, ...JSON.parse(String(body)) };
    };
    const startQuery = async (sql: string, more: object = {}, cause?: Cause) =>
        call(
            "StartQueryExecution",
            {
                QueryString: sql,
                QueryExecutionContext: { Database: "fleet_dev" },
                WorkGroup: "fleet-dev-devicebattery",
                ...more,
            },
            cause,
        );
    const execution = async (id: string) => (await call("GetQueryExecution", { QueryExecutionId: id })).QueryExecution;
    const textOf = async (key: string) => String(await s3.read(s3.get("lake", key)!));

    /** Runs a statement to its end. */
    const run = async (sql: string, parameters?: string[], more: object = {}, cause?: Cause) => {
        const started = await startQuery(
            sql,
            { ...(parameters && { ExecutionParameters: parameters }), ...more },
            cause,
        );
        if (started.status !== 200) return { refused: `${started.__type}: ${started.Message}` };
        await runtime.work.idle();
        const { Status, Statistics, ResultConfiguration } = await execution(started.QueryExecutionId);
        const key = ResultConfiguration.OutputLocation.replace("s3://lake/", "");
        const csv = Status.State === "SUCCEEDED" ? await textOf(key) : undefined;
        return {
            id: started.QueryExecutionId as string,
            state: Status.State,
            reason: Status.StateChangeReason,
            bytes: Statistics.DataScannedInBytes,
            csv,
        };
    };
    /** Writes lines as an object, gzipped if the key says so; returns its size. */
    const put = async (key: string, lines: (object | string)[], cause?: Cause) => {
        const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
        return (await s3.put("lake", key, key.endsWith(".gz") ? gzipSync(text) : Buffer.from(text), { cause })).size;
    };
    return { runtime, s3, athena, call, startQuery, execution, run, put, textOf };
}

const ping = (device_id: string, battery: number | null, sent_at: string) => ({ device_id, battery, sent_at });

/** Firehose's key of an object of pings. */
const pingKey = (name: string, at = hour) => `raw/v0/deviceping/${at}/${name}.json.gz`;

describe("Athena", () => {
    it("runs the two tiers of a pipeline over their objects", async () => {
        const { run, put } = await lake();
        const first = [
            ping("a", 0.9, "2026-11-21 03:00:00"),
            ping("b", 0.5, "2026-11-21 03:10:00"),
            ping("a", 0.8, "2026-11-21 03:20:00.250"),
        ];
        const size = await put(pingKey("one"), first);
        await put(pingKey("two"), [ping("c", 0.1, "2026-11-21 03:00:00")]);
        await put("processed/v0/devicebattery/run_date=2026-11-20/x.json.gz", [
            ping("a", 0.5, "2026-11-20 10:15:00"),
            ping("b", 1, "2026-11-20 10:45:00"),
        ]);
        await put("processed/v0/devicebattery/run_date=2026-11-21/y.json.gz", [
            ping("a", 0.25, "2026-11-21 03:59:59.999"),
            ping("b", null, "2026-11-01 00:00:00"),
        ]);

        const battery = await run(
            `SELECT device_id, max_by(battery, sent_at) AS battery, max(sent_at) AS sent_at
             FROM deviceping WHERE ("$path" IN (?) AND arrival_hour IN (?)) GROUP BY device_id ORDER BY 1`,
            [`'s3://lake/${pingKey("one")}'`, `'${hour}'`],
        );
        const week = await run(
            `SELECT date_trunc('hour', sent_at) AS hour, avg(battery) AS battery FROM devicebattery
             WHERE sent_at > current_timestamp - interval '7' day GROUP BY 1 ORDER BY 1`,
            undefined,
            { WorkGroup: "fleet-dev-batteryweek" },
        );

        expect(battery.csv).to.equal(
            '"device_id","battery","sent_at"\n"a","0.8","2026-11-21 03:20:00.250"\n"b","0.5","2026-11-21 03:10:00.000"\n',
        );
        expect(battery.bytes).to.equal(size);
        expect(week.csv).to.equal(
            '"hour","battery"\n"2026-11-20 10:00:00.000","0.75"\n"2026-11-21 03:00:00.000","0.25"\n',
        );
    });

    it("writes metadata and result into the workgroup's folder, with what caused them", async () => {
        const { run, put, s3 } = await lake();
        await put("plain/a", ['{"n":1}']);

        const { id } = await run("SELECT n FROM plain", undefined, {}, { keys: ["plain/a"], tier: 1 });

        const [csv, metadata] = s3.list("lake", "athena/");
        expect([csv!.key, metadata!.key]).to.deep.equal([
            `athena/devicebattery/${id}.csv`,
            `athena/devicebattery/${id}.csv.metadata`,
        ]);
        expect([csv!.cause, metadata!.cause]).to.deep.equal(Array(2).fill({ keys: ["plain/a"], tier: 2 }));
        expect(Number(metadata!.sequencer < csv!.sequencer)).to.equal(1);
        expect((await s3.read(metadata!)).includes(`${id}`)).to.equal(true);
    });

    it("journals each run with tier, trigger, rows and bytes, or why it failed", async () => {
        const { run, put, runtime } = await lake();
        const size = await put("plain/a", ['{"n":1}', '{"n":2}']);

        const good = await run("SELECT n FROM plain", undefined, {}, { keys: ["plain/a"], tier: 0 });
        const bad = await run("SELECT n / 0 FROM plain");

        expect(runtime.journal.of("run")).to.deep.equal([
            {
                ...{ kind: "run", query: "devicebattery", executionId: good.id, tier: 1, trigger: ["plain/a"] },
                ...{ state: "SUCCEEDED", rows: 2, bytesScanned: size },
            },
            {
                ...{ kind: "run", query: "devicebattery", executionId: bad.id, tier: 1, trigger: [] },
                ...{ state: "FAILED", reason: "DIVISION_BY_ZERO: Division by zero", rows: 0, bytesScanned: size },
            },
        ]);
    });

    it("ascribes a run to the objects that its parameters name, of all that the caller works on", async () => {
        const { run, runtime } = await lake();
        const cause = {
            keys: ["plain/a", "plain/it's", "processed/c"],
            tier: 1,
            tiers: { "plain/a": 0, "plain/it's": 0, "processed/c": 1 },
        };

        await run(
            'SELECT n FROM plain WHERE "$path" IN (?, ?)',
            ["'s3://lake/plain/a'", "'s3://lake/plain/it''s'"],
            {},
            cause,
        );
        await run("SELECT 1", undefined, {}, cause);

        expect(runtime.journal.of("run").map(({ tier, trigger }) => [tier, trigger])).to.deep.equal([
            [1, ["plain/a", "plain/it's"]],
            [2, ["plain/a", "plain/it's", "processed/c"]],
        ]);
    });

    it("reads nothing before there are objects, and nothing from empty ones", async () => {
        const { run, s3 } = await lake();
        await s3.put("lake", "plain/empty.json.gz", Buffer.alloc(0));
        await s3.put("lake", "plain/empty", Buffer.alloc(0));

        expect(await run("SELECT n, s FROM plain")).to.deep.include({ csv: '"n","s"\n', bytes: 0 });
        expect(await run("SELECT count(*) AS n, sum(n) AS s FROM plain")).to.deep.include({ csv: '"n","s"\n"0",\n' });
    });

    it("reads every type of a table exactly", async () => {
        const { run, put } = await lake();
        await put("plain/a.json.gz", [
            '{"n":9223372036854775807,"s":"a \\"q\\", b\\nü","d":99999999.99,"tags":["x",null],"at":{"lon":2,"LAT":1.5}}',
            '{"n":-9223372036854775808,"s":"","d":-0.05}',
            "{}",
        ]);

        const { csv } = await run("SELECT n, s, d, CAST(tags AS json) AS tags, at.lat, tags FROM plain ORDER BY n");

        expect(csv).to.equal(
            [
                '"n","s","d","tags","lat","tags"',
                '"-9223372036854775808","","-0.05",,,',
                '"9223372036854775807","a ""q"", b\nü","99999999.99","[""x"",null]","1.5","[x, null]"',
                ",,,,,",
                "",
            ].join("\n"),
        );
    });

    it("reads objects with hundreds of thousands of rows, and many small objects", async () => {
        const { run, put } = await lake();
        const line = (n: number) => `{"n":${n},"s":"${"x".repeat(20)}${n % 7}"}`;
        await put(
            "plain/big.json.gz",
            Array.from({ length: 20_000 }, (_, n) => line(n)),
        );
        for (let file = 0; file < 60; file++)
            await put(
                `plain/small/${file}.json.gz`,
                Array.from({ length: 10 }, (_, n) => line(n)),
            );

        const { csv } = await run("SELECT count(*) AS rows, sum(n) AS n, count(DISTINCT s) AS s FROM plain");

        expect(csv).to.equal(`"rows","n","s"\n"20600","${(19_999 * 20_000) / 2 + 60 * 45}","7"\n`);
    });
});

describe("Athena's pruning", () => {
    /** A lake with three hours of pings, and the sizes of their objects. */
    async function threeHours() {
        const { run, put, runtime } = await lake();
        (runtime.clock as VirtualClock).advanceTo(start + 2 * 3_600_000);
        const sizes: number[] = [];
        for (const [index, at] of ["2026/11/21/04", "2026/11/21/05", "2026/11/21/06"].entries())
            sizes.push(
                await put(
                    pingKey("a", at),
                    Array.from({ length: index + 1 }, () => ping(`device-${index}`, index, "2026-11-21 04:00:00")),
                ),
            );
        const [a, b, c] = sizes as [number, number, number];
        return { run, a, b, c, all: a + b + c };
    }
    const path = (at: string) => `'s3://lake/${pingKey("a", at)}'`;

    const cases: [where: string, read: ("a" | "b" | "c")[], rows: number][] = [
        ["1 = 1", ["a", "b", "c"], 6],
        ["arrival_hour = '2026/11/21/05'", ["b"], 2],
        ["'2026/11/21/05' <= arrival_hour", ["b", "c"], 5],
        ["arrival_hour IN ('2026/11/21/04', '2026/11/21/06')", ["a", "c"], 4],
        ["arrival_hour BETWEEN '2026/11/21/05' AND '2026/11/21/09'", ["b", "c"], 5],
        ["substr(arrival_hour, 12) = '06'", ["c"], 3],
        ["arrival_hour > '2026/11/21/04' AND battery > 1 AND arrival_hour < '2026/11/21/06'", ["b"], 0],
        ["arrival_hour = '2026/11/21/05' OR battery = 0", ["a", "b", "c"], 3],
        ["arrival_hour = '2026/11/21/05' OR arrival_hour = '2026/11/21/06'", ["b", "c"], 5],
        ["NOT arrival_hour = '2026/11/21/05'", ["a", "c"], 4],
        ["arrival_hour = '2030/01/01/00'", [], 0],
        [`"$path" = ${path("2026/11/21/05")}`, ["b"], 2],
        [`${path("2026/11/21/05")} = "$path"`, ["b"], 2],
        [`"$path" IN (${path("2026/11/21/04")}, ${path("2026/11/21/05")})`, ["a", "b"], 3],
        [`"$path" = ${path("2026/11/21/04")} OR "$path" = ${path("2026/11/21/05")}`, ["a", "b"], 3],
        [
            `"$path" BETWEEN 's3://lake/raw/v0/deviceping/2026/11/21/05' AND 's3://lake/raw/v0/deviceping/2026/11/21/06'`,
            ["b"],
            2,
        ],
        [`"$path" > 's3://lake/raw/v0/deviceping/2026/11/21/06'`, ["c"], 3],
        // Athena does not promise to leave files out for these.
        [`"$path" LIKE '%/05/%'`, ["a", "b", "c"], 2],
        [`upper("$path") = upper(${path("2026/11/21/05")})`, ["a", "b", "c"], 2],
        [`("$path" = ${path("2026/11/21/05")} AND arrival_hour = '2026/11/21/06')`, [], 0],
        ["arrival_hour IN (SELECT '2026/11/21/05')", ["a", "b", "c"], 2],
        [
            "EXISTS (SELECT 1 FROM deviceping AS inner_ WHERE inner_.arrival_hour = deviceping.arrival_hour AND inner_.arrival_hour = '2026/11/21/05')",
            ["a", "b", "c", "b"],
            2,
        ],
        ["battery = 0 OR EXISTS (SELECT 1 WHERE deviceping.arrival_hour = '2026/11/21/05')", ["a", "b", "c"], 3],
        ["random() >= 0 OR arrival_hour = '2026/11/21/05'", ["a", "b", "c"], 6],
    ];
    for (const [where, read, rows] of cases)
        it(`reads ${read.join(", ") || "nothing"} for ${where}`, async () => {
            const { run, ...sizes } = await threeHours();

            const { csv, bytes, reason } = await run(`SELECT count(*) AS rows FROM deviceping WHERE ${where}`);

            expect(reason).to.equal(undefined);
            expect(csv).to.equal(`"rows"\n"${rows}"\n`);
            expect(bytes).to.equal(read.reduce((sum, name) => sum + sizes[name], 0));
        });

    const joins: [string, (sizes: { a: number; b: number; c: number; all: number }) => number, string][] = [
        [
            "deviceping x JOIN deviceping y ON x.device_id = y.device_id AND y.arrival_hour = '2026/11/21/05'",
            ({ all, b }) => all + b,
            "4",
        ],
        [
            "deviceping x LEFT JOIN deviceping y ON y.arrival_hour = '2026/11/21/05' AND x.device_id = y.device_id",
            ({ all, b }) => all + b,
            "8",
        ],
        [
            "deviceping x LEFT JOIN deviceping y ON x.arrival_hour = '2026/11/21/05' AND x.device_id = y.device_id",
            ({ all }) => all + all,
            "8",
        ],
        [
            "deviceping x RIGHT JOIN deviceping y ON x.arrival_hour = '2026/11/21/05' AND x.device_id = y.device_id",
            ({ all, b }) => all + b,
            "8",
        ],
        [
            "deviceping x FULL JOIN deviceping y ON x.arrival_hour = '2026/11/21/05' AND x.device_id = y.device_id",
            ({ all }) => all + all,
            "12",
        ],
        [
            "deviceping x LEFT JOIN deviceping y ON x.device_id = y.device_id WHERE coalesce(y.arrival_hour, '2026/11/21/05') = '2026/11/21/05'",
            ({ all }) => all + all,
            "4",
        ],
        [
            "deviceping x LEFT JOIN deviceping y ON x.device_id = y.device_id WHERE x.arrival_hour = '2026/11/21/04'",
            ({ a, all }) => a + all,
            "1",
        ],
        ["(SELECT * FROM deviceping WHERE arrival_hour = '2026/11/21/06') x", ({ c }) => c, "3"],
    ];
    for (const [from, expected, rows] of joins)
        it(`reads what the join needs: ${from}`, async () => {
            const { run, ...sizes } = await threeHours();

            const { csv, bytes, reason } = await run(`SELECT count(*) AS rows FROM ${from}`);

            expect(reason).to.equal(undefined);
            expect(csv).to.equal(`"rows"\n"${rows}"\n`);
            expect(bytes).to.equal(expected(sizes));
        });

    for (const name of ["a b", "a=b", "ü 👍", "it's", 'say "x"', "a+b", "100%", "a%20b", "a?b&c#d", "a\\b"])
        it(`finds the object ${name} by its path`, async () => {
            const { run, put } = await lake();
            const key = pingKey(name);
            const size = await put(key, [ping("x", 1, "2026-11-21 04:00:00")]);
            await put(pingKey("other"), [ping("y", 1, "2026-11-21 04:00:00")]);

            const { csv, bytes } = await run(
                'SELECT device_id, "$path" FROM deviceping WHERE "$path" IN (?) AND arrival_hour IN (?)',
                [`'s3://lake/${key.replaceAll("'", "''")}'`, `'${hour}'`],
            );

            expect(csv).to.equal(`"device_id","$path"\n"x","s3://lake/${key.replaceAll('"', '""')}"\n`);
            expect(bytes).to.equal(size);
        });

    it("shows partition columns in *, behind the others, and never the path", async () => {
        const { run, put } = await lake();
        await put(pingKey("a"), [ping("x", 1, "2026-11-21 04:00:00")]);

        const { csv } = await run("SELECT * FROM deviceping AS p WHERE p.arrival_hour < '3'");

        expect(csv).to.equal(
            `"device_id","battery","sent_at","arrival_hour"\n"x","1.0","2026-11-21 04:00:00.000","${hour}"\n`,
        );
    });
});

describe("Athena's failed runs", () => {
    const mistakes: [string, string][] = [
        [
            "SELECT nope FROM plain",
            "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved or requester is not authorized to access requested resources",
        ],
        ["SELECT 1 FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.fleet_dev.nope' does not exist"],
        ["SELECT 1 FROM other.plain", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.other.plain' does not exist"],
        ["SELECT 1 FROM x.fleet_dev.plain", "TABLE_NOT_FOUND: line 1:15: Table 'x.fleet_dev.plain' does not exist"],
        ["SELECT word_stem(s) FROM plain", "NOT_SUPPORTED: line 1:8: function word_stem is not modelled locally"],
        [
            "SELECT s AS t FROM plain GROUP BY t",
            "COLUMN_NOT_FOUND: line 1:35: Column 't' cannot be resolved or requester is not authorized to access requested resources",
        ],
        ["SELECT n FROM plain WHERE n = '1'", "TYPE_MISMATCH: line 1:29: Cannot apply operator: bigint = varchar(1)"],
        ["SELECT CAST(s AS int) FROM plain", "INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT"],
        [
            "SELECT n FROM plain WHERE n = ?",
            "INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected 1 but found 0",
        ],
    ];
    for (const [sql, reason] of mistakes)
        it(`give the reason: ${sql}`, async () => {
            const { run, put, s3, execution } = await lake();
            await put("plain/a", ['{"n":1,"s":"a"}']);

            const { id, state, reason: given } = await run(sql);

            expect([state, given]).to.deep.equal(["FAILED", reason]);
            expect((await execution(id!)).Status.AthenaError).to.deep.equal({
                ErrorCategory: 2,
                ErrorType: 1000,
                Retryable: false,
                ErrorMessage: reason,
            });
            expect(s3.list("lake", "athena/")).to.deep.equal([]);
        });

    const contents: [string, Buffer | string, string][] = [
        [
            "a corrupt gzip",
            gzipSync('{"n":1}\n').subarray(0, 20),
            "HIVE_CURSOR_ERROR: Failed to read file: s3://lake/plain/a.json.gz: unexpected end of file",
        ],
        [
            "what is no gzip",
            '{"n":1}\n',
            "HIVE_CURSOR_ERROR: Failed to read file: s3://lake/plain/a.json.gz: incorrect header check",
        ],
        [
            "a malformed line",
            gzipSync('{"n":1}\n{"n":'),
            "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: the text ends inside a value (s3 object s3://lake/plain/a.json.gz, line 2)",
        ],
        [
            "a wrong type",
            gzipSync('{"n":"x"}'),
            "HIVE_BAD_DATA: Error parsing field value 'x' as bigint (column n: s3 object s3://lake/plain/a.json.gz, line 1)".replace(
                "'x'",
                "'\"x\"'",
            ),
        ],
        [
            "a missing delimiter",
            gzipSync('{"n":1}{"n":2}'),
            "HIVE_CURSOR_ERROR: there is more behind the JSON object, which Athena would silently leave out: a delimiter is missing (s3 object s3://lake/plain/a.json.gz, line 1)",
        ],
    ];
    for (const [what, body, reason] of contents)
        it(`come of ${what}`, async () => {
            const { run, s3 } = await lake();
            await s3.put("lake", "plain/a.json.gz", Buffer.from(body));

            expect(await run("SELECT n FROM plain")).to.deep.include({ state: "FAILED", reason });
        });

    for (const [what, body, reason] of [
        ["a corrupt zstd", zstdCompressSync('{"n":1}\n').subarray(0, 12), "unexpected end of file"],
        ["what is no zstd", Buffer.from('{"n":1}\n'), "Unknown frame descriptor"],
    ] as const)
        it(`come of ${what}`, async () => {
            const { run, s3 } = await lake();
            await s3.put("lake", "plain/a.json.zst", body);

            expect(await run("SELECT n FROM plain")).to.deep.include({
                state: "FAILED",
                reason: `HIVE_CURSOR_ERROR: Failed to read file: s3://lake/plain/a.json.zst: ${reason}`,
            });
        });

    it("do not come of zstd, nor of nothing by that name", async () => {
        const { run, s3 } = await lake();
        await s3.put("lake", "plain/a.json.zst", zstdCompressSync('{"n":1}\n{"n":2}\n'));
        await s3.put("lake", "plain/b.json.zst", Buffer.alloc(0));

        expect(await run("SELECT sum(n) AS n FROM plain")).to.deep.include({ csv: '"n"\n"3"\n' });
    });

    it("come of a compression that is not modelled", async () => {
        const { run, put } = await lake();
        await put("plain/a.json.bz2", ["{}"]);

        expect(await run("SELECT n FROM plain")).to.deep.include({
            reason: "NOT_SUPPORTED: reading the compressed object s3://lake/plain/a.json.bz2 is not modelled locally",
        });
    });

    it("do not come of malformed lines that the table ignores", async () => {
        const { run, put } = await lake();
        await put("lax/a", ['{"n":1}', "oops"]);

        expect(await run("SELECT count(*) AS c, count(n) AS n FROM lax")).to.deep.include({
            csv: '"c","n"\n"2","1"\n',
        });
    });

    it("come of a result folder in a bucket that is not there", async () => {
        const { run } = await lake();

        const { state, reason } = await run("SELECT 1", undefined, {
            WorkGroup: "fleet-dev-free",
            ResultConfiguration: { OutputLocation: "s3://nowhere/x/" },
        });

        expect(state).to.equal("FAILED");
        expect(reason).to.match(/^GENERIC_INTERNAL_ERROR: /);
    });
});

describe("Athena's API", () => {
    it("answers the AWS SDK", async () => {
        const { runtime, athena } = await lake();
        const { server } = await testServer(runtime, () => [athena]);
        const client = new AthenaClient({
            endpoint: server.url,
            region: "us-east-1",
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
        });
        afterTest(() => client.destroy());

        const { QueryExecutionId } = await client.send(
            new StartQueryExecutionCommand({ QueryString: "SELECT 1", WorkGroup: "fleet-dev-devicebattery" }),
        );
        await runtime.work.idle();
        const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
        const error = await rejection(
            client.send(
                new StartQueryExecutionCommand({ QueryString: "SELEC 1", WorkGroup: "fleet-dev-devicebattery" }),
            ),
        );

        expect(QueryExecution!.Status!.State).to.equal("SUCCEEDED");
        expect(QueryExecution!.Status!.SubmissionDateTime).to.deep.equal(new Date(start));
        expect([error.name, error.message]).to.deep.equal([
            "InvalidRequestException",
            "line 1:1: mismatched input 'SELEC'",
        ]);
    });

    it("describes a run, with the times of the runtime's clock", async () => {
        const { startQuery, execution, runtime } = await lake();
        (runtime.clock as VirtualClock).advanceTo(start + 1500);

        const { QueryExecutionId } = await startQuery("SELECT ?", { ExecutionParameters: ["1"] });
        const before = await execution(QueryExecutionId);
        await runtime.work.idle();
        const after = await execution(QueryExecutionId);

        expect(before.Status).to.deep.equal({ State: "RUNNING", SubmissionDateTime: start / 1000 + 1.5 });
        expect(after).to.deep.include({
            ...{
                QueryExecutionId,
                Query: "SELECT ?",
                StatementType: "DML",
                SubstatementType: "SELECT",
                ExecutionParameters: ["1"],
            },
            ...{ WorkGroup: "fleet-dev-devicebattery", QueryExecutionContext: { Database: "fleet_dev" } },
            ResultConfiguration: {
                OutputLocation: `s3://lake/athena/devicebattery/${QueryExecutionId}.csv`,
                EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
            },
            Status: {
                State: "SUCCEEDED",
                SubmissionDateTime: start / 1000 + 1.5,
                CompletionDateTime: start / 1000 + 1.5,
            },
        });
        expect(after.Statistics.EngineExecutionTimeInMillis).to.be.greaterThan(0);
    });

    it("starts one run for a token, and refuses other parameters with it", async () => {
        const { startQuery, runtime } = await lake();
        const token = { ClientRequestToken: "t".repeat(64), ExecutionParameters: ["1"] };

        const first = await startQuery("SELECT ?", token);
        const again = await startQuery("SELECT ?", token);
        await runtime.work.idle();
        const later = await startQuery("SELECT ?", token);
        const other = await startQuery("SELECT ?", { ...token, ExecutionParameters: ["2"] });
        const case_ = await startQuery("SELECT ?", { ...token, ClientRequestToken: "T".repeat(64) });

        expect([again.QueryExecutionId, later.QueryExecutionId]).to.deep.equal([
            first.QueryExecutionId,
            first.QueryExecutionId,
        ]);
        expect(other).to.deep.equal({
            ...{
                status: 400,
                __type: "InvalidRequestException",
                Message: "Idempotent parameters do not match",
                AthenaErrorCode: "INVALID_INPUT",
            },
        });
        expect(case_.QueryExecutionId).to.not.equal(first.QueryExecutionId);
        await runtime.work.idle();
        expect(runtime.journal.of("run")).to.have.length(2);
    });

    it("cancels a run that would scan more than its workgroup allows", async () => {
        const { run, put, s3 } = await lake();
        await put("plain/a", ["{}".padEnd(90)]);
        const small = { WorkGroup: "fleet-dev-small" };
        const within = await run("SELECT count(*) AS c FROM plain", undefined, small);
        await put("plain/b", ["{}".padEnd(90)]);

        const beyond = await run("SELECT count(*) AS c FROM plain", undefined, small);

        expect(within.csv).to.equal('"c"\n"1"\n');
        expect(beyond).to.deep.include({
            state: "CANCELLED",
            reason: "Query cancelled! : Bytes scanned limit was exceeded",
            bytes: 182,
        });
        expect(s3.list("lake", `athena/small/${beyond.id}`)).to.deep.equal([]);
    });

    it("writes where the workgroup says, or the request where that is not enforced", async () => {
        const { run, s3 } = await lake();
        const mine = { ResultConfiguration: { OutputLocation: "s3://lake/mine" } };

        const enforced = await run("SELECT 1", undefined, mine);
        const free = await run("SELECT 1", undefined, { ...mine, WorkGroup: "fleet-dev-free" });
        const own = await run("SELECT 1", undefined, { WorkGroup: "fleet-dev-free" });
        const primary = await run("SELECT 1", undefined, { ...mine, WorkGroup: undefined });
        const nowhere = await run("SELECT 1", undefined, { WorkGroup: "primary" });

        expect(
            s3
                .list("lake")
                .map(({ key }) => key)
                .filter((key) => key.endsWith(".csv"))
                .sort(),
        ).to.deep.equal(
            [
                `athena/devicebattery/${enforced.id}.csv`,
                `athena/free/${own.id}.csv`,
                `mine/${free.id}.csv`,
                `mine/${primary.id}.csv`,
            ].sort(),
        );
        expect(nowhere.refused).to.match(/^InvalidRequestException: No output location provided/);
    });

    const refusals: [string, object, string][] = [
        ["no statement", { QueryString: " " }, "QueryString is required and can't be empty"],
        [
            "a statement of more than 262,144 bytes",
            { QueryString: `SELECT '${"ü".repeat(131_072)}'` },
            "QueryString is longer than 262144 bytes",
        ],
        ["a short token", { ClientRequestToken: "x".repeat(31) }, "ClientRequestToken must have 32 to 128 characters"],
        ["a long token", { ClientRequestToken: "x".repeat(129) }, "ClientRequestToken must have 32 to 128 characters"],
        [
            "an empty parameter",
            { ExecutionParameters: [""] },
            "Each of ExecutionParameters must have 1 to 1024 characters",
        ],
        [
            "a long parameter",
            { ExecutionParameters: ["1".repeat(1025)] },
            "Each of ExecutionParameters must have 1 to 1024 characters",
        ],
        [
            "another catalog",
            { QueryExecutionContext: { Catalog: "dynamo" } },
            "the catalog dynamo is not modelled on this machine",
        ],
        ["an unknown workgroup", { WorkGroup: "nope" }, "WorkGroup nope is not found."],
        ["a disabled workgroup", { WorkGroup: "fleet-dev-off" }, "WorkGroup fleet-dev-off is disabled."],
        [
            "a statement that is no query",
            { QueryString: "DROP DATABASE plain" },
            "line 1:1: the statement DROP DATABASE is not modelled locally",
        ],
        ["a statement that can't be parsed", { QueryString: "SELECT\n FROM" }, "line 2:2: mismatched input 'FROM'"],
    ];
    for (const [what, input, message] of refusals)
        it(`refuses ${what} at once`, async () => {
            const { startQuery, runtime } = await lake();

            const answer = await startQuery("SELECT 1", input);

            expect(answer).to.deep.include({ status: 400, __type: "InvalidRequestException", Message: message });
            expect(runtime.journal.of("run")).to.deep.equal([]);
        });

    it("gives results in pages, the header first, NULL as nothing", async () => {
        const { run, call } = await lake();
        const { id } = await run("SELECT x, CAST(x AS decimal(4,1)) AS d FROM (VALUES 1, NULL, 3) t(x) ORDER BY x");
        const page = async (more: object) => call("GetQueryResults", { QueryExecutionId: id, ...more });

        const all = await page({});
        const first = await page({ MaxResults: 3 });
        const second = await page({ MaxResults: 3, NextToken: first.NextToken });
        const wrong = await page({ MaxResults: 1001 });

        const row = (...cells: (string | undefined)[]) => ({
            Data: cells.map((cell) => (cell === undefined ? {} : { VarCharValue: cell })),
        });
        expect(all.ResultSet.Rows).to.deep.equal([
            row("x", "d"),
            row("1", "1.0"),
            row("3", "3.0"),
            row(undefined, undefined),
        ]);
        expect(all.NextToken).to.equal(undefined);
        expect(
            all.ResultSet.ResultSetMetadata.ColumnInfo.map((info: Record<string, unknown>) => [
                info.Name,
                info.Type,
                info.Precision,
                info.Scale,
            ]),
        ).to.deep.equal([
            ["x", "integer", 10, 0],
            ["d", "decimal", 4, 1],
        ]);
        expect([...first.ResultSet.Rows, ...second.ResultSet.Rows]).to.deep.equal(all.ResultSet.Rows);
        expect(second.NextToken).to.equal(undefined);
        expect(wrong.Message).to.contain("MaxResults is more than maximum allowed length 1000");
    });

    it("gives no results of runs that are not done, or failed, or whose file is gone", async () => {
        const { startQuery, run, call, runtime, s3 } = await lake();
        const results = async (id: string) => (await call("GetQueryResults", { QueryExecutionId: id })).Message;

        const running = await results((await startQuery("SELECT 1")).QueryExecutionId);
        await runtime.work.idle();
        const failed = await results((await run("SELECT 1/0")).id!);
        const { id } = await run("SELECT 1");
        s3.delete("lake", `athena/devicebattery/${id}.csv`);

        expect(running).to.equal("Query has not yet finished. Current state: RUNNING");
        expect(failed).to.equal("Query did not finish successfully. Final query state: FAILED");
        expect(await results(id!)).to.equal(`Could not find results at s3://lake/athena/devicebattery/${id}.csv`);
        expect(await results("nope")).to.equal("QueryExecution nope was not found");
    });

    it("stops a run, and keeps it stopped", async () => {
        const { startQuery, call, execution, put, runtime, s3 } = await lake();
        await put("plain/a", ["{}"]);

        const { QueryExecutionId } = await startQuery(
            "SELECT count(*) FROM plain, UNNEST(sequence(1, 3000)) a(x), UNNEST(sequence(1, 3000)) b(y), UNNEST(sequence(1, 3000)) c(z)",
        );
        const stopped = await call("StopQueryExecution", { QueryExecutionId });
        await call("StopQueryExecution", { QueryExecutionId });
        await runtime.work.idle();

        expect(stopped.status).to.equal(200);
        expect((await execution(QueryExecutionId)).Status).to.deep.include({
            State: "CANCELLED",
            StateChangeReason: "Query cancelled by user",
        });
        expect(runtime.journal.of("run").map(({ state }) => state)).to.deep.equal(["CANCELLED"]);
        expect(s3.list("lake", "athena/")).to.deep.equal([]);
    });

    it("interrupts a statement that is running", async () => {
        const { startQuery, call, runtime } = await lake();
        const { QueryExecutionId } = await startQuery(
            "SELECT sum(x * y) FROM UNNEST(sequence(1, 300000)) a(x), UNNEST(sequence(1, 300000)) b(y)",
        );
        await new Promise((resolve) => setTimeout(resolve, 100));

        await call("StopQueryExecution", { QueryExecutionId });

        await runtime.work.idle();
        expect(runtime.journal.of("run").map(({ state }) => state)).to.deep.equal(["CANCELLED"]);
    });

    it("runs four statements at a time and queues the others", async () => {
        const { startQuery, execution, call, runtime } = await lake();
        const startSeven = async () => {
            const ids: string[] = [];
            for (let n = 0; n < 7; n++) ids.push((await startQuery(`SELECT ${n}`)).QueryExecutionId);
            return ids;
        };
        const states = (ids: string[]) => Promise.all(ids.map(async (id) => (await execution(id)).Status.State));

        const first = await startSeven();
        const started = await states(first);
        await call("StopQueryExecution", { QueryExecutionId: first[6] });
        await runtime.work.idle();
        const second = await states(await startSeven());
        await runtime.work.idle();

        const running = [...Array(4).fill("RUNNING"), ...Array(3).fill("QUEUED")];
        expect([started, second]).to.deep.equal([running, running]);
        expect(await states(first)).to.deep.equal([...Array(6).fill("SUCCEEDED"), "CANCELLED"]);
    });

    it("describes several runs at once, and names those that it does not know", async () => {
        const { run, call } = await lake();
        const { id } = await run("SELECT 1");

        const answer = await call("BatchGetQueryExecution", { QueryExecutionIds: [id, "nope"] });

        expect(answer.QueryExecutions.map((one: { QueryExecutionId: string }) => one.QueryExecutionId)).to.deep.equal([
            id,
        ]);
        expect(answer.UnprocessedQueryExecutionIds).to.deep.equal([
            { QueryExecutionId: "nope", ErrorCode: "INVALID_INPUT", ErrorMessage: "QueryExecution nope was not found" },
        ]);
    });

    it("describes workgroups", async () => {
        const { call } = await lake();

        const { WorkGroup } = await call("GetWorkGroup", { WorkGroup: "fleet-dev-small" });

        expect(WorkGroup).to.deep.equal({
            ...{ Name: "fleet-dev-small", State: "ENABLED" },
            Configuration: {
                EnforceWorkGroupConfiguration: true,
                ResultConfiguration: {
                    OutputLocation: "s3://lake/athena/small/",
                    EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
                },
                BytesScannedCutoffPerQuery: 100,
                EngineVersion: { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: "Athena engine version 3" },
            },
        });
    });

    it("refuses other operations by name, and what is no JSON", async () => {
        const { call, athena } = await lake();

        const unknown = await call("CreateWorkGroup", {});
        const { status, body } = await athena.handle({
            ...{ method: "POST", path: "/", query: new URLSearchParams(), headers: {}, body: Buffer.from("{") },
        });

        expect(unknown).to.deep.include({
            __type: "InvalidRequestException",
            Message: "CreateWorkGroup is not modelled on this machine",
        });
        expect([status, JSON.parse(String(body)).__type]).to.deep.equal([400, "SerializationException"]);
    });

    it("refuses workgroups with a configuration that is not modelled", async () => {
        const error = await rejection(
            lake([workgroup("managed", { managedQueryResultsConfiguration: { enabled: true } })]),
        );

        expect(error.message).to.equal(
            "workgroup managed: configuration.managedQueryResultsConfiguration is not modelled on this machine: leave it out",
        );
    });
});

describe("Athena's engine", () => {
    it("says how to install what is missing", async () => {
        const error = await rejection(Engine.start("/tmp", () => Promise.reject(new Error("Cannot find module"))));

        expect(error.message).to.equal(
            "Athena runs on DuckDB here, and @duckdb/node-api@1.5.5-r.5 can't be loaded (Cannot find module). Install it: npm install --save-dev @duckdb/node-api@1.5.5-r.5",
        );
    });

    it("starts with the first statement where a program has no workgroup", async () => {
        const runtime = testRuntime([bucket("lake")]);
        const athena = await Athena.start(runtime, new S3(runtime), new Glue(runtime));
        afterTest(() => athena.stop());
        const body = Buffer.from(
            JSON.stringify({ QueryString: "SELECT 1", ResultConfiguration: { OutputLocation: "s3://lake/out/" } }),
        );

        await athena.handle({
            method: "POST",
            path: "/",
            query: new URLSearchParams(),
            headers: { "x-amz-target": "AmazonAthena.StartQueryExecution" },
            body,
        });
        await runtime.work.idle();

        expect(runtime.journal.of("run")).to.have.length(1);
    });
});
