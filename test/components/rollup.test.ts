import { expect } from "chai";
import { PlanError, Rollup, type RollupArgs } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { recordResources } from "./record";

const table = {
    name: "ping",
    prefix: "raw/v0/ping/",
    columns: [
        { name: "device", type: "string" },
        { name: "at", type: "timestamp" },
        { name: "volts", type: "double" },
    ],
};
const topicArn = "arn:aws:sns:eu-west-1:123456789012:topic";
const ledgerArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/books";

function create(args: Partial<RollupArgs & { forceDestroy: boolean }> = {}) {
    const places = { bucketName: "lake", topicArn, ledgerName: "books", trigger: "raw/v0/ping/", table };
    return new Rollup("pings", { ...places, name: "pings", by: ["device"], time: "at", ...args });
}

describe("Rollup", () => {
    it("keeps its counters in a table that is encrypted, restorable and safe from deletion, and may do no more than it needs", async () => {
        const { inputs } = await recordResources(() => create({ sum: ["volts"] }).tableName);

        const string = { kind: "string" };
        expect(inputs["Table pings"]).to.deep.equal({
            billingMode: "PAY_PER_REQUEST",
            attributes: [
                { name: "name", type: "S" },
                { name: "timestamp", type: "S" },
            ],
            hashKey: "name",
            rangeKey: "timestamp",
            serverSideEncryption: { enabled: true },
            pointInTimeRecovery: { enabled: true },
            deletionProtectionEnabled: true,
        });
        const { "Table pings": _, ...others } = inputs;
        expect(others).to.deep.equal({
            ...functionResources("pings", {
                bundle: "count-events",
                files: {
                    "rollup.json": {
                        name: "pings",
                        by: [{ name: "device", type: string }],
                        time: { name: "at", type: { kind: "timestamp" } },
                        interval: "hour",
                        sum: [{ name: "volts", type: { kind: "float", bits: 64 } }],
                        attributes: { name: "name", timestamp: "timestamp", count: "count" },
                    },
                },
                environment: {
                    BUCKET: "lake",
                    TABLE: "pings",
                    LEDGER_TABLE: "books",
                    TRIGGER: "raw/v0/ping/",
                    FAILED_PREFIX: "failed/pings/",
                    MAXIMUM_BYTES: "1073741824",
                },
                memorySize: 1024,
                timeout: 300,
                statements: [
                    { Effect: "Allow", Action: "s3:GetObject", Resource: ["arn:aws:s3:::lake/raw/v0/ping/*"] },
                    {
                        Effect: "Allow",
                        Action: "s3:ListBucket",
                        Resource: "arn:aws:s3:::lake",
                        Condition: { StringLike: { "s3:prefix": ["raw/v0/ping/*"] } },
                    },
                    {
                        Effect: "Allow",
                        Action: "s3:PutObject",
                        Resource: ["arn:aws:s3:::lake/failed/pings/*"],
                    },
                    {
                        Effect: "Allow",
                        Action: "dynamodb:UpdateItem",
                        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/pings",
                    },
                    {
                        Effect: "Allow",
                        Action: [
                            "dynamodb:GetItem",
                            "dynamodb:Query",
                            "dynamodb:PutItem",
                            "dynamodb:UpdateItem",
                            "dynamodb:DeleteItem",
                        ],
                        Resource: ledgerArn,
                    },
                ],
            }),
            ...subscriptionResources("pings", {
                topicArn,
                prefixes: ["raw/v0/ping/"],
                functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:pings",
                role: "pings-role",
                visibilityTimeoutSeconds: 1800,
                batchSize: 10,
                batchWindow: 0,
                maximumConcurrency: 10,
            }),
        });
    });

    it("can be the table that there shall be, and be destroyed where its user says so", async () => {
        const { inputs } = await recordResources(
            () =>
                create({
                    ...{ tableName: "Events", nameAttribute: "Name", timestampAttribute: "Timestamp" },
                    forceDestroy: true,
                }).tableName,
        );

        expect(inputs["Table pings"]).to.deep.include({
            name: "Events",
            hashKey: "Name",
            rangeKey: "Timestamp",
            deletionProtectionEnabled: false,
        });
    });

    it("refuses columns that its table has not", async () => {
        const failure = await recordResources(() => create({ by: ["devise"] })).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("by[0]: `ping` has no column `devise`: did you mean `device`?");
    });
});
