import { expect } from "chai";
import { type ColumnArgs, checkColumns, checked, planPipeline } from "../../plan";
import { columns, ingest, problemsIn, problemsOf, query, untyped } from "./factories";

describe("columns", () => {
    it("keep name, type and comment, the type in Hive's spelling", () => {
        const planned = checked((report) =>
            checkColumns(
                [
                    { name: "a", type: "INT", comment: "how many" },
                    { name: "b", type: "date" },
                ],
                "columns",
                report,
            ),
        );

        expect(planned).to.deep.equal([
            { name: "a", type: { kind: "integer", bits: 32 }, hiveType: "int", comment: "how many" },
            { name: "b", type: { kind: "date" }, hiveType: "date" },
        ]);
    });

    it("may have names and comments of 255 characters", () => {
        const longest = "c".repeat(255);
        const given = [{ name: longest, type: "int", comment: longest }];

        expect(problemsIn(() => checked((report) => checkColumns(given, "columns", report)))).to.deep.equal([]);
    });

    const long = "c".repeat(256);
    const name = "use lower-case letters, digits and `_`, not a digit first, at most 255";
    for (const [title, given, problems] of [
        ["no list", undefined, ["columns: is missing"]],
        ["something else than a list", "a string", ["columns: must be a list"]],
        ["an empty list", [], ["columns: is empty: name at least one column"]],
        ["a column that is none", ["a"], ["columns[0]: must be an object"]],
        ["a column without anything", [{}], ["columns[0].name: is missing", "columns[0].type: is missing"]],
        [
            "a name with upper case",
            columns("deviceId int"),
            [`columns[0].name: \`deviceId\` cannot name a column: ${name}`],
        ],
        ["a name with a digit first", columns("1st int"), [`columns[0].name: \`1st\` cannot name a column: ${name}`]],
        ["a name of 256", columns(`${long} int`), [`columns[0].name: \`${long}\` cannot name a column: ${name}`]],
        [
            "a name twice",
            columns("a int", "b int", "a int"),
            ["columns[2].name: `a` is the name of an earlier column: rename one"],
        ],
        ["an unknown type", columns("a integer"), ["columns[0].type: unknown type `integer`: did you mean `int`?"]],
        [
            "a type that is no text",
            [{ name: "a", type: 1 }],
            ["columns[0].type: must be a plain string, known before deployment"],
        ],
        [
            "a comment of two lines",
            [{ name: "a", type: "int", comment: "a\nb" }],
            ["columns[0].comment: must be one line of at most 255 characters, as Glue takes it"],
        ],
        [
            "a comment of 256",
            [{ name: "a", type: "int", comment: long }],
            ["columns[0].comment: must be one line of at most 255 characters, as Glue takes it"],
        ],
        [
            "a comment that is no text",
            [{ name: "a", type: "int", comment: 1 }],
            ["columns[0].comment: must be one line of at most 255 characters, as Glue takes it"],
        ],
    ] as [string, unknown, string[]][]) {
        it(`refuse ${title}`, () => {
            const given_ = untyped<ColumnArgs[]>(given);

            const found = problemsIn(() => checked((report) => checkColumns(given_, "columns", report)));

            expect(found).to.deep.equal(problems);
        });
    }

    it("of an ingest refuse one that hides a partition column", () => {
        const found = problemsOf({ ingest: { pings: ingest({ columns: columns("arrival_hour string") }) } });

        expect(found).to.deep.equal([
            "ingest.pings.columns[0].name: `arrival_hour` hides the partition column of this name: rename it",
        ]);
    });

    it("of appended results refuse one that hides a partition column", () => {
        const output = { prefix: "processed/v0/totals/", columns: columns("n int", "run_date date") };

        const found = problemsOf({
            ingest: { pings: ingest() },
            queries: { "raw/v0/pings/": [query("totals", { output })] },
        });

        expect(found).to.deep.equal([
            'queries["raw/v0/pings/"][0].output.columns[1].name: `run_date` hides the partition column of this name: rename it',
        ]);
    });

    it("may have the names of partition columns that their table has not", () => {
        const output = {
            prefix: "processed/v0/totals/",
            mode: "replace" as const,
            columns: columns("run_date date", "arrival_hour string"),
        };

        const found = problemsOf({
            ingest: { pings: ingest({ columns: columns("run_date date") }) },
            queries: { "raw/v0/pings/": [query("totals", { output })] },
        });

        expect(found).to.deep.equal([]);
    });

    it("of every ingest end with event_id and received_at", () => {
        const plan = planPipeline({ ingest: { pings: ingest({ columns: columns("a int") }) } });

        const declared = plan.ingests[0]!.table.columns.map(({ name, hiveType }) => `${name} ${hiveType}`);
        expect(declared).to.deep.equal(["a int", "event_id string", "received_at timestamp"]);
    });

    it("of an ingest may declare event_id and received_at themselves", () => {
        const given = columns("received_at timestamp", "a int", "event_id string");

        const plan = planPipeline({ ingest: { pings: ingest({ columns: given }) } });

        const declared = plan.ingests[0]!.table.columns.map(({ name, hiveType }) => `${name} ${hiveType}`);
        expect(declared).to.deep.equal(["received_at timestamp", "a int", "event_id string"]);
    });

    it("of an ingest must declare event_id and received_at with their types", () => {
        const given = columns("event_id bigint", "received_at string");

        const found = problemsOf({ ingest: { pings: ingest({ columns: given }) } });

        expect(found).to.deep.equal([
            "ingest.pings.columns[0].type: `event_id` is filled by the pipeline: declare it `string`, or not",
            "ingest.pings.columns[1].type: `received_at` is filled by the pipeline: declare it `timestamp`, or not",
        ]);
    });

    it("of an ingest name the right one where an earlier one has problems", () => {
        const given = columns("a integer", "event_id bigint");

        const found = problemsOf({ ingest: { pings: ingest({ columns: given }) } });

        expect(found).to.deep.equal([
            "ingest.pings.columns[0].type: unknown type `integer`: did you mean `int`?",
            "ingest.pings.columns[1].type: `event_id` is filled by the pipeline: declare it `string`, or not",
        ]);
    });
});
