import { expect } from "chai";
import { Compression, type PipelineShape, planPipeline, planQueries, planTable, type QueryShape } from "../../plan";
import { columns, ingest, pipelineWith, problemsIn, problemsOf, query, untyped } from "./factories";

const path = 'queries["raw/v0/pings/"][0]';

/** The problems of a query over `pings`, without the path that all of them share. */
const problemsOfQuery = (overrides: object) =>
    problemsOf({
        ingest: { pings: ingest() },
        queries: { "raw/v0/pings/": [untyped<QueryShape>({ ...query("totals"), ...overrides })] },
    }).map((problem) => problem.slice(path.length + 1));

describe("a query", () => {
    it("appends its results by day", () => {
        const plan = planPipeline(pipelineWith("SELECT count(*) AS n FROM pings"));

        expect(plan.queries).to.deep.equal([
            {
                name: "totals",
                trigger: "raw/v0/pings/",
                tier: 1,
                sql: ["SELECT count(*) AS n FROM pings"],
                output: {
                    prefix: "processed/v0/totals/",
                    mode: "append",
                    table: {
                        name: "totals",
                        prefix: "processed/v0/totals/",
                        columns: [{ name: "n", type: { kind: "integer", bits: 32 }, hiveType: "int" }],
                        partition: { layout: "run_date", columns: ["run_date"], since: "2026-01-01" },
                    },
                },
            },
        ]);
    });

    it("may replace its result, which then has no partitions", () => {
        const output = { ...query("totals").output, mode: "replace" as const };

        const plan = planPipeline({
            ingest: { pings: ingest() },
            queries: { "raw/v0/pings/": [query("totals", { output })] },
        });

        expect(plan.queries[0]!.output.mode).to.equal("replace");
        expect(plan.queries[0]!.output.table).not.to.have.property("partition");
    });

    it("may read any table of the pipeline, its own too, in any case", () => {
        const sql = "SELECT n FROM PINGS, totals, sums";

        const found = problemsOf({
            ingest: { pings: ingest() },
            queries: { "raw/v0/pings/": [query("totals", { sql }), query("sums")] },
        });

        expect(found).to.deep.equal([]);
    });

    const cutoff =
        "bytesScannedCutoff: must be a whole number of at least 10000000 bytes: Athena takes no smaller limit";
    for (const [title, overrides, problems] of [
        ["without SQL", { sql: undefined }, ["sql: is missing"]],
        ["with SQL that is none", { sql: {} }, ["sql: must be a plain string, known before deployment"]],
        ["without output", { output: undefined }, ["output: is missing"]],
        ["with a prefix as output", { output: "x/" }, ["output: must be an object"]],
        ["with nothing in its output", { output: {} }, ["output.prefix: is missing", "output.columns: is missing"]],
        [
            "with another mode",
            { output: { ...query("totals").output, mode: "overwrite" } },
            ["output.mode: must be `append` or `replace`"],
        ],
        ...["lz4", 6, null].map((compression) => [
            `with the compression ${compression}`,
            { output: { ...query("totals").output, compression } },
            ["output.compression: must be `small`, `balanced`, `fast` or `zstd`"],
        ]),
        ["with a small limit", { bytesScannedCutoff: 9_999_999 }, [cutoff]],
        ["with half bytes as limit", { bytesScannedCutoff: 10_000_000.5 }, [cutoff]],
        ["with a text as limit", { bytesScannedCutoff: "10 GB" }, [cutoff]],
        ...[0, 86_401, 1.5, "1 h", null, Promise.resolve(60)].map((minimumInterval) => [
            `with the interval ${minimumInterval}`,
            { minimumInterval },
            ["minimumInterval: must be a whole number of seconds from 1 to 86400 (a day), known before deployment"],
        ]),
        [
            "with several statements",
            { sql: "SELECT 1; SELECT 2" },
            ["sql: has several statements: keep one, and give the others queries of their own"],
        ],
        ["over a misspelt table", { sql: "SELECT 1 FROM ping" }, ["sql: unknown table `ping`: did you mean `pings`?"]],
        [
            "over a table of others",
            { sql: "SELECT 1 FROM customers" },
            ["sql: unknown table `customers`: there is `pings`, `totals`"],
        ],
        [
            "with an unknown parameter",
            { sql: "SELECT 1 FROM pings WHERE a = :unknown" },
            ["sql: unknown parameter `:unknown`: there is `:new_data`, and `:new_data(alias)` where tables are joined"],
        ],
    ] as [string, object, string[]][]) {
        it(`${title}, is refused`, () => {
            expect(problemsOfQuery(overrides)).to.deep.equal(problems);
        });
    }

    it("may limit what it scans", () => {
        expect(problemsOfQuery({ bytesScannedCutoff: 10_000_000 })).to.deep.equal([]);
    });

    for (const compression of Object.values(Compression)) {
        it(`may compress its results: ${compression}`, () => {
            const { queries } = planPipeline({
                ingest: { pings: ingest() },
                queries: { "raw/v0/pings/": [query("totals", { output: { ...query("totals").output, compression } })] },
            });

            expect(queries[0]?.output).to.include({ compression });
        });
    }

    for (const minimumInterval of [1, 86_400]) {
        it(`may run every ${minimumInterval} seconds at most`, () => {
            const { queries } = planPipeline({
                ingest: { pings: ingest() },
                queries: { "raw/v0/pings/": [query("totals", { minimumInterval })] },
            });

            expect(queries[0]).to.include({ minimumInterval });
        });
    }

    it("of a list that is none, is refused", () => {
        const queries = untyped<PipelineShape["queries"]>({
            "raw/v0/pings/": query("totals"),
            "raw/": [null],
            "x/": undefined,
        });

        const found = problemsOf({ ingest: { pings: ingest() }, queries });

        expect(found).to.deep.equal([
            'queries["raw/v0/pings/"]: must be a list',
            'queries["raw/"][0]: is missing',
            'queries["x/"]: is missing',
        ]);
    });
});

