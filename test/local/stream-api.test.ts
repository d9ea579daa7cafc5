import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { afterTest } from "../setup";

const key = "a-key-for-tests-only";

describe("a pipeline with a stream API", function () {
    this.timeout(60_000);

    it("takes events on its ingests' streams, one record each", async () => {
        const { local, put } = await prepare();

        const one = await put("click/record?partitionKey=a", '{\n "id": "one",\n "size": 9007199254740993\n}');
        const several = await put("click/records", '[{"id":"two"},{"id":"three","size":null}]');
        const other = await put("page_view/record", '{"id":"other"}');
        await local.settle();

        expect(await one.json()).to.have.all.keys("shardId", "sequenceNumber");
        expect(await several.json()).to.deep.equal({ stored: 2 });
        expect([one, several, other].map(({ status }) => status)).to.deep.equal([200, 200, 200]);
        expect(await local.rows("raw/v0/click/")).to.have.deep.members([
            { id: "one", size: 9007199254740993n },
            { id: "two" },
            { id: "three", size: null },
        ]);
        expect(await local.rows("raw/v0/page_view/")).to.deep.equal([{ id: "other" }]);
        expect((await local.report()).failed).to.deep.equal([]);
    });

    it("lists and describes the ingests that have a stream, under their own names", async () => {
        const { get } = await prepare();

        const list = await get("");
        const description = await get("click");

        expect(await list.json()).to.deep.equal({ streams: ["click", "page_view"] });
        expect(await description.json()).to.deep.equal({
            name: "click",
            status: "ACTIVE",
            mode: "PROVISIONED",
            openShards: 2,
            retentionHours: 168,
            encryption: "KMS",
        });
    });

    it("keeps what its model can't tell from good events in the failed store, as every source does", async () => {
        const { local, put } = await prepare();

        const response = await put("click/records", '[{"id":"a","clicked_on":"2026-02-30"},{"id":"b"}]');
        await local.settle();

        expect(response.status).to.equal(200);
        expect(await local.rows("raw/v0/click/")).to.deep.equal([{ id: "b" }]);
        expect(await local.rows("failed/click/normalize/")).to.have.length(1);
    });

    const event = '{"id":"a"}';
    const mebibyte = 1024 * 1024;
    describe("refuses, and stores nothing of", () => {
        let local: LocalPipeline;
        let put: (path: string, body: string) => Promise<Response>;

        before(async () => {
            ({ local, put } = await start());
        });
        after(() => local.stop());

        for (const [title, path, body, status, message] of [
            ["a name of no stream", "clicks/record", event, 404, "no such stream"],
            ["the name of an ingest without a stream", "direct/record", event, 404, "no such stream"],
            ["the name that AWS knows the stream by", "web-click-kinesis/record", event, 404, "no such stream"],
            ["a path that can't be decoded", "%E0%A4%A/record", event, 404, "no such stream"],
            ["a column that there is not", "click/record", '{"ix":"a"}', 400, "additional properties (ix)"],
            ["a value of another type", "click/record", '{"id":7}', 400, "/id must be string,null"],
            ["a date in words", "click/record", '{"clicked_on":"today"}', 400, "/clicked_on must match pattern"],
            ["an array for an event", "click/record", "[]", 400, "must be object"],
            ["an event for an array", "click/records", event, 400, "must be array"],
            ["no events", "click/records", "[]", 400, "fewer than 1 items"],
            ["501 events", "click/records", `[${Array(501).fill(event)}]`, 400, "more than 500 items"],
            ["one bad event among good ones", "click/records", `[${event},{"id":1},${event}]`, 400, "/1/id must be"],
            ["JSON that is cut", "click/record", '{"id":', 400, "not JSON"],
            ["no body", "click/record", "", 400, "no body"],
            ["an event of a mebibyte", "click/record", `{"id":"${"x".repeat(mebibyte)}"}`, 400, "at most 1 MiB"],
            [
                "a body of 10 MiB and more",
                "click/record",
                `{"id":"${"x".repeat(10 * mebibyte)}"}`,
                413,
                "at most 10 MB",
            ],
            [
                "a long partition key",
                `click/record?partitionKey=${"k".repeat(257)}`,
                event,
                400,
                "at most 256 characters",
            ],
        ] as const) {
            it(`${title}: ${status}`, async () => {
                const response = await put(path, body);
                await local.settle();

                expect(response.status).to.equal(status);
                expect(JSON.stringify(await response.json())).to.include(message);
                const { objects, failed } = await local.report();
                expect([objects, failed]).to.deep.equal([[], []]);
            });
        }
    });

    it("takes the largest record that Kinesis takes", async () => {
        const { local, put } = await prepare();
        const text = "x".repeat(mebibyte - '{"id":""}'.length - 1);

        const response = await put("click/record?partitionKey=k", `{"id":"${text}"}`);
        await local.settle();

        expect(response.status).to.equal(200);
        expect(await local.rows("raw/v0/click/")).to.deep.equal([{ id: text }]);
    });

    it("answers 404 to another method, and 415 to another type than JSON", async () => {
        const { call } = await prepare();

        const post = await call("POST", "click/record", { body: event });
        const text = await call("PUT", "click/record", { body: event, headers: { "content-type": "text/plain" } });
        const charset = await call("PUT", "click/record", {
            body: event,
            headers: { "content-type": "application/json; charset=utf-8" },
        });

        expect([post.status, text.status, charset.status]).to.deep.equal([404, 415, 200]);
    });

    it("answers 403 without a key and with a wrong one, whatever is asked for", async () => {
        const { url } = await prepare();

        for (const headers of [{}, { "x-api-key": `${key}x` }, { "x-api-key": "" }, { authorization: key }]) {
            for (const [method, path] of [
                ["GET", ""],
                ["GET", "/click"],
                ["PUT", "/click/record"],
            ]) {
                const response = await fetch(url + path, { method, headers: headers as Record<string, string> });

                expect(response.status).to.equal(403);
                expect(await response.json()).to.deep.equal({
                    message: "the header x-api-key holds no key of this API",
                });
            }
        }
    });

    it("answers 429 to too much at once, and again takes what comes in time", async () => {
        const { local, get } = await prepare();

        const burst = [];
        for (let index = 0; index < 25; index++) burst.push(await get("click"));
        await local.advanceTo(Date.UTC(2026, 10, 21, 4, 0, 1));
        const later = await get("click");

        const statuses = burst.map(({ status }) => status);
        expect(statuses).to.deep.equal([...Array(20).fill(200), ...Array(5).fill(429)]);
        expect(burst.at(-1)!.headers.get("retry-after")).to.equal("1");
        expect(later.status).to.equal(200);
    });

    it("answers 429 over the key's quota, until the next day; other keys have their own", async () => {
        const { local, get, call } = await prepare();
        const statuses = [];

        for (let second = 0; second < 42; second++) {
            await local.advanceTo(Date.UTC(2026, 10, 21, 4, 0, second));
            statuses.push((await get("")).status);
        }
        const over = await get("");
        const other = await call("GET", "", { headers: { "x-api-key": "another-key-for-tests" } });
        await local.advanceTo("2026-11-22T00:00:00Z");
        const nextDay = await get("");

        expect(statuses).to.deep.equal([...Array(40).fill(200), 429, 429]);
        expect(await over.json()).to.deep.equal({ message: "the key's quota is used up" });
        expect([other.status, nextDay.status]).to.deep.equal([200, 200]);
    });

    it("lets the methods of all keys together have so many requests at once", async () => {
        const { get, call } = await prepare();
        const statuses = [];

        for (let index = 0; index < 18; index++) {
            statuses.push((await get("click")).status);
            statuses.push((await call("GET", "click", { headers: { "x-api-key": "another-key-for-tests" } })).status);
        }

        expect(statuses).to.deep.equal([...Array(30).fill(200), ...Array(6).fill(429)]);
    });

    describe("from a browser", () => {
        const preflight = { "access-control-request-method": "PUT", "access-control-request-headers": "x-api-key" };

        it("answers preflights of its origins without a key", async () => {
            const { url } = await prepare();

            for (const origin of ["https://app.example.com", "https://admin.example.com"]) {
                const response = await fetch(`${url}/click/records`, {
                    method: "OPTIONS",
                    headers: { ...preflight, origin },
                });

                expect(response.status).to.equal(204);
                expect(Object.fromEntries(response.headers)).to.include({
                    "access-control-allow-origin": origin,
                    "access-control-allow-methods": "PUT",
                    "access-control-allow-headers": "content-type,x-api-key",
                    "access-control-max-age": "3600",
                    vary: "Origin",
                });
            }
        });

        it("tells pages of other origins nothing", async () => {
            const { url, call } = await prepare();

            for (const origin of ["https://evil.example.com", "https://app.example.com.evil.example", "null"]) {
                const headers = { origin };
                const asked = await fetch(`${url}/click/record`, {
                    method: "OPTIONS",
                    headers: { ...preflight, origin },
                });
                const sent = await call("PUT", "click/record", { body: event, headers });

                expect(asked.headers.has("access-control-allow-origin")).to.equal(false);
                expect(sent.headers.has("access-control-allow-origin")).to.equal(false);
            }
        });

        it("lets pages of its origins read answers and refusals", async () => {
            const { call } = await prepare();
            const headers = { Origin: "https://admin.example.com" };

            const stored = await call("PUT", "click/record", { body: event, headers });
            const refused = await call("PUT", "click/record", { body: "{", headers });
            const unknown = await call("PUT", "nothing/record", { body: event, headers });

            for (const response of [stored, refused, unknown]) {
                expect(response.headers.get("access-control-allow-origin")).to.equal("https://admin.example.com");
            }
        });
    });
});

/** The program's pipeline for one test. */
async function prepare() {
    const started = await start();
    afterTest(() => started.local.stop());
    return started;
}

/** The program's pipeline, and a client with a key. */
async function start() {
    const local = await LocalPipeline.start({ program: "test/programs/stream-api", at: "2026-11-21T04:00:00Z" });
    const url = `${local.urls["web-stream-api"]}/streams`;
    const call = (method: string, path: string, { headers, body }: { headers?: object; body?: string } = {}) =>
        fetch(path === "" ? url : `${url}/${path}`, {
            method,
            headers: { "x-api-key": key, "content-type": "application/json", ...headers },
            body,
        });
    const put = (path: string, body: string) => call("PUT", path, { body });
    const get = (path: string) => call("GET", path);
    return { local, url, call, put, get };
}
