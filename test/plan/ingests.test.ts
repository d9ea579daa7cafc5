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

    it("is an object with columns", () => {
        const found = problemsOf({ ingest: { a: untyped<IngestShape>("a"), b: untyped<IngestShape>({}) } });

        expect(found).to.deep.equal(["ingest.a: must be an object", "ingest.b.columns: is missing"]);
    });
});
