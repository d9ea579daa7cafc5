import { expect } from "chai";
import { type IngestShape, planIngest } from "../../plan";
import { columns, ingest, problemsIn, problemsOf, untyped } from "./factories";

const problemsOfIngest = (overrides: object) => problemsOf({ ingest: { pings: ingest(overrides) } });

describe("an ingest", () => {
    it("has its folders and table named after it", () => {
        const planned = planIngest("pings", { columns: columns("event_id string", "received_at timestamp") });

        expect(planned).to.deep.equal({
            name: "pings",
            prefix: "raw/v0/pings/",
            errorPrefix: "failed/pings/",
            backupPrefix: "backup/pings/",
            table: {
                name: "pings",
                prefix: "raw/v0/pings/",
                columns: [
                    { name: "event_id", type: { kind: "string" }, hiveType: "string" },
                    { name: "received_at", type: { kind: "timestamp" }, hiveType: "timestamp" },
                ],
                partition: { layout: "arrival_hour", columns: ["arrival_hour"], since: "2026-01-01" },
            },
        });
    });

    it("may choose its prefix and first day", () => {
        const planned = planIngest("pings", ingest({ prefix: "events/pings/", since: "2024-02-29" }));

        expect(planned.prefix).to.equal("events/pings/");
        expect(planned.table.prefix).to.equal("events/pings/");
        expect(planned.table.partition).to.deep.equal({
            layout: "arrival_hour",
            columns: ["arrival_hour"],
            since: "2024-02-29",
        });
    });

    it("by itself reports its problems as the component's arguments", () => {
        const found = problemsIn(() => planIngest("pings", ingest({ columns: columns("a integer"), prefix: "raw" })));

        expect(found).to.deep.equal([
            "prefix: `raw` must end in `/`: write `raw/`",
            "columns[0].type: unknown type `integer`: did you mean `int`?",
        ]);
    });

    const megabytes = "must be a whole number from 1 to 128: Firehose buffers no other sizes";
    const seconds = "must be a whole number from 0 to 900: Firehose buffers no other times";
    for (const [argument, value, problem] of [
        ["bufferMegabytes", 0, megabytes],
        ["bufferMegabytes", 129, megabytes],
        ["bufferMegabytes", 1.5, megabytes],
        ["bufferMegabytes", "64", megabytes],
        ["bufferMegabytes", null, megabytes],
        ["bufferSeconds", -1, seconds],
        ["bufferSeconds", 901, seconds],
        ["bufferSeconds", Number.NaN, seconds],
        ["since", "2026-02-29", "must be a day of the calendar, written `YYYY-MM-DD`"],
        ["since", "2026-13-01", "must be a day of the calendar, written `YYYY-MM-DD`"],
        ["since", "01.02.2026", "must be a day of the calendar, written `YYYY-MM-DD`"],
        ["since", "2026-01-01T00", "must be a day of the calendar, written `YYYY-MM-DD`"],
        ["since", 20260101, "must be a day of the calendar, written `YYYY-MM-DD`"],
        ["prefix", null, "is missing"],
        ["prefix", 1, "must be a plain string, known before deployment"],
    ] as const) {
        it(`refuses ${argument}: ${JSON.stringify(value)}`, () => {
            expect(problemsOfIngest({ [argument]: value })).to.deep.equal([`ingest.pings.${argument}: ${problem}`]);
        });
    }

    for (const [argument, value] of [
        ["bufferMegabytes", 1],
        ["bufferMegabytes", 128],
        ["bufferMegabytes", Promise.resolve(500)],
        ["bufferSeconds", 0],
        ["bufferSeconds", 900],
        ["bufferSeconds", { apply: () => 0 }],
    ] as const) {
        it(`accepts ${argument}: ${typeof value === "number" ? value : "a value known at deploy time"}`, () => {
            expect(problemsOfIngest({ [argument]: value })).to.deep.equal([]);
        });
    }

    it("may hold Parquet in Hive's folders", () => {
        const { table } = planIngest("pings", ingest({ format: "parquet", partitions: "hive", bufferMegabytes: 64 }));

        expect(table.format).to.equal("parquet");
        expect(table.partition).to.deep.equal({
            layout: "hive_hour",
            columns: ["year", "month", "day", "hour"],
            since: "2026-01-01",
        });
    });

    it("may say its format and folders where they are the default", () => {
        expect(planIngest("pings", ingest({ format: "json", partitions: "hour" }))).to.deep.equal(
            planIngest("pings", ingest({})),
        );
    });

    for (const megabytes of [5, 63, 129]) {
        it(`refuses Parquet with a buffer of ${megabytes} MB`, () => {
            expect(problemsOfIngest({ format: "parquet", bufferMegabytes: megabytes })).to.deep.equal([
                "ingest.pings.bufferMegabytes: must be a whole number from 64 to 128: Firehose takes no smaller buffers " +
                    "where it converts to Parquet",
            ]);
        });
    }

    it("refuses formats and folders that there are not", () => {
        expect(problemsOfIngest({ format: "orc", partitions: 1 })).to.deep.equal([
            "ingest.pings.partitions: must be one of `hour`, `hive`",
            "ingest.pings.format: must be one of `json`, `parquet`",
        ]);
    });

    it("refuses columns that Hive's folders stand for", () => {
        const names = columns("year int", "hour int", "arrival_hour int", "run_date string");

        expect(problemsOfIngest({ partitions: "hive", columns: names })).to.deep.equal([
            "ingest.pings.columns[0].name: `year` hides the partition column of this name: rename it",
            "ingest.pings.columns[1].name: `hour` hides the partition column of this name: rename it",
            "ingest.pings.columns[2].name: `arrival_hour` hides the partition column of this name: rename it",
        ]);
        expect(problemsOfIngest({ columns: columns("year int", "hour int") })).to.deep.equal([]);
    });

    it("refuses Parquet beside a load balancer, whose events Firehose does not write", () => {
        expect(problemsOfIngest({ format: "parquet", loadBalancer: {} })).to.deep.equal([
            "ingest.pings.format: is `parquet`, but a load balancer's events become JSON, past Firehose: leave out one of them",
        ]);
        expect(problemsOfIngest({ format: "json", partitions: "hive", loadBalancer: {} })).to.deep.equal([]);
    });

    it("is an object with columns", () => {
        const found = problemsOf({ ingest: { a: untyped<IngestShape>("a"), b: untyped<IngestShape>({}) } });

        expect(found).to.deep.equal(["ingest.a: must be an object", "ingest.b.columns: is missing"]);
    });
});
