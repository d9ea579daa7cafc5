import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { expect } from "chai";
import fc from "fast-check";
import { VirtualClock } from "../../local/clock";
import { Journal } from "../../local/journal";
import type { CapturedProgram, CapturedResource } from "../../local/program";
import type { Runtime } from "../../local/runtime";
import { HttpApi } from "../../local/services/http-api";
import { matchRoute, parseRouteKey } from "../../local/services/http-api/routes";
import type { InvocationResult, Lambda } from "../../local/services/lambda";
import { Work } from "../../local/work";

const start = Date.UTC(2026, 10, 21, 4, 5, 6, 789);
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:collect";
const invokeArn = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

type Answer = (event: APIGatewayProxyEventV2) => Partial<InvocationResult> | Promise<Partial<InvocationResult>>;

interface Program {
    routes?: string[];
    cors?: object;
    api?: object;
    integration?: object;
    route?: object;
    stages?: object[];
    /** Instead of one API named `collector`. */
    names?: string[];
}

describe("HTTP API", () => {
    let running: HttpApi | undefined;

    afterEach(async () => {
        await running?.stop();
        running = undefined;
    });

    /** A started HTTP API in front of a function that answers by `answer`. */
    async function prepare(program: Program = {}, answer: Answer = () => ({ payload: { statusCode: 204 } })) {
        const clock = new VirtualClock(start);
        const work = new Work();
        const journal = new Journal();
        const events: APIGatewayProxyEventV2[] = [];
        const lambda = {
            async invoke(name: string, event: APIGatewayProxyEventV2) {
                expect(name).to.equal(functionArn);
                events.push(event);
                return { reasons: {}, ...(await answer(event)) };
            },
        } as unknown as Lambda;
        const runtime: Runtime = { program: programOf(program), clock, work, journal, folder: "/nowhere" };
        const api = new HttpApi(runtime, lambda);
        running = api;
        await api.start();
        const url = api.urls.collector!;
        return {
            api,
            clock,
            work,
            journal,
            events,
            url,
            call: (path: string, init?: RequestInit) => fetch(url + path, init),
        };
    }

    async function eventOf(path: string, init?: RequestInit, program?: Program): Promise<APIGatewayProxyEventV2> {
        const { call, events } = await prepare({ routes: ["$default"], ...program });
        await call(path, init);
        return events[0]!;
    }

    async function responseOf(payload: unknown): Promise<Response> {
        const { call } = await prepare({}, () => ({ payload }));
        return call("/");
    }

    describe("event", () => {
        it("has payload format 2.0", async () => {
            const { call, events, url } = await prepare({ routes: ["POST /events/{name}"] });

            await call("/events/device%20ping?key=a%2Cb&key=c&x=%C3%BC", {
                method: "POST",
                body: '{"a":1}',
                headers: {
                    "Content-Type": "application/json",
                    "User-Agent": "test",
                    "X-Api-Key": "secret",
                    Cookie: "a=1; b=2",
                },
            });

            const { headers, requestContext, ...event } = events[0]!;
            expect(event).to.deep.equal({
                version: "2.0",
                routeKey: "POST /events/{name}",
                rawPath: "/events/device ping",
                rawQueryString: "key=a%2Cb&key=c&x=%C3%BC",
                cookies: ["a=1", "b=2"],
                queryStringParameters: { key: "a,b,c", x: "ü" },
                pathParameters: { name: "device ping" },
                body: '{"a":1}',
                isBase64Encoded: false,
            });
            expect(headers).to.include({
                "content-type": "application/json",
                "content-length": "7",
                "user-agent": "test",
                "x-api-key": "secret",
                host: new URL(url).host,
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": new URL(url).port,
                "x-forwarded-proto": "http",
            });
            expect(headers).not.to.have.any.keys("cookie", "connection", "X-Api-Key");
            expect(headers["x-amzn-trace-id"]).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
            expect(requestContext.requestId).to.match(/^.{16}$/);
            expect({ ...requestContext, requestId: undefined }).to.deep.equal({
                accountId: "000000000000",
                apiId: "collector-id",
                domainName: "127.0.0.1",
                domainPrefix: "collector-id",
                http: {
                    method: "POST",
                    path: "/events/device ping",
                    protocol: "HTTP/1.1",
                    sourceIp: "127.0.0.1",
                    userAgent: "test",
                },
                requestId: undefined,
                routeKey: "POST /events/{name}",
                stage: "$default",
                time: "21/Nov/2026:04:05:06 +0000",
                timeEpoch: start,
            });
        });

        it("leaves out what a request does not have", async () => {
            const event = await eventOf("/");

            expect(event).not.to.have.any.keys(
                "cookies",
                "queryStringParameters",
                "pathParameters",
                "stageVariables",
                "body",
            );
            expect(event.isBase64Encoded).to.equal(false);
            expect(event.rawQueryString).to.equal("");
        });

        it("joins repeated headers with commas", async () => {
            const { url, events } = await prepare({ routes: ["$default"] });

            await new Promise((resolve) => {
                const headers = ["Host", "example.com", "X-Many", "a", "x-many", "b"];
                httpRequest(url, { headers }, (response) => response.resume().on("end", resolve)).end();
            });

            expect(events[0]!.headers).to.include({ "x-many": "a,b", host: "example.com", "x-forwarded-port": "80" });
            expect(events[0]!.requestContext.http.userAgent).to.equal("");
        });

        it("appends to the addresses that a proxy gives", async () => {
            const event = await eventOf("/", { headers: { "x-forwarded-for": "192.0.2.1" } });

            expect(event.headers["x-forwarded-for"]).to.equal("192.0.2.1, 127.0.0.1");
        });

        it("passes the stage's variables", async () => {
            const stages = [{ name: "$default", stageVariables: { color: "blue" } }];

            const event = await eventOf("/", {}, { stages });

            expect(event.stageVariables).to.deep.equal({ color: "blue" });
        });

        for (const type of [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/plain",
            "text/csv",
            "application/xml",
            "application/javascript",
        ]) {
            it(`gives the body of ${type} as text`, async () => {
                const event = await eventOf("/", { method: "POST", body: "grün", headers: { "content-type": type } });

                expect(event).to.include({ body: "grün", isBase64Encoded: false });
            });
        }

        for (const type of [
            "application/octet-stream",
            "application/x-ndjson",
            "application/x-www-form-urlencoded",
            "",
        ]) {
            it(`gives the body of ${type || "an unknown type"} as base64`, async () => {
                const body = Buffer.from([0, 1, 255]);

                const event = await eventOf("/", {
                    method: "POST",
                    body,
                    headers: type ? { "content-type": type } : {},
                });

                expect(event).to.include({ body: body.toString("base64"), isBase64Encoded: true });
            });
        }

        it("gives a compressed body as base64, whatever its type", async () => {
            const body = gzipSync("{}");
            const headers = { "content-type": "application/json", "content-encoding": "gzip" };

            const event = await eventOf("/", { method: "POST", body, headers });

            expect(event).to.include({ body: body.toString("base64"), isBase64Encoded: true });
        });
    });

    describe("response", () => {
        for (const [name, payload, body] of [
            ["text", "Hello", "Hello"],
            ["an object", { message: "ü" }, '{"message":"ü"}'],
            ["a number", 7, "7"],
            ["nothing", undefined, "null"],
        ] as const) {
            it(`is a JSON document where the function returns ${name}`, async () => {
                const response = await responseOf(payload);

                expect(response.status).to.equal(200);
                expect(response.headers.get("content-type")).to.equal("application/json");
                expect(await response.text()).to.equal(body);
            });
        }

        it("is what the function says", async () => {
            const response = await responseOf({
                statusCode: 201,
                headers: {
                    "Content-Type": "text/csv",
                    "X-Count": 2,
                    "Content-Length": "999",
                    "Transfer-Encoding": "chunked",
                },
                cookies: ["a=1; HttpOnly", "b=2"],
                body: "a,b",
            });

            expect(response.status).to.equal(201);
            expect(Object.fromEntries(response.headers)).to.include({
                "content-type": "text/csv",
                "x-count": "2",
                "content-length": "3",
            });
            expect(response.headers.getSetCookie()).to.deep.equal(["a=1; HttpOnly", "b=2"]);
            expect(response.headers.get("apigw-requestid")).to.match(/^.{16}$/);
            expect(await response.text()).to.equal("a,b");
        });

        it("is decoded where the function says so", async () => {
            const response = await responseOf({ statusCode: 200, body: "AAH/", isBase64Encoded: true });

            expect(Buffer.from(await response.arrayBuffer())).to.deep.equal(Buffer.from([0, 1, 255]));
        });

        it("is plain text where the function names no type, and has no type without a body", async () => {
            const text = await responseOf({ statusCode: "202", body: "ok" });
            await running!.stop();
            const empty = await responseOf({ statusCode: 202, headers: null, body: null });

            expect(text.status).to.equal(202);
            expect(text.headers.get("content-type")).to.equal("text/plain;charset=UTF-8");
            expect(empty.headers.get("content-type")).to.equal(null);
            expect(await empty.text()).to.equal("");
        });

        it("has no body where HTTP allows none", async () => {
            const response = await responseOf({ statusCode: 204, body: "ignored" });

            expect(response.status).to.equal(204);
            expect(await response.text()).to.equal("");
        });

        for (const payload of [
            { statusCode: "nonsense" },
            { statusCode: 99 },
            { statusCode: 200, body: {} },
            { statusCode: 200, headers: { "bad name": "a" } },
            { statusCode: 200, headers: { a: "line\nbreak" } },
            { statusCode: 200, cookies: ["a\n"] },
        ]) {
            it(`is an error where the function returns ${JSON.stringify(payload)}`, async () => {
                await expectMessage(await responseOf(payload), 500, "Internal Server Error");
            });
        }

        it("is an error where the function fails", async () => {
            const { call } = await prepare({}, () => ({ error: { errorType: "Error", errorMessage: "secret" } }));

            await expectMessage(await call("/"), 500, "Internal Server Error");
        });

        it("is an error where the function can't be invoked", async () => {
            const { call } = await prepare({}, () => {
                throw new Error("no such function");
            });

            await expectMessage(await call("/"), 500, "Internal Server Error");
        });

        for (const [milliseconds, integration] of [
            [30_000, {}],
            [500, { timeoutMilliseconds: 500 }],
        ] as const) {
            it(`is an error where the function takes longer than ${milliseconds} ms`, async () => {
                let finish = (_: Partial<InvocationResult>) => {};
                const { call, clock, events } = await prepare(
                    { integration },
                    () =>
                        new Promise((resolve) => {
                            finish = resolve;
                        }),
                );

                let answered = false;
                const response = call("/").finally(() => {
                    answered = true;
                });
                while (events.length === 0) await new Promise(setImmediate);
                clock.advanceTo(start + milliseconds - 1);
                await new Promise((resolve) => setTimeout(resolve, 20));
                const before = answered;
                clock.advanceTo(start + milliseconds);

                await expectMessage(await response, 503, "Service Unavailable");
                expect(before).to.equal(false);
                finish({});
            });
        }

        it("leaves no timeout behind", async () => {
            const { call, clock } = await prepare();

            await call("/");

            expect(clock.next()).to.equal(undefined);
        });
    });

    describe("limits", () => {
        for (const [bytes, type] of [
            [11_000_000, "application/json"],
            [7_000_000, "application/json"],
            [5_000_000, "application/octet-stream"],
        ] as const) {
            it(`refuses ${bytes} bytes of ${type}, whose event Lambda does not take`, async () => {
                const { call, events } = await prepare({ routes: ["$default"] });
                const headers = { "content-type": type };

                const response = await call("/", { method: "POST", body: "a".repeat(bytes), headers });

                await expectMessage(response, 413, "Request Entity Too Large");
                expect(events).to.deep.equal([]);
            });
        }

        it("takes a body of 6,000,000 bytes", async () => {
            const { call, events } = await prepare({ routes: ["$default"] });
            const headers = { "content-type": "application/json" };

            await call("/", { method: "POST", body: "a".repeat(6_000_000), headers });

            expect(events[0]!.body).to.have.length(6_000_000);
        });

        it("throttles by the stage's token bucket", async () => {
            const stages = [
                { name: "$default", defaultRouteSettings: { throttlingBurstLimit: 2, throttlingRateLimit: 1 } },
            ];
            const { call, clock, events } = await prepare({ routes: ["GET /a", "GET /b"], stages });
            const status = async (path: string) => (await call(path)).status;

            const burst = [await status("/a"), await status("/a"), await status("/a"), await status("/b")];
            clock.advanceTo(start + 999);
            const early = await status("/a");
            clock.advanceTo(start + 1000);
            const refilled = [await status("/a"), await status("/a")];
            clock.advanceTo(start + 60_000);
            const full = [await status("/a"), await status("/a")];
            const refused = await call("/a");

            expect(burst).to.deep.equal([204, 204, 429, 204]);
            expect(early).to.equal(429);
            expect(refilled).to.deep.equal([204, 429]);
            expect(full).to.deep.equal([204, 204]);
            await expectMessage(refused, 429, "Too Many Requests");
            expect(events).to.have.length(6);
        });

        it("lets a route's own settings take the place of the stage's", async () => {
            const stages = [
                {
                    name: "$default",
                    defaultRouteSettings: { throttlingBurstLimit: 1 },
                    routeSettings: [{ routeKey: "GET /b", throttlingBurstLimit: 2, throttlingRateLimit: 1 }],
                },
            ];
            const { call } = await prepare({ routes: ["GET /a", "GET /b"], stages });

            const statuses = [];
            for (const path of ["/a", "/a", "/b", "/b", "/b"]) statuses.push((await call(path)).status);

            expect(statuses).to.deep.equal([204, 429, 204, 204, 429]);
        });

        it("takes the account's burst where a stage limits only the rate", async () => {
            const stages = [{ name: "$default", defaultRouteSettings: { throttlingRateLimit: 1 } }];
            const { call } = await prepare({ stages });

            const statuses = [(await call("/")).status, (await call("/")).status, (await call("/")).status];

            expect(statuses).to.deep.equal([204, 204, 204]);
        });
    });

    describe("CORS", () => {
        const cors = {
            allowOrigins: ["https://app.example.com", "https://other.example.com"],
            allowMethods: ["POST", "OPTIONS"],
            allowHeaders: ["content-type", "x-api-key"],
            exposeHeaders: ["x-count"],
            allowCredentials: true,
            maxAge: 300,
        };
        const origin = "https://app.example.com";
        const preflight = { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } };
        const corsHeaders = (response: Response) =>
            Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("access-control-")));

        it("answers preflights itself, without a route", async () => {
            const { call, events } = await prepare({ cors, routes: ["POST /events"] });

            const response = await call("/events", preflight);

            expect(response.status).to.equal(204);
            expect(corsHeaders(response)).to.deep.equal({
                "access-control-allow-origin": origin,
                "access-control-allow-methods": "POST,OPTIONS",
                "access-control-allow-headers": "content-type,x-api-key",
                "access-control-allow-credentials": "true",
                "access-control-max-age": "300",
            });
            expect(events).to.deep.equal([]);
        });

        for (const stranger of ["https://evil.example.com", "https://app.example.com.evil.com", "null"]) {
            it(`tells ${stranger} nothing`, async () => {
                const { call } = await prepare({ cors });

                const asked = await call("/", { ...preflight, headers: { ...preflight.headers, origin: stranger } });
                const answered = await call("/", { headers: { origin: stranger } });

                expect(asked.status).to.equal(204);
                expect(answered.status).to.equal(204);
                expect([corsHeaders(asked), corsHeaders(answered)]).to.deep.equal([{}, {}]);
            });
        }

        it("adds its headers to responses, instead of the function's", async () => {
            const { call } = await prepare({ cors }, () => ({
                payload: { statusCode: 200, headers: { "Access-Control-Allow-Origin": "*", "x-count": "1" }, body: "" },
            }));

            const allowed = await call("/", { headers: { origin } });
            const elsewhere = await call("/");

            expect(corsHeaders(allowed)).to.deep.equal({
                "access-control-allow-origin": origin,
                "access-control-allow-credentials": "true",
                "access-control-expose-headers": "x-count",
            });
            expect(allowed.headers.get("x-count")).to.equal("1");
            expect(corsHeaders(elsewhere)).to.deep.equal({});
        });

        it("adds its headers to errors of its own, so that browsers can read them", async () => {
            const { call } = await prepare({ cors });

            const response = await call("/nowhere", { headers: { origin } });

            expect(response.status).to.equal(404);
            expect(corsHeaders(response)).to.include({ "access-control-allow-origin": origin });
        });

        for (const [allowed, answer] of [
            ["*", "*"],
            ["https://*", origin],
            ["http://*", undefined],
        ] as const) {
            it(`allows origins by ${allowed}`, async () => {
                const { call } = await prepare({ cors: { allowOrigins: [allowed] } });

                const headers = corsHeaders(await call("/", { headers: { origin } }));

                expect(headers).to.deep.equal(answer ? { "access-control-allow-origin": answer } : {});
            });
        }

        it("allows no origin where none is configured", async () => {
            const { call } = await prepare({ cors: { allowMethods: ["*"] } });

            expect(corsHeaders(await call("/", preflight))).to.deep.equal({});
        });

        it("routes OPTIONS requests that are no preflights", async () => {
            const { call, events } = await prepare({ cors, routes: ["OPTIONS /"] });

            await call("/", { method: "OPTIONS", headers: { origin } });

            expect(events).to.have.length(1);
        });

        it("leaves CORS to the function where the API says nothing of it", async () => {
            const { call, events } = await prepare({ routes: ["$default"] }, () => ({
                payload: { statusCode: 200, headers: { "access-control-allow-origin": "*" } },
            }));

            const response = await call("/", preflight);

            expect(corsHeaders(response)).to.deep.equal({ "access-control-allow-origin": "*" });
            expect(events).to.have.length(1);
        });
    });

    describe("routing", () => {
        const routes = [
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "ANY /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "GET /pets/{kind}/names",
            "ANY /{proxy+}",
            "POST /",
            "$default",
        ];

        for (const [method, path, route, pathParameters] of [
            ["GET", "/pets/dog/1", "GET /pets/dog/1", {}],
            ["GET", "/pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
            ["POST", "/pets/dog/1", "ANY /pets/dog/{id}", { id: "1" }],
            ["GET", "/pets/cat/1", "GET /pets/{proxy+}", { proxy: "cat/1" }],
            ["GET", "/pets/cat/names", "GET /pets/{kind}/names", { kind: "cat" }],
            ["POST", "/test/5%2F6", "ANY /{proxy+}", { proxy: "test/5/6" }],
            ["POST", "/", "POST /", {}],
            ["GET", "/", "$default", {}],
        ] as const) {
            it(`sends ${method} ${path} to ${route}`, () => {
                const parsed = routes.map((key) => ({ ...parseRouteKey(key), functionArn, timeout: 1 }));

                const match = matchRoute(parsed, method, path);
                const reversed = matchRoute(parsed.reverse(), method, path);

                expect(match?.route.key).to.equal(route);
                expect(match?.pathParameters).to.deep.equal(pathParameters);
                expect(reversed).to.deep.equal(match);
            });
        }

        it("finds every path by its own route, and its variables as they were", () => {
            const part = fc.string({ minLength: 1, unit: "grapheme" });
            fc.assert(
                fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
                    const key = `GET /${parts.map((_, index) => `{v${index}}`).join("/")}`;
                    const route = { ...parseRouteKey(key), functionArn, timeout: 1 };

                    const match = matchRoute([route], "GET", `/${parts.map(encodeURIComponent).join("/")}`);

                    expect(Object.values(match!.pathParameters)).to.deep.equal(parts);
                }),
            );
        });

        for (const key of ["GET", "get /a", "GET a", "GET /{proxy+}/a"]) {
            it(`refuses the route key ${key}`, () => {
                expect(() => parseRouteKey(key)).to.throw(`routeKey "${key}"`);
            });
        }

        it("answers 404 to what no route takes", async () => {
            const { call, events } = await prepare({ routes: ["POST /events"] });

            await expectMessage(await call("/events"), 404, "Not Found");
            await expectMessage(await call("/events/", { method: "POST" }), 404, "Not Found");
            await expectMessage(await call("/", { method: "POST" }), 404, "Not Found");
            expect(events).to.deep.equal([]);
        });

        it("answers 400 to a path that is not well encoded", async () => {
            const { call } = await prepare({ routes: ["$default"] });

            await expectMessage(await call("/%E0%A4%A"), 400, "Bad Request");
        });

        it("keeps a second question mark in the query", async () => {
            const event = await eventOf("/?a=b?c");

            expect(event.queryStringParameters).to.deep.equal({ a: "b?c" });
        });

        it("finds named stages by the path, and gives their address", async () => {
            const { api, call, events } = await prepare({ routes: ["GET /events", "GET /"], stages: [{ name: "v1" }] });

            await call("/events");
            await call("");
            const elsewhere = await fetch(new URL("/events", api.urls.collector));

            expect(api.urls.collector).to.match(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
            expect(
                events.map(({ routeKey, rawPath, requestContext }) => [routeKey, rawPath, requestContext.stage]),
            ).to.deep.equal([
                ["GET /events", "/v1/events", "v1"],
                ["GET /", "/v1", "v1"],
            ]);
            await expectMessage(elsewhere, 404, "Not Found");
        });

        it("prefers a named stage to $default", async () => {
            const { url, call, events } = await prepare({
                routes: ["$default"],
                stages: [{ name: "$default" }, { name: "v1" }],
            });

            await call("/v1/a");
            await call("/v2/a");

            expect(new URL(url).pathname).to.equal("/");
            expect(events.map(({ requestContext }) => requestContext.stage)).to.deep.equal(["v1", "$default"]);
        });

        it("answers 404 where there is no stage", async () => {
            const { call } = await prepare({ stages: [] });

            await expectMessage(await call("/"), 404, "Not Found");
        });
    });

    describe("runtime", () => {
        it("writes every answer to the journal, without the query string", async () => {
            const { call, journal } = await prepare({ routes: ["GET /events"] });

            await call("/events?key=secret");
            await call("/other?key=secret", { method: "POST" });

            expect(journal.entries).to.deep.equal([
                { kind: "request", method: "GET", path: "/events", status: 204 },
                { kind: "request", method: "POST", path: "/other", status: 404 },
            ]);
        });

        it("counts a request as work until it is answered", async () => {
            let finish = (_: Partial<InvocationResult>) => {};
            const { call, work, events } = await prepare(
                {},
                () =>
                    new Promise((resolve) => {
                        finish = resolve;
                    }),
            );
            let idle = false;

            const response = call("/");
            while (events.length === 0) await new Promise(setImmediate);
            const settled = work.idle().then(() => {
                idle = true;
            });
            await new Promise((resolve) => setTimeout(resolve, 20));
            const before = idle;
            finish({ payload: "done" });

            expect(await (await response).text()).to.equal("done");
            await settled;
            expect(before).to.equal(false);
        });

        it("listens on this machine only, on a port of its own for each API", async () => {
            const { api } = await prepare({ names: ["collector", "pixel"] });

            const ports = Object.entries(api.urls).map(([name, url]) => [name, new URL(url).hostname]);

            expect(ports).to.deep.equal([
                ["collector", "127.0.0.1"],
                ["pixel", "127.0.0.1"],
            ]);
            expect(api.urls.collector).not.to.equal(api.urls.pixel);
        });

        it("forgets a request whose client leaves before its end", async () => {
            const { url, work, journal, call } = await prepare({ routes: ["$default"] });
            const socket = connect(Number(new URL(url).port), "127.0.0.1");

            socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nshort");
            await new Promise((resolve) => setTimeout(resolve, 20));
            socket.destroy();
            await work.idle();
            await call("/");

            expect(journal.of("request")).to.have.length(1);
        });

        it("stops while connections are open", async () => {
            const { api, call, url } = await prepare();
            await call("/");

            await api.stop();

            const refused = await fetch(url).then(
                () => false,
                () => true,
            );
            expect(refused).to.equal(true);
        });
    });

    describe("configuration", () => {
        for (const [name, program, message] of [
            ["WebSockets", { api: { protocolType: "WEBSOCKET" } }, 'api "collector": protocolType "WEBSOCKET" is not'],
            ["OpenAPI documents", { api: { body: "{}" } }, 'api "collector": body is not modelled'],
            [
                "HTTP proxies",
                { integration: { integrationType: "HTTP_PROXY" } },
                'integration "collector": integrationType "HTTP_PROXY" is not',
            ],
            [
                "integrations of services",
                { integration: { integrationSubtype: "SQS-SendMessage" } },
                "integrationSubtype is not modelled",
            ],
            ["VPC links", { integration: { connectionType: "VPC_LINK" } }, 'connectionType "VPC_LINK" is not'],
            [
                "payload format 1.0",
                { integration: { payloadFormatVersion: undefined } },
                'payloadFormatVersion "undefined" is not modelled on this machine, only "2.0" is',
            ],
            ["authorizers", { route: { authorizationType: "JWT" } }, 'authorizationType "JWT" is not modelled'],
            ["routes into nowhere", { route: { target: "integrations/x" } }, 'target "integrations/x" is not'],
            ["unknown inputs of a stage", { stages: [{ clientCertificateId: "a" }] }, "clientCertificateId is not"],
        ] as [string, Program, string][]) {
            it(`refuses ${name} by name`, async () => {
                expect(() => new HttpApi({ program: programOf(program) } as Runtime, {} as Lambda)).to.throw(message);
            });
        }

        it("takes a function's own ARN and a stage without a name", async () => {
            const { url, call } = await prepare({
                integration: { integrationUri: functionArn },
                stages: [{ name: undefined }],
            });

            const response = await call("/");

            expect(response.status).to.equal(204);
            expect(new URL(url).pathname).to.equal("/stage0");
        });
    });
});

