import { expect } from "chai";
import type { VirtualClock } from "../../local/clock";
import type { CapturedResource } from "../../local/program";
import { AwsError, type AwsRequest, type AwsResponse, type Endpoint } from "../../local/runtime";
import { RestApis } from "../../local/services/rest-api";
import { JavaDouble, readJson, writeJson } from "../../local/services/rest-api/json-path";
import { Templates } from "../../local/services/rest-api/mapping";
import { Models } from "../../local/services/rest-api/models";
import { afterTest, rejection, resource, testRuntime } from "./support";

const json = "application/json";
const kinesis = { type: "AWS", uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord" };

interface Settings {
    /** Mapping template of the request. */
    request?: string;
    /** Mapping template of the answer. */
    response?: string;
    api?: object;
    method?: object;
    integration?: object;
    integrationResponse?: object | null;
    stage?: object;
    pathPart?: string;
    more?: (ids: { restApi: string; stage: string }) => CapturedResource[];
    answer?: (request: AwsRequest) => Promise<AwsResponse>;
}

const mocked = '{"statusCode": 200}';

describe("REST API", () => {
    describe("templates", () => {
        for (const [title, template, body, expected] of [
            ["the body", "$input.body", "{ }", "{ }"],
            ["a part of the body", "$input.path('$.a.b[1]')", '{"a":{"b":[1,"two"]}}', "two"],
            ["a part by its name in quotes", "$input.path(\"$['a b']\")", '{"a b":1}', "1"],
            ["a part as JSON", "$input.json('$.a')", '{"a":{"b":[1,null,"\u00e9"]}}', '{"b":[1,null,"\u00e9"]}'],
            ["a part that is not there", "[$!input.path('$.a.b')|$input.json('$.a')]", "{}", '[|""]'],
            ["nothing of no body", "[$!input.path('$.a')]", "", "[]"],
            [
                "numbers",
                "$input.json('$')",
                "[9007199254740993,1.0,1.50,1e2,-0.0001,12345678.9]",
                ["[9007199254740993,1.0,1.5,100.0,-1.0E-4,1.23456789E7]"],
            ],
            ["a query parameter", "$input.params('q')", "", "a b"],
            ["a header", "$input.params('X-One')", "", "1"],
            ["no parameter", "[$input.params('none')]", "", "[]"],
            ["all parameters", "$input.params().querystring.q $input.params().header.get('X-One')", "", "a b 1"],
            ["a stage's variable", "$stageVariables.color", "", "green"],
            ["base64", "$util.base64Encode('\u00e9') $util.base64Decode('w6k=')", "", "w6k= \u00e9"],
            [
                "an escaped text",
                "$util.escapeJavaScript($input.path('$'))",
                '"\'\\"/\\\\\\n\\u0001\u00e9"',
                ["\\'\\\"\\/\\\\\\n\\u0001\\u00E9"],
            ],
            ["a text for a URL", "$util.urlEncode('a b&') $util.urlDecode('a+b%26')", "", "a+b%26 a b&"],
            ["JSON in a text", "$util.parseJson($input.path('$.a')).b", '{"a":"{\\"b\\":7}"}', "7"],
            [
                "the request",
                "$context.httpMethod $context.resourcePath $context.stage $context.path",
                "",
                ["PUT /things v1 /v1/things"],
            ],
            [
                "the clock",
                "$context.requestTimeEpoch $context.requestTime",
                "",
                [`${Date.UTC(2026, 10, 21, 4)} 21/Nov/2026:04:00:00 +0000`],
            ],
            [
                "a string's methods",
                [
                    "#set($s = 'a.b')",
                    "$s.contains('.') $s.replace('.', '-') $s.replaceAll('[a-z]', 'x') $s.matches('a.b') $s.length()",
                    " $s.startsWith('a') $s.endsWith('a') $s.equals('a.b') $s.equalsIgnoreCase('A.B') $s.indexOf('b')",
                    " $s.isEmpty() $s.substring(1) $s.substring(0, 1) $s.toUpperCase() $s.toLowerCase() $s.trim()",
                    " $s.toString() #foreach($p in $s.split('[.]'))$p;#end",
                ].join(""),
                "",
                "true a-b x.x true 3 true false true true 2 false .b a A.B a.b a.b a.b a;b;",
            ],
        ] as [string, string, string, string | string[]][]) {
            it(`see ${title}`, async () => {
                // A mock's answer has no body, so what is to be read goes through a service that echoes.
                const echo = { request: template, response: "$input.body", integration: kinesis };
                const { call } = await prepare(body === "" ? { response: template } : echo);

                const response = await call(body);

                expect(await response.text()).to.equal([expected].flat()[0]);
            });
        }

        it("override status and headers", async () => {
            const response =
                "#set($context.responseOverride.status = 202)#set($context.responseOverride.header.X-A = 'b')ok";
            const { call } = await prepare({ response });

            const answer = await call("");

            expect(answer.status).to.equal(202);
            expect(answer.headers.get("x-a")).to.equal("b");
            expect(await answer.text()).to.equal("ok");
        });

        for (const [title, response, reason] of [
            [
                "twice",
                "#set($context.responseOverride.status = 1)#set($context.responseOverride.status = 2)",
                "overrides status twice",
            ],
            ["by an unknown method", "#set($a = 'b')$a.hashCode()", '"hashCode" of a string is not modelled'],
            ["by a group of a pattern", "#set($a = 'b')$a.replaceAll('(b)', '\\1')", "is not modelled"],
            ["by a filter", "$input.path('$..a')", 'the JSONPath "$..a" is not modelled'],
            ["by a path without a root", "$input.path('a')", 'the JSONPath "a" is not modelled'],
        ]) {
            it(`that override or read ${title} are answered 500, and the reason is reported`, async () => {
                const { call, journal } = await prepare({ response });

                const answer = await call("");

                expect(answer.status).to.equal(500);
                expect(await answer.json()).to.deep.equal({ message: "Internal server error" });
                const [failure] = journal.of("failure");
                expect(failure).to.include({ stage: "REST API api: PUT /things", count: 1 });
                expect(failure!.reason).to.include(reason);
            });
        }

        for (const [template, name] of [
            ["$util.qr('x')", "$util.qr"],
            ["$!{util.time}", "$!{util.time"],
            ["$context.authorizer.claims", "$context.authorizer"],
            ["$input.all", "$input.all"],
            ["#macro(a)#end", "#macro"],
            ['#parse("a")', "#parse"],
        ]) {
            it(`with ${name} are refused by name`, async () => {
                const error = await rejection(prepare({ response: template }));

                expect(error.message).to.equal(
                    `REST API method "put": ${name} in a mapping template is not modelled on this machine`,
                );
            });
        }

        it("need a package that may be missing", async () => {
            const error = await rejection(Templates.load(() => Promise.reject(new Error("not found"))));

            expect(error.message)
                .to.include("evaluated by velocityjs here")
                .and.include("npm install --save-dev velocityjs");
        });
    });

    describe("models", () => {
        it("need packages that may be missing", async () => {
            const error = await rejection(Models.load(() => Promise.reject(new Error("not found"))));

            expect(error.message).to.include("npm install --save-dev ajv ajv-draft-04");
        });

        it("are draft 4", async () => {
            const judge = (await Models.load()).judge(
                JSON.stringify({
                    $schema: "http://json-schema.org/draft-04/schema#",
                    ...{ type: "number", minimum: 0, exclusiveMinimum: true },
                }),
            );

            expect(judge("1")).to.equal(undefined);
            expect(judge("0")).to.equal("the body must be > 0");
        });
    });

    describe("numbers of JSON", () => {
        it("are doubles as Java prints them, or exact integers", () => {
            expect(String(new JavaDouble(0))).to.equal("0.0");
            expect(String(new JavaDouble(1e300))).to.equal("1.0E300");
            expect(String(new JavaDouble(0.001))).to.equal("0.001");
            expect(writeJson(readJson("-123456789012345678901234567890"))).to.equal("-123456789012345678901234567890");
        });

        it("that no double holds are refused", () => {
            expect(() => readJson("1e400")).to.throw("1e400 is larger than a double");
        });
    });

    describe("integrations", () => {
        it("choose the answer by the service's status", async () => {
            const { call } = await prepare({
                ...{ request: "{}", integration: kinesis, response: "fine" },
                answer: () => Promise.reject(new AwsError("Busy", "wait", 400)),
                more: ({ restApi }) => [
                    resource("aws:apigateway/integrationResponse:IntegrationResponse", "busy", {
                        ...place(restApi),
                        ...{ statusCode: "429", selectionPattern: "4\\d\\d" },
                        responseTemplates: { [json]: "$input.path('$.__type'): $input.path('$.message')" },
                    }),
                ],
            });

            const answer = await call("");

            expect([answer.status, await answer.text()]).to.deep.equal([429, "Busy: wait"]);
        });

        it("call the service's operation with their headers", async () => {
            const requests: AwsRequest[] = [];
            const { call } = await prepare({
                request: '{"a": 1}',
                integration: { ...kinesis, requestParameters: { "integration.request.header.X-A": "'b'" } },
                answer: async (request) => {
                    requests.push(request);
                    return { status: 200 };
                },
                integrationResponse: { responseTemplates: undefined },
            });

            const answer = await call("");

            expect(answer.status).to.equal(200);
            expect(requests[0]).to.deep.include({
                headers: { "x-a": "b", "x-amz-target": "Kinesis_20131202.PutRecord" },
                body: Buffer.from('{"a": 1}'),
            });
        });

        for (const [title, settings, reason] of [
            ["without an answer", { integrationResponse: null }, "no integration response is for status 200"],
            [
                "with a service that is not modelled",
                { integration: { ...kinesis, uri: "arn:aws:apigateway:us-east-1:sqs:action/SendMessage" } },
                "an integration with sqs is not modelled",
            ],
            [
                "with a service that fails in its own way",
                { request: "{}", integration: kinesis, answer: () => Promise.reject(new Error("a defect")) },
                "a defect",
            ],
        ] as [string, Settings, string][]) {
            it(`${title} are answered 500, and the reason is reported`, async () => {
                const { call, journal } = await prepare(settings);

                const answer = await call("");

                expect(answer.status).to.equal(500);
                expect(journal.of("failure")[0]!.reason).to.include(reason);
            });
        }
    });

    describe("what is not modelled", () => {
        for (const [title, settings, message] of [
            [
                "an authorizer",
                { method: { authorization: "AWS_IAM" } },
                'method "put": authorization "AWS_IAM" is not modelled on this machine, only "NONE" is',
            ],
            [
                "an integration with HTTP",
                { integration: { type: "HTTP" } },
                'method "put": type "HTTP" is not modelled on this machine, only "AWS" and "MOCK" are',
            ],
            [
                "bodies that pass unmapped",
                { integration: { passthroughBehavior: "WHEN_NO_MATCH" } },
                'method "put": passthroughBehavior "WHEN_NO_MATCH" is not modelled',
            ],
            [
                "a path of a service",
                { integration: { type: "AWS", uri: "arn:aws:apigateway:us-east-1:s3:path/b" } },
                'method "put": uri "arn:aws:apigateway:us-east-1:s3:path/b" is not modelled',
            ],
            [
                "a header from the request",
                { integration: { requestParameters: { "integration.request.header.A": "method.request.header.A" } } },
                "integration.request.header.A is not modelled, only headers with a text are",
            ],
            [
                "a header of the answer",
                { integrationResponse: { responseParameters: { "method.response.header.A": "'b'" } } },
                'integrationResponse "put": responseParameters is not modelled on this machine: leave it out',
            ],
            [
                "binary bodies",
                { api: { binaryMediaTypes: ["*/*"] } },
                'restApi "api": binaryMediaTypes is not modelled',
            ],
            ["a cache", { stage: { cacheClusterEnabled: true } }, 'stage "stage": cacheClusterEnabled is not modelled'],
            [
                "settings of one method",
                { more: ({ restApi }) => [methodSettings(restApi, { methodPath: "things/PUT" })] },
                'stage "stage": methodPath "things/PUT" is not modelled',
            ],
            [
                "a model that is nowhere",
                {
                    method: { requestValidatorId: "validator", requestModels: { [json]: "Thing" } },
                    more: ({ restApi }) => [validator(restApi)],
                },
                'method "put": requestModels: "Thing" is not a model of the program',
            ],
        ] as [string, Settings, string][]) {
            it(`is refused by name: ${title}`, async () => {
                const error = await rejection(prepare(settings));

                expect(error.message)
                    .to.include(`REST API ${message.startsWith("integration.") ? "method" : ""}`)
                    .and.include(message);
            });
        }

        it("is refused by name: a method without an integration", async () => {
            const runtime = testRuntime([
                resource("aws:apigateway/method:Method", "put", { ...place("x"), authorization: "NONE" }),
            ]);

            expect(() => new RestApis(runtime, [])).to.throw(
                'REST API method "put": has no integration in the program',
            );
        });
    });

    describe("requests", () => {
        it("are routed by path, with variables", async () => {
            const { url } = await prepare({ pathPart: "{name}", response: "$input.params('name')" });

            const answer = await fetch(`${url}/a%20b`, { method: "PUT" });

            expect(await answer.text()).to.equal("a b");
        });

        it("of any method go to ANY", async () => {
            const { url } = await prepare({
                method: { httpMethod: "ANY" },
                integration: { httpMethod: "ANY" },
                integrationResponse: { httpMethod: "ANY" },
                response: "$context.httpMethod",
            });

            const answer = await fetch(`${url}/things`, { method: "PATCH" });

            expect(await answer.text()).to.equal("PATCH");
        });

        it("that go nowhere are answered as API Gateway does by itself", async () => {
            const { url } = await prepare();
            const root = url.slice(0, -"/v1".length);

            for (const [method, address] of [
                ["PUT", `${url}/others`],
                ["GET", `${url}/things`],
                ["PUT", `${root}/v2/things`],
                ["PUT", root],
            ]) {
                const answer = await fetch(address!, { method });

                expect(answer.status).to.equal(403);
                expect(await answer.json()).to.deep.equal({ message: "Missing Authentication Token" });
            }
        });

        it("are refused in the API's own words, or in those for all of a kind", async () => {
            const { call, url } = await prepare({
                method: { apiKeyRequired: true },
                more: ({ restApi }) => [
                    gatewayResponse(restApi, "INVALID_API_KEY", {
                        statusCode: "401",
                        responseTemplates: { [json]: '{"sorry":$context.error.messageString}' },
                        responseParameters: {
                            "gatewayresponse.header.X-Text": "'a'",
                            "gatewayresponse.header.X-Mine": "method.request.header.X-One",
                            "gatewayresponse.header.X-None": "method.request.header.X-Two",
                        },
                    }),
                    gatewayResponse(restApi, "DEFAULT_4XX", { responseTemplates: { [json]: '"all"' } }),
                ],
            });

            const own = await call("");
            const fallback = await fetch(`${url}/others`);

            expect([own.status, await own.json()]).to.deep.equal([401, { sorry: "Forbidden" }]);
            expect(Object.fromEntries(own.headers))
                .to.include({ "x-text": "a", "x-mine": "1" })
                .and.not.have.key("x-none");
            expect([fallback.status, await fallback.json()]).to.deep.equal([403, "all"]);
        });

        it("are in the journal", async () => {
            const { call, journal } = await prepare();

            await call("");

            expect(journal.of("request")).to.deep.equal([
                { kind: "request", method: "PUT", path: "/v1/things", status: 200 },
            ]);
        });
    });

    describe("usage plans", () => {
        it("let no disabled key pass, nor one of another plan's stage", async () => {
            const { call } = await prepare({
                method: { apiKeyRequired: true },
                more: ({ restApi }) => [
                    ...plan(restApi, "v1", { enabled: false }),
                    ...plan(restApi, "v2", {}, "elsewhere"),
                ],
            });

            expect((await call("", { "x-api-key": "key-of-plan" })).status).to.equal(403);
            expect((await call("", { "x-api-key": "key-of-elsewhere" })).status).to.equal(403);
        });

        for (const [period, lastMoment, next] of [
            ["DAY", "2026-11-21T23:59:59.999Z", "2026-11-22T00:00:00Z"],
            ["WEEK", "2026-11-21T23:59:59.999Z", "2026-11-22T00:00:00Z"],
            ["MONTH", "2026-11-30T23:59:59.999Z", "2026-12-01T00:00:00Z"],
        ]) {
            it(`count a quota of a ${period}`, async () => {
                const { call, clock } = await prepare({
                    method: { apiKeyRequired: true },
                    more: ({ restApi }) => plan(restApi, "v1", {}, "plan", { limit: 1, period }),
                });
                const get = async () => (await call("", { "x-api-key": "key-of-plan" })).status;

                const statuses = [await get(), await get()];
                clock.advanceTo(Date.parse(lastMoment!));
                statuses.push(await get());
                clock.advanceTo(Date.parse(next!));
                statuses.push(await get());

                expect(statuses).to.deep.equal([200, 429, 429, 200]);
            });
        }
    });

    it("is not there where the program has none", async () => {
        const apis = new RestApis(testRuntime(), []);

        await apis.start();

        expect([apis.urls, apis.routes]).to.deep.equal([{}, []]);
        await apis.stop();
    });
});

const place = (restApi: string) => ({ restApi, resourceId: "things", httpMethod: "PUT" });

function methodSettings(restApi: string, more: object): CapturedResource {
    const inputs = { restApi, stageName: "v1", settings: {}, ...more };
    return resource("aws:apigateway/methodSettings:MethodSettings", "settings", inputs);
}

function validator(restApi: string): CapturedResource {
    const type = "aws:apigateway/requestValidator:RequestValidator";
    return { ...resource(type, "validator", { restApi, validateRequestBody: true }), id: "validator" };
}

function gatewayResponse(restApiId: string, responseType: string, more: object): CapturedResource {
    return resource("aws:apigateway/response:Response", responseType, { restApiId, responseType, ...more });
}

/** A usage plan of a stage, with one key. */
function plan(apiId: string, stage: string, key: object, name = "plan", quotaSettings?: object): CapturedResource[] {
    const usagePlan = resource("aws:apigateway/usagePlan:UsagePlan", name, {
        apiStages: [{ apiId, stage }],
        quotaSettings,
    });
    const apiKey = resource("aws:apigateway/apiKey:ApiKey", name, { value: `key-of-${name}`, ...key });
    const member = { keyId: apiKey.id, keyType: "API_KEY", usagePlanId: usagePlan.id };
    return [usagePlan, apiKey, resource("aws:apigateway/usagePlanKey:UsagePlanKey", name, member)];
}

/** A started API with one method, PUT /things, in front of a mock or of a service that echoes. */
async function prepare(settings: Settings = {}) {
    const { request = mocked, response = "$input.body", answer, pathPart = "things" } = settings;
    const api = resource("aws:apigateway/restApi:RestApi", "api", { ...settings.api });
    const restApi = api.id;
    const runtime = testRuntime([
        api,
        {
            ...resource("aws:apigateway/resource:Resource", "things", {
                ...{ restApi, parentId: api.outputs.rootResourceId, pathPart },
            }),
            id: "things",
        },
        resource("aws:apigateway/method:Method", "put", {
            ...{ ...place(restApi), authorization: "NONE" },
            ...settings.method,
        }),
        resource("aws:apigateway/integration:Integration", "put", {
            ...{ ...place(restApi), type: "MOCK", passthroughBehavior: "NEVER" },
            requestTemplates: { [json]: request },
            ...settings.integration,
        }),
        ...(settings.integrationResponse === null
            ? []
            : [
                  resource("aws:apigateway/integrationResponse:IntegrationResponse", "put", {
                      ...{ ...place(restApi), statusCode: "200", responseTemplates: { [json]: response } },
                      ...settings.integrationResponse,
                  }),
              ]),
        resource("aws:apigateway/stage:Stage", "stage", {
            ...{ restApi, stageName: "v1", variables: { color: "green" } },
            ...settings.stage,
        }),
        ...(settings.more?.({ restApi, stage: "v1" }) ?? []),
    ]);
    const endpoint: Endpoint = {
        name: "kinesis",
        handle: answer ?? (async ({ body }) => ({ status: 200, body })),
    };
    const apis = new RestApis(runtime, [endpoint]);
    afterTest(() => apis.stop());
    await apis.start();
    const url = apis.urls.api!;
    const call = (body: string, headers: object = {}) =>
        fetch(`${url}/things${body === "" ? "?q=a%20b" : ""}`, {
            method: "PUT",
            headers: { "content-type": json, ...headers, "X-One": "1" },
            ...(body !== "" && { body }),
        });
    return { url, call, journal: runtime.journal, clock: runtime.clock as VirtualClock };
}
