import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HttpCollector, type HttpCollectorArgs, PlanError } from "../../index";
import { functionResources } from "./expected";
import { json, recordResources } from "./record";

const webKey = "0123456789abcdef";
const streamArn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks";

describe("HttpCollector", () => {
    it("takes events by POST and may put them on the stream, nothing else", async () => {
        const { inputs } = await recordResources(() => collector("clicks").url);

        expect(inputs).to.deep.equal({
            ...functionResources("clicks", {
                bundle: "collect",
                files: {
                    "columns.json": [
                        { name: "page", type: { kind: "string" } },
                        { name: "event_id", type: { kind: "string" } },
                        { name: "received_at", type: { kind: "timestamp" } },
                    ],
                },
                environment: { DELIVERY_STREAM: "clicks", KEY_HASHES: hashes as unknown as string, OPEN: "false" },
                memorySize: 512,
                timeout: 20,
                statements: [
                    {
                        Effect: "Allow",
                        Action: "firehose:PutRecordBatch",
                        Resource: streamArn,
                    },
                ],
            }),
            "Api clicks": { protocolType: "HTTP" },
            "Permission clicks-permission": {
                action: "lambda:InvokeFunction",
                function: "clicks",
                principal: "apigateway.amazonaws.com",
                sourceArn: "arn:aws:execute-api:eu-west-1:123456789012:clicks/*/POST/web",
            },
            "Integration clicks-integration": {
                apiId: "clicks-id",
                integrationType: "AWS_PROXY",
                integrationUri: "arn:aws:lambda:eu-west-1:123456789012:function:clicks",
                payloadFormatVersion: "2.0",
            },
            "Route clicks-route": {
                apiId: "clicks-id",
                routeKey: "POST /web",
                target: "integrations/clicks-integration-id",
                authorizationType: "NONE",
            },
            "LogGroup clicks-access-log": { retentionInDays: 30 },
            "Stage clicks-stage": {
                apiId: "clicks-id",
                name: "$default",
                autoDeploy: true,
                defaultRouteSettings: { throttlingRateLimit: 1000, throttlingBurstLimit: 2000 },
                accessLogSettings: {
                    destinationArn: "arn:aws:logs:eu-west-1:123456789012:log-group:clicks-access-log",
                    format: json({
                        requestId: "$context.requestId",
                        time: "$context.requestTime",
                        route: "$context.routeKey",
                        status: "$context.status",
                        latency: "$context.responseLatency",
                        error: "$context.integrationErrorMessage",
                    }),
                },
            },
        });
    });

    it("says its address", async () => {
        const { result } = await recordResources(() => collector("clicks").url);

        expect(result).to.equal("https://clicks.execute-api.eu-west-1.amazonaws.com/web");
    });

    it("keeps the keys' hashes secret, even of keys that were not", async () => {
        for (const web of [pulumi.secret(webKey), webKey]) {
            const { find } = await recordResources(() => collector("clicks", { keys: { web } }).url);

            const { inputs, secrets } = find("Function", "clicks");
            expect(JSON.stringify(inputs)).not.to.include(webKey);
            expect(secrets).to.deep.equal(["environment"]);
        }
    });

    it("refuses a key that could be guessed, by its name and without its value", async () => {
        const keys = { web: webKey, old: pulumi.secret("fifteen letters") };

        const failure = await recordResources(() => collector("clicks", { keys }).url).catch((error) => error);

        expect(failure.message).to.include("clicks: keys.old: the write key has fewer than 16 characters");
        expect(failure.message).not.to.include("fifteen letters");
    });

    it("refuses to be open unless that is said", async () => {
        for (const keys of [{}, undefined]) {
            const failure = await recordResources(() => collector("clicks", { keys }).url).catch((error) => error);

            expect(failure).to.be.instanceOf(PlanError);
            expect(failure.message).to.include("keys: has no key: name at least one, or say `open: true`");
        }
    });

    it("needs no key where it is open", async () => {
        const { find } = await recordResources(() => collector("clicks", { keys: undefined, open: true }).url);

        expect(find("Function", "clicks").inputs.environment).to.deep.equal({
            variables: { DELIVERY_STREAM: "clicks", KEY_HASHES: "{}", OPEN: "true" },
        });
    });

    it("lets browsers send from the origins that are named", async () => {
        const allowedOrigins = pulumi.output(["https://app.example.com"]);

        const { find } = await recordResources(() => collector("clicks", { allowedOrigins }).url);

        expect(find("Api", "clicks").inputs.corsConfiguration).to.deep.equal({
            allowOrigins: ["https://app.example.com"],
            allowMethods: ["POST"],
            allowHeaders: ["authorization", "content-encoding", "content-type", "x-api-key"],
            maxAge: 3600,
        });
    });

    it("takes limits of its own", async () => {
        const { find } = await recordResources(() => collector("clicks", { requestsPerSecond: 5, burst: 9 }).url);

        expect(find("Stage", "clicks-stage").inputs.defaultRouteSettings).to.deep.equal({
            throttlingRateLimit: 5,
            throttlingBurstLimit: 9,
        });
    });

    it("routes requests once the function may be called", async () => {
        const { find } = await recordResources(() => collector("clicks").url);

        expect(find("Route", "clicks-route").dependencies).to.include("Permission clicks-permission");
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [collector("one").url, collector("two").url]);

        expect(inputs).to.include.all.keys("Api one", "Api two");
    });
});

const hashes = json({ web: createHash("sha256").update(webKey).digest("hex") });

function collector(name: string, args: Partial<HttpCollectorArgs> = {}) {
    return new HttpCollector(name, {
        path: "web",
        columns: [{ name: "page", type: "string" }],
        streamName: "clicks",
        streamArn,
        keys: { web: webKey },
        ...args,
    });
}