async function expectMessage(response: Response, status: number, message: string): Promise<void> {
    expect(response.status).to.equal(status);
    expect(response.headers.get("content-type")).to.equal("application/json");
    expect(await response.json()).to.deep.equal({ message });
}

function programOf({ names = ["collector"], ...program }: Program): CapturedProgram {
    const resources = names.flatMap((name) => resourcesOf(name, program));
    return { folder: ".", project: "fleet", stack: "dev", resources, components: [], outputs: {}, invented: {} };
}

function resourcesOf(name: string, program: Program): CapturedResource[] {
    const { routes = ["ANY /"], cors, api, integration, route, stages = [{ name: "$default" }] } = program;
    const apiId = `${name}-id`;
    return [
        resource("api:Api", name, apiId, { protocolType: "HTTP", corsConfiguration: cors, ...api }),
        resource("integration:Integration", name, "abc", {
            apiId,
            integrationType: "AWS_PROXY",
            integrationUri: invokeArn,
            payloadFormatVersion: "2.0",
            ...integration,
        }),
        ...routes.map((routeKey) =>
            resource("route:Route", routeKey, routeKey, { apiId, routeKey, target: "integrations/abc", ...route }),
        ),
        ...stages.map((stage, index) =>
            resource("stage:Stage", `stage${index}`, `stage${index}`, { apiId, autoDeploy: true, ...stage }),
        ),
    ];
}

function resource(type: string, name: string, id: string, inputs: Record<string, unknown>): CapturedResource {
    return {
        type: `aws:apigatewayv2/${type}`,
        name,
        urn: `urn:${type}:${name}`,
        id,
        inputs,
        outputs: inputs,
        dependencies: [],
        secrets: [],
    };
}
