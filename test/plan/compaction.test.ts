import { expect } from "chai";
import { CompactionInterval, planIngest, planPipeline } from "../../plan";
import { columns, ingest, pipelineWith, problemsIn, problemsOf, query, untyped } from "./factories";

const compact = { every: CompactionInterval.Day };
const problemsOfCompact = (value: unknown, overrides: object = {}) =>
    problemsOf({ ingest: { pings: ingest({ compact: untyped(value), ...overrides }) } });

describe("a compaction", () => {
    it("is a table of the ingest's columns in Hive's folders, named after it", () => {
        const { compaction, table } = planIngest("pings", ingest({ compact, since: "2026-05-01" }));

        expect(compaction).to.deep.equal({
            name: "pings_parquet",
            every: "day",
            table: {
                name: "pings_parquet",
                prefix: "parquet/v0/pings/",
                columns: table.columns,
                format: "parquet",
                partition: { layout: "hive_day", columns: ["year", "month", "day"], since: "2026-05-01" },
            },
        });
    });

    it("may be by hours and lie elsewhere", () => {
        const { table } = planIngest("pings", ingest({ compact: { every: "hour", prefix: "lake/pings/" } }))
            .compaction!;

        expect([table.prefix, table.partition!.layout]).to.deep.equal(["lake/pings/", "hive_hour"]);
    });

    it("is absent where the ingest has none", () => {
        expect(planIngest("pings", ingest())).not.to.have.property("compaction");
    });

    it("starts from the ingest's folder, and queries start from what it writes, a tier later", () => {
        const plan = planPipeline({
            ingest: { pings: ingest({ compact }) },
            queries: {
                "parquet/v0/pings/": [query("totals", { sql: "SELECT 1 AS n FROM pings_parquet WHERE :new_data" })],
            },
        });

        expect(plan.notifiedFolders).to.deep.equal(["parquet/", "raw/"]);
        expect(plan.tables.map(({ name }) => name)).to.deep.equal(["pings", "pings_parquet", "totals"]);
        expect(plan.queries[0]!.tier).to.equal(2);
        expect(plan.queries[0]!.newData!.name).to.equal("pings_parquet");
    });

    const choice = "ingest.pings.compact.every: must be `hour` or `day`";
    for (const [value, ...problems] of [
        [null, "ingest.pings.compact: is missing"],
        ["day", "ingest.pings.compact: must be an object"],
        [{}, choice],
        [{ every: "week" }, choice],
        [{ every: "day", prefix: "x" }, "ingest.pings.compact.prefix: `x` must end in `/`: write `x/`"],
        [
            { every: "day", prefix: "athena/x/" },
            "ingest.pings.compact.prefix: `athena/x/` lies under `athena/`, which the pipeline keeps for itself: choose another folder",
        ],
    ] as const) {
        it(`refuses ${JSON.stringify(value)}`, () => {
            expect(problemsOfCompact(value)).to.deep.equal(problems);
        });
    }

    it("refuses to make Parquet of Parquet", () => {
        expect(problemsOfCompact(compact, { format: "parquet" })).to.deep.equal([
            "ingest.pings.compact: makes Parquet of JSON, but the ingest's `format` is `parquet` already: leave out one of them",
        ]);
    });

    it("refuses to hide a column by its folders", () => {
        const found = problemsIn(() => planIngest("pings", ingest({ compact, columns: columns("day string") })));

        expect(found).to.deep.equal([
            "compact: has a partition column `day`, which hides the ingest's column: rename that",
        ]);
    });

    it("refuses a name that is too long with its ending", () => {
        const found = problemsOf({ ingest: { ["p".repeat(33)]: ingest({ compact }) } });

        expect(found).to.deep.equal([
            `ingest.${"p".repeat(33)}.compact: \`${"p".repeat(33)}_parquet\` has 41 characters: use at most 40, since resources are named after it`,
        ]);
    });

    it("reports an ingest without a name once", () => {
        expect(problemsOf({ ingest: { "": ingest({ compact }) } })).to.deep.equal(['ingest[""]: is missing']);
    });

    it("refuses a table of its name, and one that it would write into", () => {
        const found = problemsOf({ ingest: { pings: ingest({ compact }), pings_parquet: ingest() } });
        const written = problemsOf(
            pipelineWith("SELECT 1 AS n FROM pings", {
                ingest: { pings: ingest({ compact: { ...compact, prefix: "processed/v0/" } }) },
            }),
        );

        expect(found).to.deep.equal([
            "ingest.pings.compact: `pings_parquet` already names the ingest at ingest.pings_parquet: its table and resources are called so, rename one",
        ]);
        expect(written).to.deep.equal([
            'queries["raw/v0/pings/"][0].output.prefix: `processed/v0/totals/` overlaps `processed/v0/` of compaction `pings_parquet`: a table reads everything under its prefix, so give each its own',
        ]);
    });

    it("refuses to write into what it reads: that would never end", () => {
        const found = problemsOfCompact({ every: "day", prefix: "raw/v0/pings/parquet/" });

        expect(found).to.have.length(2);
        expect(found[0]).to.include(
            "ingest.pings.compact.prefix: `raw/v0/pings/parquet/` overlaps `raw/v0/pings/` of ingest",
        );
        expect(found[1]).to.include("ingest.pings.compact.prefix: makes a loop");
    });
});
