import { expect } from "chai";
import { planPipeline, planRollup, type RollupShape } from "../../plan";
import { columns, ingest, problemsOf, query, untyped } from "./factories";

const all = columns(
    ...["device string", "level int", "price decimal(10,2)", "huge decimal(38,2)", "fine decimal(20,16)", "day date"],
    ...["at timestamp", "spans array<int>", "share double", "tiny tinyint", "rough float", "millis bigint"],
);
const counted = { name: "counters", by: ["device"], time: "at" };
const withRollup = (rollup: unknown, trigger = "raw/v0/pings/") => ({
    ingest: { pings: ingest({ columns: all }) },
    rollups: { [trigger]: [untyped<RollupShape>(rollup)] },
});

describe("a rollup", () => {
    it("counts by columns of the table that its prefix lies in, every hour", () => {
        const plan = planPipeline(withRollup({ ...counted, by: ["device", "level"], sum: ["price", "share"] }));

        const [rollup] = plan.rollups;
        expect(rollup).to.deep.include({
            name: "counters",
            trigger: "raw/v0/pings/",
            interval: "hour",
            attributes: { name: "name", timestamp: "timestamp", count: "count" },
        });
        expect(rollup!.by.map(({ name }) => name)).to.deep.equal(["device", "level"]);
        expect(rollup!.sum.map(({ name }) => name)).to.deep.equal(["price", "share"]);
        expect(rollup!.time.name).to.equal("at");
        expect(plan.notifiedFolders).to.deep.equal(["raw/"]);
    });

    it("takes the names of a table that there shall be", () => {
        const names = {
            tableName: "Events",
            nameAttribute: "Name",
            timestampAttribute: "Timestamp",
            countAttribute: "Count",
        };

        const plan = planPipeline(withRollup({ ...counted, ...names }));

        expect(plan.rollups[0]!.attributes).to.deep.equal({ name: "Name", timestamp: "Timestamp", count: "Count" });
    });

    it("counts a query's results", () => {
        const output = { prefix: "processed/v0/totals/", columns: columns("device string", "at timestamp") };

        const plan = planPipeline({
            ingest: { pings: ingest() },
            queries: { "raw/v0/pings/": [query("totals", { output })] },
            rollups: { "processed/v0/totals/": [counted] },
        });

        expect(plan.rollups[0]!.by[0]!.hiveType).to.equal("string");
        expect(plan.notifiedFolders).to.deep.equal(["processed/", "raw/"]);
    });

    for (const [title, rollup, problems] of [
        ["without anything", {}, ["name: is missing", "by: is missing", "time: is missing"]],
        ["with columns that are no list", { ...counted, by: "device" }, ["by: must be a list"]],
        ["with no column", { ...counted, by: [] }, ["by: is empty: name at least one column"]],
        [
            "with a column twice",
            { ...counted, by: ["device", "device"] },
            ["by[1]: `device` is listed twice: once will do"],
        ],
        [
            "by an unknown column",
            { ...counted, by: ["devise"] },
            ["by[0]: `pings` has no column `devise`: did you mean `device`?"],
        ],
        [
            "by a list",
            { ...counted, by: ["spans"] },
            [
                "by[0]: `spans` is of type `array<int>`: count by strings, booleans, integers, dates, timestamps, and decimals " +
                    "of at most 19 digits before and 15 behind the point",
            ],
        ],
        [
            "by a time that is a number",
            { ...counted, time: "level" },
            [
                "timeUnit: is missing: `level` is of type `int`, so say whether it counts `seconds` or `milliseconds` since 1970",
            ],
        ],
        [
            "by a time in unknown units",
            { ...counted, time: "level", timeUnit: "hours" },
            ["timeUnit: must be one of `seconds`, `milliseconds`"],
        ],
        [
            "with a unit for a time that has none",
            { ...counted, timeUnit: "seconds" },
            ["timeUnit: is for times that are numbers, and `at` is of type `timestamp`: leave this out"],
        ],
        ...[
            ["tiny", "tinyint"],
            ["rough", "float"],
            ["price", "decimal(10,2)"],
            ["spans", "array<int>"],
        ].map(([time, type]) => [
            `by a time of type ${type}`,
            { ...counted, time, timeUnit: "seconds" },
            [
                `time: \`${time}\` is of type \`${type}\`: count by a timestamp, a date, a string with an ISO 8601 time, ` +
                    "or an int, bigint or double with `timeUnit`",
            ],
        ]),
        [
            "by the hours of a date",
            { ...counted, time: "day" },
            ["time: `day` is a date, which has no hours: set `interval` to `day`"],
        ],
        ["every week", { ...counted, interval: "week" }, ["interval: must be one of `minute`, `hour`, `day`"]],
        [
            "with the sum of a text",
            { ...counted, sum: ["device"] },
            ["sum[0]: `device` is of type `string`: sum numbers"],
        ],
        [
            "with the sum of an unknown column",
            { ...counted, sum: ["pricy"] },
            ["sum[0]: `pings` has no column `pricy`: did you mean `price`?"],
        ],
        [
            "with the sum of too many digits",
            { ...counted, sum: ["huge", "fine"] },
            [
                "sum[0]: `huge` is of type `decimal(38,2)`: a sum takes decimals of at most 19 digits before and 15 behind the point",
                "sum[1]: `fine` is of type `decimal(20,16)`: a sum takes decimals of at most 19 digits before and 15 behind the point",
            ],
        ],
        [
            "with a table that can't be called so",
            { ...counted, tableName: "a b" },
            ["tableName: `a b` cannot name a DynamoDB table: use 3 to 255 letters, digits, `_`, `-` and `.`"],
        ],
        [
            "with two attributes of one name",
            { ...counted, timestampAttribute: "name", countAttribute: "sum_level", sum: ["level"] },
            [
                "timestampAttribute: `name` is the name of another attribute: rename one",
                "countAttribute: `sum_level` is the name of another attribute: rename one",
            ],
        ],
        [
            "with a long attribute",
            { ...counted, nameAttribute: "x".repeat(256) },
            ["nameAttribute: has more than 255 bytes, which DynamoDB takes for a key: shorten it"],
        ],
        [
            "with the name of the ingest",
            { ...counted, name: "pings" },
            [
                "name: `pings` already names the ingest at ingest.pings: its table and resources are called so, rename one",
            ],
        ],
    ] as [string, unknown, string[]][]) {
        it(`${title}, is refused`, () => {
            const found = problemsOf(withRollup(rollup));

            expect(found).to.deep.equal(problems.map((problem) => `rollups["raw/v0/pings/"][0].${problem}`));
        });
    }

    it("with more sums than a row holds, is refused", () => {
        const sum = Array.from({ length: 21 }, (_, index) => `c${index}`);
        const many = [...all, ...sum.map((name) => ({ name, type: "int" }))];

        const found = problemsOf({
            ingest: { pings: ingest({ columns: many }) },
            rollups: { "raw/v0/pings/": [{ ...counted, sum }] },
        });

        expect(found).to.deep.equal([
            'rollups["raw/v0/pings/"][0].sum: has 21 columns: sum at most 20, and the others in a second rollup',
        ]);
    });

    it("of no table is refused", () => {
        expect(problemsOf(withRollup(counted, "raw/"))).to.deep.equal([
            'rollups["raw/"]: no table covers `raw/`, so there are no columns to count by: count below one table\'s prefix, `raw/v0/pings/`',
        ]);
        expect(
            problemsOf({
                bucket: { existing: "lake", eventBridge: true },
                rollups: { "other/": [counted] },
            }),
        ).to.deep.equal([
            'rollups["other/"]: no table covers `other/`, so there are no columns to count by: ' +
                "count what has columns: an ingest, a query, or a processor with `output.columns`",
        ]);
        expect(problemsOf(withRollup(counted, "raw"))).to.deep.equal([
            "rollups.raw: `raw` must end in `/`: write `raw/`",
        ]);
    });

    it("whose role is called too long with the pipeline's name, is refused", () => {
        expect(() => planPipeline(withRollup({ ...counted, name: "c".repeat(40) }), "p".repeat(20))).to.throw(
            "with the pipeline's name the role of its function is called too long by",
        );
    });

    for (const [time, timeUnit] of [
        ["level", "seconds"],
        ["share", "seconds"],
        ["millis", "milliseconds"],
    ] as const) {
        it(`counts by ${timeUnit} in a number`, () => {
            const [rollup] = planPipeline(withRollup({ ...counted, time, timeUnit })).rollups;

            expect(rollup).to.deep.include({ timeUnit });
            expect(rollup!.time.name).to.equal(time);
        });
    }

    it("counts a table of others", () => {
        const tables = { clicks: { prefix: "clicks/", columns: columns("device string", "at timestamp") } };

        const [rollup] = planPipeline({ tables, rollups: { "clicks/": [counted] } }).rollups;

        expect(rollup).to.deep.include({ name: "counters", trigger: "clicks/" });
    });

    for (const format of ["csv", "parquet"] as const) {
        it(`of a table in ${format}, is refused`, () => {
            const text = columns("device string", "at string");

            const found = problemsOf({
                tables: { clicks: { prefix: "clicks/", format, columns: text } },
                rollups: { "clicks/": [counted] },
            });

            expect(found).to.deep.equal([
                `rollups["clicks/"]: \`clicks\` is of the format \`${format}\`, and a rollup reads newline-delimited JSON: ` +
                    "count the output of a query over it",
            ]);
        });
    }

    it("of load balancers' logs, or of an ingest in Parquet, is refused", () => {
        const problem = (table: string, format: string) =>
            `\`${table}\` is of the format \`${format}\`, and a rollup reads newline-delimited JSON: count the output of a query over it`;

        expect(
            problemsOf({
                tables: { logs: { prefix: "balancer/", format: "alb-log" } },
                rollups: { "balancer/": [{ ...counted, by: ["elb"], time: "time" }] },
            }),
        ).to.deep.equal([`rollups["balancer/"]: ${problem("logs", "alb-log")}`]);
        expect(
            problemsOf({
                ingest: { pings: ingest({ columns: all, format: "parquet" }) },
                rollups: { "raw/v0/pings/": [counted] },
            }),
        ).to.deep.equal([`rollups["raw/v0/pings/"]: ${problem("pings", "parquet")}`]);
    });

    it("by itself is checked against the table that it is given", () => {
        const table = { name: "pings", prefix: "raw/", columns: columns("device string", "at timestamp") };

        expect(planRollup(counted, "raw/", table).by.map(({ name }) => name)).to.deep.equal(["device"]);
        expect(() => planRollup({ ...counted, by: ["x"] }, "raw/", table)).to.throw("`pings` has no column `x`");
    });

    it("takes a date by the day, and a string by its time", () => {
        expect(problemsOf(withRollup({ ...counted, time: "day", interval: "day" }))).to.deep.equal([]);
        expect(problemsOf(withRollup({ ...counted, time: "device", by: ["at", "day", "price"] }))).to.deep.equal([]);
    });
});
