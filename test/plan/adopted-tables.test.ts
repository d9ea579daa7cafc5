import { expect } from "chai";
import { type AdoptedTableArgs, type PipelineShape, planPipeline, planTable } from "../../plan";
import { columns, ingest, problemsIn, problemsOf, query, untyped } from "./factories";

const exported: AdoptedTableArgs = { prefix: "exports/", columns: columns("name string") };

const pipeline = (tables: Record<string, AdoptedTableArgs>, more: PipelineShape = {}): PipelineShape => ({
    ingest: { pings: ingest() },
    tables,
    ...more,
});

describe("an adopted table", () => {
    it("is read by queries, starts them, and is what their :new_data speaks of", () => {
        const plan = planPipeline(
            pipeline(
                { event: { ...exported, partition: "hive_hour", since: "2025-02-03" } },
                { queries: { "exports/": [query("totals", { sql: "SELECT 1 AS n FROM event WHERE :new_data" })] } },
            ),
        );

        expect(plan.tables.map(({ name }) => name)).to.deep.equal(["event", "pings", "totals"]);
        expect(plan.tables[0]).to.deep.equal({
            name: "event",
            prefix: "exports/",
            columns: [{ name: "name", type: { kind: "string" }, hiveType: "string" }],
            partition: { layout: "hive_hour", columns: ["year", "month", "day", "hour"], since: "2025-02-03" },
        });
        expect(plan.queries[0]!.newData).to.equal(plan.tables[0]);
        expect(plan.queries[0]!.tier).to.equal(1);
        expect(plan.notifiedFolders).to.deep.equal(["exports/"]);
    });

    it("starts processors, in an adopted bucket and in an own one", () => {
        const processors = { "exports/": [{ name: "forecast" }] };

        for (const bucket of [undefined, { existing: "lake", eventBridge: true }]) {
            expect(problemsOf({ bucket, tables: { event: exported }, processors })).to.deep.equal([]);
        }
    });

    it("has no role whose name could be too long", () => {
        const name = "p".repeat(60);

        expect(
            problemsIn(() => planPipeline({ tables: { event: exported }, ingest: { a: ingest() } }, name)),
        ).to.deep.equal([
            "ingest.a: with the pipeline's name the role of its function is called too long by 21: shorten one of the names",
        ]);
    });

    it("of CSV has the SerDe's defaults, where nothing else is said", () => {
        const csv = (args?: AdoptedTableArgs["csv"]) =>
            planTable({ name: "a", ...exported, format: "csv", csv: args }).csv;

        expect(csv()).to.deep.equal({ separator: ",", quote: '"', escape: "\\", headerLines: 0 });
        expect(csv({ separator: "\t", quote: "'", escape: "^", headerLines: 2 })).to.deep.equal({
            ...{ separator: "\t", quote: "'", escape: "^", headerLines: 2 },
        });
    });

    it("of a load balancer's log has the log's columns", () => {
        const { columns, format } = planTable({ name: "requests", prefix: "alb-logs/", format: "alb-log" });

        expect(format).to.equal("alb-log");
        expect(columns).to.have.length(34);
        expect(columns[0]).to.deep.include({ name: "type", hiveType: "string" });
        expect(columns.at(-1)).to.deep.include({ name: "conn_trace_id", hiveType: "string" });
    });

    const csvTypes = "use one of `string`, `boolean`, `int`, `bigint`, `double`";
    const layouts = "`arrival_hour`, `arrival_day`, `run_date`, `hive_day`, `hive_hour`";
    for (const [title, tables, problems] of [
        ["that is none", { event: undefined }, ["tables.event: is missing"]],
        ["a list of them", [exported], ["tables: must be an object"]],
        [
            "without all it needs",
            { Event: {} },
            [
                "tables.Event: `Event` cannot name a table: use lower-case letters, digits and `_`, a letter first",
                "tables.Event.prefix: is missing",
                "tables.Event.columns: is missing",
            ],
        ],
        [
            "by a name that is taken",
            { pings: exported },
            [
                "tables.pings: `pings` already names the ingest at ingest.pings: its table and resources are called so, rename one",
            ],
        ],
        [
            "where an ingest writes",
            { event: { ...exported, prefix: "raw/v0/" } },
            [
                "tables.event.prefix: `raw/v0/` overlaps `raw/v0/pings/` of ingest `pings`: " +
                    "nothing is written where a table reads what others write, so choose another folder",
            ],
        ],
        [
            "where another one reads",
            { event: exported, day: { ...exported, prefix: "exports/days/" } },
            [
                "tables.day.prefix: `exports/days/` overlaps `exports/` of table `event`: a table reads everything under its prefix, so give each its own",
            ],
        ],
        [
            "in a folder of the pipeline's",
            { event: { ...exported, prefix: "failed/exports/" } },
            [
                "tables.event.prefix: `failed/exports/` lies under `failed/`, which the pipeline keeps for itself: choose another folder",
            ],
        ],
        [
            "below a prefix that S3's events encode",
            { event: { ...exported, prefix: "exports/year=2026/" } },
            [
                'tables.event.prefix: `exports/year=2026/` holds "=", which S3 events encode, so that no filter matches it: ' +
                    "use letters, digits, `-`, `_`, `.` and `/`",
            ],
        ],
        [
            "of an unknown format and layout",
            { event: { ...exported, format: "orc", partition: "daily" } },
            [
                `tables.event.partition: must be one of ${layouts}`,
                "tables.event.format: must be one of `json`, `csv`, `parquet`, `alb-log`",
            ],
        ],
        [
            "with a first day of no folders",
            { event: { ...exported, since: "2026-01-01" } },
            ["tables.event.since: is the first day of the folders: name these in `partition`, or leave this out"],
        ],
        [
            "with a column that hides a folder's",
            { event: { ...exported, columns: columns("month int"), partition: "hive_day" } },
            ["tables.event.columns[0].name: `month` hides the partition column of this name: rename it"],
        ],
        [
            "of a load balancer's log with columns",
            { event: { ...exported, format: "alb-log" } },
            ["tables.event.columns: are given by the format `alb-log`: leave this out"],
        ],
        [
            "of JSON, said to be CSV",
            { event: { ...exported, csv: {} } },
            ["tables.event.csv: is for the format `csv`: say so in `format`, or leave this out"],
        ],
        [
            "of CSV that is written as nothing is",
            { event: { ...exported, format: "csv", csv: "tabs" } },
            ["tables.event.csv: must be an object"],
        ],
        [
            "of CSV with wrong characters",
            {
                event: {
                    ...exported,
                    format: "csv",
                    csv: { separator: "\n", quote: "ä", escape: "", headerLines: -1 },
                },
            },
            [
                "tables.event.csv.separator: must be one ASCII character, no line break",
                "tables.event.csv.quote: must be one ASCII character, no line break",
                "tables.event.csv.escape: must be one ASCII character, no line break",
                "tables.event.csv.headerLines: must be a whole number of lines, 0 or more",
            ],
        ],
        [
            "of CSV with one character for two things",
            { event: { ...exported, format: "csv", csv: { escape: '"' } } },
            ["tables.event.csv.escape: is the same character as `quote`: choose another one"],
        ],
        [
            "of CSV with types that Athena misreads",
            { event: { ...exported, format: "csv", columns: columns("a timestamp", "b int", "c decimal(9,2)") } },
            [
                `tables.event.columns: \`a\` is \`timestamp\`, which Athena does not read from CSV as it is written: declare it \`string\` and cast it in the query, or ${csvTypes}`,
                `tables.event.columns: \`c\` is \`decimal(9,2)\`, which Athena does not read from CSV as it is written: declare it \`string\` and cast it in the query, or ${csvTypes}`,
            ],
        ],
    ] as [string, unknown, string[]][]) {
        it(`is refused: ${title}`, () => {
            expect(problemsOf(pipeline(untyped(tables)))).to.deep.equal(problems);
        });
    }

    const nothingWritten = "nothing is written where a table reads what others write, so choose another folder";
    for (const [title, prefix] of [
        ["below it", "exports/data/v0/"],
        ["above it", "exports/"],
        ["at it", "exports/data/"],
    ] as const) {
        it(`has nothing written ${title}`, () => {
            const found = problemsOf(
                pipeline(
                    { event: { ...exported, prefix: "exports/data/" } },
                    {
                        queries: { "raw/v0/pings/": [query("q", { output: { prefix, columns: columns("n int") } })] },
                        processors: { "raw/v0/pings/": [{ name: "p", output: { prefix } }] },
                    },
                ),
            );

            const overlap = `\`${prefix}\` overlaps \`exports/data/\` of table \`event\`: ${nothingWritten}`;
            expect(found).to.include.members([
                `queries["raw/v0/pings/"][0].output.prefix: ${overlap}`,
                `processors["raw/v0/pings/"][0].output.prefix: ${overlap}`,
            ]);
        });
    }
});
