import { expect } from "chai";
import { type PipelineShape, PlanError, planPipeline } from "../../plan";
import { parsed } from "../../plan/problems";
import { columns, ingest, problemsOf, query, untyped } from "./factories";

const readings = columns("device_id string", "battery double", "sent_at timestamp");

/** Device pings, what of them is last, and the week's series of it; a processor beside. */
const fleet: PipelineShape = {
    ingest: {
        deviceping: {
            columns: readings,
            http: { keys: { web: Promise.resolve("secret") }, allowedOrigins: ["https://app.example.com"] },
        },
    },
    queries: {
        "raw/v0/deviceping/": [
            {
                name: "devicebattery",
                sql: `SELECT device_id, max_by(battery, sent_at) AS battery, max(sent_at) AS sent_at
                      FROM deviceping WHERE :new_data GROUP BY device_id`,
                output: { prefix: "processed/v0/devicebattery/", columns: readings },
            },
        ],
        "processed/v0/devicebattery/": [
            {
                name: "batteryweek",
                sql: `SELECT date_trunc('hour', sent_at) AS hour, avg(battery) AS battery FROM devicebattery
                      WHERE sent_at > current_timestamp - interval '7' day GROUP BY 1`,
                output: {
                    prefix: "reports/v0/batteryweek/",
                    mode: "replace",
                    columns: columns("hour timestamp", "battery double"),
                },
            },
        ],
    },
    processors: { "processed/v0/devicebattery/": [{ name: "forecast" }] },
};

describe("the plan of a pipeline", () => {
    it("has all that is to be built", () => {
        const plan = planPipeline(fleet);

        expect(plan.ingests.map(({ name, prefix }) => [name, prefix])).to.deep.equal([
            ["deviceping", "raw/v0/deviceping/"],
        ]);
        expect(
            plan.queries.map(({ name, trigger, tier, output }) => [name, trigger, tier, output.prefix]),
        ).to.deep.equal([
            ["devicebattery", "raw/v0/deviceping/", 1, "processed/v0/devicebattery/"],
            ["batteryweek", "processed/v0/devicebattery/", 2, "reports/v0/batteryweek/"],
        ]);
        expect(plan.queries[0]!.sql).to.deep.equal([
            fleet.queries!["raw/v0/deviceping/"]![0]!.sql.split(":new_data")[0],
            { newData: {} },
            " GROUP BY device_id",
        ]);
        expect(plan.queries[0]!.newData).to.equal(plan.ingests[0]!.table);
        expect(plan.processors).to.deep.equal([
            { name: "forecast", trigger: "processed/v0/devicebattery/", outputPrefix: "processed/v0/forecast/" },
        ]);
        expect(
            plan.tables.map(({ name, prefix, partition, columns }) => [
                name,
                prefix,
                partition?.columns.join(),
                columns.map((column) => `${column.name}:${column.hiveType}`).join(),
            ]),
        ).to.deep.equal([
            ["batteryweek", "reports/v0/batteryweek/", undefined, "hour:timestamp,battery:double"],
            [
                "devicebattery",
                "processed/v0/devicebattery/",
                "run_date",
                "device_id:string,battery:double,sent_at:timestamp",
            ],
            [
                "deviceping",
                "raw/v0/deviceping/",
                "arrival_hour",
                "device_id:string,battery:double,sent_at:timestamp,event_id:string,received_at:timestamp",
            ],
        ]);
        expect(plan.notifiedFolders).to.deep.equal(["processed/", "raw/"]);
    });

    it("is the same for the same arguments, which it leaves alone", () => {
        const before = structuredClone({ ...fleet, ingest: undefined });

        const plans = [planPipeline(fleet), planPipeline(fleet)];

        expect(plans[0]).to.deep.equal(plans[1]);
        expect({ ...fleet, ingest: undefined }).to.deep.equal(before);
    });

    it("may be of an ingest alone", () => {
        const plan = planPipeline({ ingest: { pings: ingest() } });

        expect(plan.notifiedFolders).to.deep.equal([]);
        expect(plan.queries).to.deep.equal([]);
    });

    it("may be of a processor alone, over a bucket that exists", () => {
        const plan = planPipeline({
            bucket: { existing: "lake", eventBridge: true },
            processors: { "exports/": [{ name: "forecast" }] },
        });

        expect(plan.notifiedFolders).to.deep.equal(["exports/"]);
    });

    for (const [title, pipeline, problems] of [
        ["nothing", {}, ["ingest: is empty, and so is all else: name an ingest, a query, a processor or a rollup"]],
        [
            "empty lists",
            { ingest: {}, queries: {}, processors: {} },
            ["ingest: is empty, and so is all else: name an ingest, a query, a processor or a rollup"],
        ],
        [
            "a list of ingests",
            { ingest: [ingest()] },
            [
                "ingest: must be an object",
                "ingest: is empty, and so is all else: name an ingest, a query, a processor or a rollup",
            ],
        ],
    ] as [string, object, string[]][]) {
        it(`refuses ${title}`, () => {
            expect(problemsOf(pipeline)).to.deep.equal(problems);
        });
    }

    it("refuses what is no object", () => {
        expect(() => planPipeline(untyped(undefined))).to.throw(
            PlanError,
            "2 problems in the arguments:\n  is missing\n",
        );
    });

    it("lists all problems in one error", () => {
        const pipeline = {
            bucket: { existing: "lake" },
            ingest: { pings: ingest({ columns: columns("a integer"), http: {} }) },
            queries: { "raw/v0/pings/": [query("totals", { sql: "SELECT 1 FROM ping" }), query("totals")] },
        };

        expect(() => planPipeline(pipeline))
            .to.throw(PlanError)
            .with.property(
                "message",
                [
                    "6 problems in the arguments:",
                    "  bucket: has `existing`, but not how the pipeline hears of its new objects: add one of `topicArn` (the SNS topic that the bucket already notifies), `eventBridge: true` (the bucket sends its events to EventBridge), `ownNotifications: true` (the pipeline replaces the bucket's notification document by its own)",
                    "  ingest.pings.columns[0].type: unknown type `integer`: did you mean `int`?",
                    "  ingest.pings.http.keys: has no key: name at least one, or say `open: true` if anybody may write",
                    '  queries["raw/v0/pings/"][1].name: `totals` already names the query at queries["raw/v0/pings/"][0].name: its table and resources are called so, rename one',
                    '  queries["raw/v0/pings/"][1].output.prefix: `processed/v0/totals/` overlaps `processed/v0/totals/` of query `totals`: a table reads everything under its prefix, so give each its own',
                    '  queries["raw/v0/pings/"][0].sql: unknown table `ping`: did you mean `pings`?',
                ].join("\n"),
            );
    });

    it("counts a single problem as one", () => {
        expect(() => planPipeline({ ingest: { Pings: ingest() } })).to.throw(
            PlanError,
            /^1 problem in the arguments:\n/,
        );
    });

    it("hides no mistake of its own", () => {
        const mistake = () => {
            throw new RangeError("a mistake");
        };

        expect(() => parsed("sql", () => undefined, mistake)).to.throw(RangeError, "a mistake");
    });
});
