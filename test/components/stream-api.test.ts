import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { EventPipeline, PlanError, StreamApi, type StreamApiComponentArgs } from "../../index";
import { json, policy, recordResources } from "./record";

const webKey = "0123456789abcdefABCD";
const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
const place = { restApi: "api-id" };
const [list, clicks, record, records] = ["streams", "clicks", "clicks-record", "clicks-records"].map(
    (path) => `api-${path}-id`,
);

describe("StreamApi", () => {
    it("is an API of these resources", async () => {
        const { inputs } = await recordResources(() => api().url);

        const methods = ["streams-get", "clicks-get", "clicks-record-put", "clicks-records-put"];
        const methodParts = ["Method", "Integration", "MethodResponse", "IntegrationResponse"];
        expect(inputs).to.have.all.keys(
            ...["RestApi api", "RequestValidator api-validator", "Deployment api-deployment", "Stage api-stage"],
            ...["MethodSettings api-settings", "UsagePlan api-usage", "ApiKey api-web", "UsagePlanKey api-web"],
            ...["Role api-role", "RolePolicy api-policy", "LogGroup api-access-log", "LogGroup api-execution-log"],
            ...["streams", "clicks", "clicks-record", "clicks-records"].map((path) => `Resource api-${path}`),
            ...["event", "events"].map((kind) => `Model api-clicks-${kind}`),
            ...methodParts.flatMap((part) => methods.map((method) => `${part} api-${method}`)),
            ...[
                ...["missing-authentication-token", "invalid-api-key", "unsupported-media-type", "request-too-large"],
                ...["throttled", "quota-exceeded", "bad-request-body", "default-4xx", "default-5xx"],
            ].map((type) => `Response api-${type}`),
        );
    });

    it("takes TLS 1.2 and newer only", async () => {
        const { inputs } = await recordResources(() => api().url);

        expect(inputs["RestApi api"]).to.deep.equal({
            endpointConfiguration: { types: "REGIONAL" },
            securityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
            endpointAccessMode: "BASIC",
        });
    });

    it("has a path for each stream, and none that a sender could fill in", async () => {
        const { inputs } = await recordResources(() => api().url);

        const paths = Object.entries(inputs).filter(([name]) => name.startsWith("Resource "));
        expect(Object.fromEntries(paths)).to.deep.equal({
            "Resource api-streams": { ...place, parentId: "api-root", pathPart: "streams" },
            "Resource api-clicks": { ...place, parentId: list, pathPart: "clicks" },
            "Resource api-clicks-record": { ...place, parentId: clicks, pathPart: "record" },
            "Resource api-clicks-records": { ...place, parentId: clicks, pathPart: "records" },
        });
    });

    it("asks every method for a key, and for a body that fits the columns", async () => {
        const { inputs } = await recordResources(() => api().url);

        const method = { ...place, authorization: "NONE", apiKeyRequired: true };
        const judged = {
            requestValidatorId: "api-validator-id",
            requestParameters: { "method.request.querystring.partitionKey": false },
        };
        expect(inputs["Method api-streams-get"]).to.deep.equal({ ...method, resourceId: list, httpMethod: "GET" });
        expect(inputs["Method api-clicks-get"]).to.deep.equal({ ...method, resourceId: clicks, httpMethod: "GET" });
        expect(inputs["Method api-clicks-record-put"]).to.deep.equal({
            ...{ ...method, ...judged, resourceId: record, httpMethod: "PUT" },
            requestModels: { "application/json": "clicksEvent" },
        });
        expect(inputs["Method api-clicks-records-put"]).to.deep.equal({
            ...{ ...method, ...judged, resourceId: records, httpMethod: "PUT" },
            requestModels: { "application/json": "clicksEvents" },
        });
        expect(inputs["RequestValidator api-validator"]).to.deep.equal({
            ...place,
            validateRequestBody: true,
            validateRequestParameters: true,
        });
    });

    it("calls Kinesis by its own role, and passes nothing on unmapped", async () => {
        const { inputs } = await recordResources(() => api().url);

        for (const [name, resourceId, httpMethod, action] of [
            ["clicks-get", clicks, "GET", "DescribeStreamSummary"],
            ["clicks-record-put", record, "PUT", "PutRecord"],
            ["clicks-records-put", records, "PUT", "PutRecords"],
        ] as const) {
            const { requestTemplates, ...integration } = inputs[`Integration api-${name}`]!;
            expect(integration).to.deep.equal({
                ...{ ...place, resourceId, httpMethod, type: "AWS", integrationHttpMethod: "POST" },
                uri: `arn:aws:apigateway:eu-west-1:kinesis:action/${action}`,
                credentials: "arn:aws:iam::123456789012:role/api-role",
                passthroughBehavior: "NEVER",
                requestParameters: { "integration.request.header.Content-Type": "'application/x-amz-json-1.1'" },
            });
            expect(JSON.stringify(requestTemplates)).to.include(streamArn);
        }
    });

    it("has a role that may put on these streams and describe them, nothing else", async () => {
        const other = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
        const streams = { clicks: { streamArn }, orders: { streamArn: pulumi.output(other) } };

        const { inputs } = await recordResources(() => api({ streams }).url);

        const Resource = [streamArn, other];
        expect(inputs["RolePolicy api-policy"]).to.deep.equal({
            role: "api-role",
            policy: policy(
                { Effect: "Allow", Action: ["kinesis:PutRecord", "kinesis:PutRecords"], Resource },
                { Effect: "Allow", Action: "kinesis:DescribeStreamSummary", Resource },
                {
                    Effect: "Allow",
                    Action: "kms:GenerateDataKey",
                    Resource: "arn:aws:kms:eu-west-1:123456789012:key/*",
                    Condition: { StringEquals: { "kms:EncryptionContext:aws:kinesis:arn": Resource } },
                },
            ),
        });
        expect(inputs["Role api-role"]).to.deep.equal({
            assumeRolePolicy: policy({
                Effect: "Allow",
                Principal: { Service: "apigateway.amazonaws.com" },
                Action: "sts:AssumeRole",
            }),
        });
    });

    it("logs who called what with which outcome, for a month, and no body", async () => {
        const { inputs, find } = await recordResources(() => api().url);

        expect(inputs["Stage api-stage"]).to.deep.equal({
            ...{ ...place, deployment: "api-deployment-id", stageName: "v0", xrayTracingEnabled: true },
            accessLogSettings: {
                destinationArn: "arn:aws:logs:eu-west-1:123456789012:log-group:api-access-log",
                format: json({
                    requestId: "$context.requestId",
                    time: "$context.requestTime",
                    method: "$context.httpMethod",
                    path: "$context.resourcePath",
                    status: "$context.status",
                    latency: "$context.responseLatency",
                    key: "$context.identity.apiKeyId",
                    error: "$context.error.responseType",
                }),
            },
        });
        expect(inputs["LogGroup api-access-log"]).to.deep.equal({ retentionInDays: 30 });
        expect(inputs["LogGroup api-execution-log"]).to.deep.equal({
            name: "API-Gateway-Execution-Logs_api-id/v0",
            retentionInDays: 30,
        });
        expect(find("Stage", "api-stage").dependencies).to.include("LogGroup api-execution-log");
    });

    it("has limits for all and for each key", async () => {
        const limits = { requestsPerSecond: 5, burst: 9 };

        const { inputs: standard } = await recordResources(() => api().url);
        const { inputs: own } = await recordResources(() => api(limits).url);
        const { inputs: both } = await recordResources(
            () => api({ ...limits, usage: { requestsPerSecond: 1, burst: 2, quota: 100, period: "week" } }).url,
        );

        const settings = { loggingLevel: "ERROR", metricsEnabled: true, dataTraceEnabled: false };
        const usage = { apiStages: [{ apiId: "api-id", stage: "v0" }] };
        expect(standard["MethodSettings api-settings"]).to.deep.equal({
            ...{ ...place, stageName: "v0", methodPath: "*/*" },
            settings: { ...settings, throttlingRateLimit: 1000, throttlingBurstLimit: 2000 },
        });
        expect(standard["UsagePlan api-usage"]).to.deep.equal({
            ...usage,
            throttleSettings: { rateLimit: 1000, burstLimit: 2000 },
        });
        expect(own["MethodSettings api-settings"]!.settings).to.deep.equal({
            ...settings,
            throttlingRateLimit: 5,
            throttlingBurstLimit: 9,
        });
        expect(own["UsagePlan api-usage"]!.throttleSettings).to.deep.equal({ rateLimit: 5, burstLimit: 9 });
        expect(both["UsagePlan api-usage"]).to.deep.equal({
            ...usage,
            throttleSettings: { rateLimit: 1, burstLimit: 2 },
            quotaSettings: { limit: 100, period: "WEEK" },
        });
    });

    it("counts a quota by the day unless it is told otherwise", async () => {
        const { inputs } = await recordResources(() => api({ usage: { quota: 7 } }).url);

        expect(inputs["UsagePlan api-usage"]!.quotaSettings).to.deep.equal({ limit: 7, period: "DAY" });
    });

    it("keeps its keys secret, even those that were not", async () => {
        for (const web of [pulumi.secret(webKey), webKey]) {
            const { find } = await recordResources(() => api({ keys: { web } }).url);

            const { inputs, secrets } = find("ApiKey", "api-web");
            expect(inputs.value).to.equal(webKey);
            expect(secrets).to.deep.equal(["value"]);
            expect(find("UsagePlanKey", "api-web").inputs).to.deep.equal({
                keyId: "api-web-id",
                keyType: "API_KEY",
                usagePlanId: "api-usage-id",
            });
        }
    });

    it("refuses a key that API Gateway does not take, by its name and without its value", async () => {
        const keys = { web: webKey, old: pulumi.secret("nineteen characters") };

        const failure = await recordResources(() => api({ keys }).url).catch((error) => error);

        expect(failure.message).to.include("api: keys.old: is no value of an API key: use 20 to 128 letters");
        expect(failure.message).not.to.include("nineteen characters");
    });

    describe("the models", () => {
        async function schemaOf(columns: StreamApiComponentArgs["streams"][string]["columns"], kind = "event") {
            const streams = { my_clicks: { streamArn, columns } };
            const { inputs } = await recordResources(() => api({ streams }).url);
            return inputs[`Model api-my_clicks-${kind}`] as { name: string; schema: { json: object } };
        }
        const draft = "http://json-schema.org/draft-04/schema#";

        it("take the columns' types, null and nothing else", async () => {
            const types = [
                ...["string", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(9,2)"],
                ...["date", "timestamp", "array<int>", "map<string,date>", "struct<a:string>"],
            ];

            const { schema } = await schemaOf(types.map((type, index) => ({ name: `c${index}`, type })));

            const timestamp = {
                type: ["string", "null"],
                pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z?$",
            };
            const date = { type: ["string", "null"], pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" };
            const int = { type: ["integer", "null"], minimum: -2147483648, maximum: 2147483647 };
            const text = { type: ["string", "null"] };
            expect(schema.json).to.deep.equal({
                $schema: draft,
                title: "myUclicksEvent",
                type: "object",
                properties: {
                    c0: text,
                    c1: { type: ["boolean", "null"] },
                    c2: { type: ["integer", "null"], minimum: -128, maximum: 127 },
                    c3: { type: ["integer", "null"], minimum: -32768, maximum: 32767 },
                    c4: int,
                    c5: { type: ["integer", "null"] },
                    c6: { type: ["number", "null"] },
                    c7: { type: ["number", "null"] },
                    c8: { type: ["number", "null"] },
                    c9: date,
                    c10: timestamp,
                    c11: { type: ["array", "null"], items: int },
                    c12: { type: ["object", "null"], additionalProperties: date },
                    c13: { type: ["object", "null"], properties: { a: text }, additionalProperties: false },
                    event_id: text,
                    received_at: timestamp,
                },
                additionalProperties: false,
            });
        });

        it("take 1 to 500 events at once", async () => {
            const { name, schema } = await schemaOf([{ name: "page", type: "string" }], "events");

            expect(name).to.equal("myUclicksEvents");
            expect(schema.json).to.deep.include({ type: "array", minItems: 1, maxItems: 500 });
            expect(JSON.stringify(schema.json)).to.include('"items":{"type":"object","properties":{"page"');
        });

        it("take any objects where there are no columns", async () => {
            const { schema } = await schemaOf(undefined);

            expect(schema.json).to.deep.equal({ $schema: draft, title: "myUclicksEvent", type: "object" });
        });
    });

    describe("refusals", () => {
        it("are JSON, and 404 for what is not there", async () => {
            const { inputs } = await recordResources(() => api().url);

            expect(inputs["Response api-missing-authentication-token"]).to.deep.equal({
                restApiId: "api-id",
                responseType: "MISSING_AUTHENTICATION_TOKEN",
                statusCode: "404",
                responseParameters: {},
                responseTemplates: {
                    "application/json": json({ message: "no such stream or method: GET /streams lists the streams" }),
                },
            });
            expect(inputs["Response api-throttled"]).to.deep.include({
                statusCode: "429",
                responseParameters: { "gatewayresponse.header.Retry-After": "'1'" },
            });
        });

        it("tell the only origin's pages, or whoever asks among several", async () => {
            const cors = "gatewayresponse.header.Access-Control-Allow-Origin";
            const one = pulumi.output(["https://a.example"]);

            const { inputs: single } = await recordResources(() => api({ allowedOrigins: one }).url);
            const { inputs: several } = await recordResources(
                () => api({ allowedOrigins: ["https://a.example", "https://b.example"] }).url,
            );

            expect(single["Response api-invalid-api-key"]!.responseParameters).to.deep.equal({
                [cors]: "'https://a.example'",
                "gatewayresponse.header.Vary": "'Origin'",
            });
            expect(several["Response api-default-4xx"]!.responseParameters).to.deep.include({
                [cors]: "method.request.header.Origin",
            });
        });
    });

    it("answers preflights without a key where there are origins", async () => {
        const { inputs } = await recordResources(() => api({ allowedOrigins: ["https://a.example"] }).url);

        expect(inputs["Method api-clicks-record-options"]).to.deep.equal({
            ...{ ...place, resourceId: record, httpMethod: "OPTIONS", authorization: "NONE", apiKeyRequired: false },
        });
        expect(inputs["Integration api-clicks-record-options"]).to.deep.equal({
            ...{ ...place, resourceId: record, httpMethod: "OPTIONS", type: "MOCK", passthroughBehavior: "NEVER" },
            requestTemplates: { "application/json": json({ statusCode: 204 }) },
        });
        expect(inputs["IntegrationResponse api-clicks-record-options"]).to.include({ statusCode: "204" });
    });

    it("refuses an origin that is known at deploy time and none", async () => {
        const allowedOrigins = pulumi.output(['https://a.example")#set($x = "']);

        const failure = await recordResources(() => api({ allowedOrigins }).url).catch((error) => error);

        expect(failure.message).to.include("api: allowedOrigins[0]: ").and.include("is no");
    });

    it("is deployed again when anything of it changes, and after all of it", async () => {
        const triggers = async (args: Partial<StreamApiComponentArgs>) => {
            const { find } = await recordResources(() => api(args).url);
            return find("Deployment", "api-deployment");
        };

        const [before, same, other] = [
            await triggers({}),
            await triggers({}),
            await triggers({ streams: { clicks: { streamArn, columns: [{ name: "page", type: "int" }] } } }),
        ];

        expect(same.inputs).to.deep.equal(before.inputs);
        expect(other.inputs).not.to.deep.equal(before.inputs);
        expect(before.dependencies).to.include.members([
            "IntegrationResponse api-clicks-record-put",
            "Model api-clicks-event",
            "Response api-throttled",
        ]);
    });

    it("sets the account's role for logs only when it is told to", async () => {
        const { inputs, find } = await recordResources(() => api({ ownAccountLogRole: true }).url);

        expect(inputs["Account api-account"]).to.deep.equal({
            cloudwatchRoleArn: "arn:aws:iam::123456789012:role/api-log-role",
        });
        expect(inputs["RolePolicyAttachment api-log-policy"]).to.deep.equal({
            role: "api-log-role",
            policyArn: "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        });
        expect(find("Stage", "api-stage").dependencies).to.include("Account api-account");
    });

    it("says its address", async () => {
        const { result } = await recordResources(() => api().url);

        expect(result).to.equal("https://api-id.execute-api.eu-west-1.amazonaws.com/v0/streams");
    });

    it("refuses arguments that cannot be, and names that no path takes", async () => {
        const streams = { 'a"b': { streamArn } };

        const failure = await recordResources(() => api({ keys: {}, streams }).url).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("keys: has no key").and.include('streams["a\\"b"]: `a"b` cannot name');
    });

    it("of a pipeline puts events on the streams of the ingests that have one", async () => {
        const columns = [{ name: "page", type: "string" }];
        const ingest = {
            clicks: { columns, kinesis: {} },
            views: { columns },
            old: { columns, kinesis: { streamArn } },
        };

        const { inputs, find, result } = await recordResources(
            () => new EventPipeline("web", { ingest, streamApi: { keys: { web: webKey } } }).streamApiUrl,
        );

        const templates = ["clicks", "old"].map((stream) =>
            JSON.stringify(inputs[`Integration web-stream-api-${stream}-record-put`]!.requestTemplates),
        );
        expect(templates[0]).to.include("stream/web-clicks-kinesis");
        expect(templates[1]).to.include(streamArn);
        expect(JSON.stringify(inputs["Model web-stream-api-clicks-event"])).to.include('"page"');
        expect(inputs).not.to.have.any.keys("Resource web-stream-api-views");
        expect(
            find("Stage", "web-stream-api-stage").dependencies,
            "nobody would deliver what came earlier",
        ).to.include.members(["FirehoseDeliveryStream web-clicks-kinesis", "FirehoseDeliveryStream web-old-kinesis"]);
        expect(find("StreamApi", "web-stream-api").parent).to.equal("EventPipeline web");
        expect(result).to.equal("https://web-stream-api-id.execute-api.eu-west-1.amazonaws.com/v0/streams");
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [api({}, "one").url, api({}, "two").url]);

        expect(inputs).to.include.all.keys("RestApi one", "RestApi two");
    });
});

function api(args: Partial<StreamApiComponentArgs> = {}, name = "api") {
    return new StreamApi(name, {
        streams: { clicks: { streamArn, columns: [{ name: "page", type: "string" }] } },
        keys: { web: webKey },
        ...args,
    });
}