describe(":new_data", () => {
    /** Two ingests and the query `totals` over the trigger. */
    const pipelineOver = (sql: string, trigger = "raw/v0/pings/"): PipelineShape => ({
        ingest: { pings: ingest(), devices: ingest() },
        queries: { [trigger]: [query("totals", { sql })] },
    });

    for (const [title, sql] of [
        ["the only table", "SELECT 1 FROM pings WHERE :new_data"],
        ["the only table, by its name", "SELECT 1 FROM pings WHERE :new_data(pings)"],
        ["the only table, by its alias", "SELECT 1 FROM pings p WHERE :new_data(p)"],
        ["a joined table, by its alias", "SELECT 1 FROM pings p JOIN devices d ON p.a = d.a WHERE :new_data(P)"],
        ["a joined table, by its name", "SELECT 1 FROM Pings, devices WHERE :new_data(pings)"],
        ["both of a table joined with itself", "SELECT 1 FROM pings a, pings b WHERE :new_data(a) AND :new_data(b)"],
        ["a table with its lists unnested", "SELECT 1 FROM pings CROSS JOIN UNNEST(a) AS t (x) WHERE :new_data"],
        ["the table in a subquery", "SELECT 1 FROM devices WHERE a IN (SELECT a FROM pings WHERE :new_data)"],
    ] as const) {
        it(`speaks of ${title}`, () => {
            const plan = planPipeline(pipelineOver(sql));

            expect(plan.queries[0]!.newData!.name).to.equal("pings");
            expect(plan.queries[0]!.newData!.partition!.layout).to.equal("arrival_hour");
        });
    }

    it("speaks of the table that covers a narrower trigger", () => {
        const plan = planPipeline(pipelineOver("SELECT 1 FROM pings WHERE :new_data", "raw/v0/pings/2026/"));

        expect(plan.queries[0]!.newData!.name).to.equal("pings");
    });

    it("is not needed", () => {
        const plan = planPipeline(pipelineOver("SELECT 1 FROM devices", "raw/"));

        expect(plan.queries[0]).not.to.have.property("newData");
    });

    const covers = "`pings`, which the trigger covers";
    const elsewhere = `\`:new_data\` speaks of ${covers}: put it into the WHERE of a SELECT whose FROM lists \`pings\``;
    const ambiguous = "`:new_data` is ambiguous where FROM lists several tables: write";
    for (const [title, sql, problem] of [
        ["of a table that is not read", "SELECT 1 FROM devices WHERE :new_data", elsewhere],
        ["without a FROM", "SELECT 1 WHERE :new_data", elsewhere],
        ["outside the subquery that reads the table", "SELECT 1 FROM (SELECT * FROM pings) WHERE :new_data", elsewhere],
        ["of a name that hides the table", "WITH pings AS (SELECT 1) SELECT 1 FROM pings WHERE :new_data", elsewhere],
        ["without alias in a join", "SELECT 1 FROM pings p, devices WHERE :new_data", `${ambiguous} \`:new_data(p)\``],
        [
            "without alias in a self-join",
            "SELECT 1 FROM pings a, pings b WHERE :new_data",
            `${ambiguous} \`:new_data(a)\` or \`:new_data(b)\``,
        ],
        [
            "without alias beside a subquery",
            "SELECT 1 FROM (SELECT 1) x, pings WHERE :new_data",
            `${ambiguous} \`:new_data(pings)\``,
        ],
        [
            "with the alias of another table",
            "SELECT 1 FROM pings, devices d WHERE :new_data(d)",
            `\`:new_data(d)\` does not name ${covers}: write \`:new_data(pings)\``,
        ],
        [
            "with an alias that is none",
            "SELECT 1 FROM pings WHERE :new_data(p)",
            `\`:new_data(p)\` does not name ${covers}: write \`:new_data(pings)\``,
        ],
        [
            "with the name of a table that has an alias",
            "SELECT 1 FROM pings p WHERE :new_data(pings)",
            `\`:new_data(pings)\` does not name ${covers}: write \`:new_data(p)\``,
        ],
    ] as const) {
        it(`${title}, is refused`, () => {
            expect(problemsOf(pipelineOver(sql))).to.deep.equal([`${path}.sql: ${problem}`]);
        });
    }

    it("under a trigger wider than a table, is refused", () => {
        const found = problemsOf(pipelineOver("SELECT 1 FROM pings WHERE :new_data", "raw/"));

        expect(found).to.deep.equal([
            'queries["raw/"][0].sql: `:new_data` has no table, since none covers the trigger `raw/`: ' +
                "start the query from one table's prefix, `raw/v0/pings/`, `raw/v0/devices/`",
        ]);
    });

    it("under a trigger without a table, is refused", () => {
        const found = problemsOf({
            ...pipelineOver("SELECT 1 FROM pings WHERE :new_data", "exports/"),
            bucket: { existing: "lake", eventBridge: true },
        });

        expect(found).to.deep.equal([
            'queries["exports/"][0].sql: `:new_data` has no table, since none covers the trigger `exports/`: ' +
                "leave it out, or start the query from a table's prefix",
        ]);
    });

    it("under a trigger that is refused, is not judged", () => {
        const found = problemsOf(pipelineOver("SELECT 1 FROM pings WHERE :new_data", "raw/v0/pings"));

        expect(found).to.deep.equal(['queries["raw/v0/pings"]: `raw/v0/pings` must end in `/`: write `raw/v0/pings/`']);
    });
});

describe("queries by themselves", () => {
    const tables = [planTable({ name: "pings", prefix: "raw/v0/pings/", columns: columns("a int") })];

    it("are planned over the tables given, and start where they like", () => {
        const sql = "SELECT 1 FROM pings WHERE :new_data";

        const planned = planQueries(
            { "raw/v0/pings/": [query("totals", { sql })], "exports/": [query("sums")] },
            tables,
        );

        expect(planned.map(({ name, tier }) => ({ name, tier }))).to.deep.equal([
            { name: "totals", tier: 1 },
            { name: "sums", tier: 1 },
        ]);
        expect(planned[0]!.newData).to.equal(tables[0]);
    });

    it("report their problems with the tables given", () => {
        const output = { prefix: "raw/v0/pings/x/", columns: columns("n int") };

        const found = problemsIn(() => planQueries({ "exports/": [query("pings", { output })] }, tables));

        expect(found).to.deep.equal([
            'queries["exports/"][0].name: `pings` already names the table at tables[0].name: its table and resources are called so, rename one',
            'queries["exports/"][0].output.prefix: `raw/v0/pings/x/` overlaps `raw/v0/pings/` of table `pings`: nothing is written where a table reads what others write, so choose another folder',
        ]);
    });
});
