import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { type Collector, collect } from "../../../handlers/collect/collect";
import { parseKeyHashes } from "../../../handlers/collect/write-keys";
import { validator } from "../../../handlers/shared/validate";
import { captureLog } from "../shared/capture-log";
import { FakeFirehose, fails, stores } from "./fake-firehose";
import { arrival, keyHashes, type RequestParts, request } from "./requests";

const validate = validator([
    { name: "device", type: { kind: "string" } },
    { name: "n", type: { kind: "integer", bits: 64 } },
    { name: "event_id", type: { kind: "string" } },
    { name: "received_at", type: { kind: "timestamp" } },
]);
const keys = parseKeyHashes(keyHashes({ web: "the-secret" }));

/** Sends a request to a collector, which is open unless told otherwise. */
async function post(parts: RequestParts, options: Partial<Collector> = {}, reply = stores) {
    const firehose = new FakeFirehose(reply);
    const collector = { validate, stream: { client: firehose.client, name: "pings" }, ...options };
    const { result, lines } = await captureLog(() => collect(request(parts), () => 800, collector));
    const body = result.body === undefined ? undefined : JSON.parse(result.body);
    return { ...result, body, calls: firehose.calls, stored: firehose.stored.join(""), lines };
}

describe("collect", () => {
    it("stores events and answers 204", async () => {
        const answer = await post({ body: '[{"n":9007199254740993,"event_id":"1"},{"event_id":"2"}]' });

        expect(answer).to.deep.include({ statusCode: 204, body: undefined });
        expect(answer.stored).to.equal(
            `{"n":9007199254740993,"event_id":"1","received_at":"${arrival.text}"}\n` +
                `{"event_id":"2","received_at":"${arrival.text}"}\n`,
        );
    });

    const forms: [string, RequestParts][] = [
        ["as NDJSON", { body: '{"n":1}\n{"n":2}\n' }],
        ["as an array", { body: '[{"n":1},{"n":2}]' }],
        ["as sendBeacon sends text", { body: '[{"n":1},{"n":2}]', headers: { "content-type": "text/plain" } }],
        [
            "as forms are sent",
            { body: '[{"n":1},{"n":2}]', headers: { "content-type": "application/x-www-form-urlencoded" } },
        ],
        [
            "as another charset, which JSON has not",
            { body: '[{"n":1},{"n":2}]', headers: { "content-type": "application/json; charset=iso-8859-1" } },
        ],
        ["in base64", { body: Buffer.from('\ufeff{"n":1}\r\n{"n":2}') }],
        ["in gzip", { body: gzipSync('{"n":1}\n{"n":2}'), headers: { "content-encoding": "gzip" } }],
    ];
    for (const [what, parts] of forms) {
        it(`takes events ${what}`, async () => {
            const answer = await post(parts);

            const stored = answer.stored
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line));
            expect(answer.statusCode).to.equal(204);
            expect(stored.map(({ n }) => n)).to.deep.equal([1, 2]);
        });
    }

    it("hands no header of a client on: not into its answer, the events or the log", async () => {
        const injected = "x\r\nset-cookie: session=injected\r\n\r\n<script>injected</script>";
        const names = ["content-type", "content-encoding", "origin", "host", "user-agent", "x-forwarded-for"];
        const headers = Object.fromEntries([...names, "x-amzn-trace-id", "injected"].map((name) => [name, injected]));
        const { "content-encoding": _, ...unencoded } = headers;

        const stored = await post({ body: '{"n":1,"event_id":"1"}', headers: unencoded });
        const refused = await post({ body: '{"n":1}', headers });
        const unknown = await post({ body: '{"n":1}', headers: { ...unencoded, "x-api-key": injected } }, { keys });

        expect([stored, refused, unknown].map(({ statusCode }) => statusCode)).to.deep.equal([204, 415, 401]);
        expect(stored.stored).to.equal(`{"n":1,"event_id":"1","received_at":"${arrival.text}"}\n`);
        expect(JSON.stringify([stored, refused, unknown])).to.not.include("injected");
    });

    it("stores an object of several lines as one line", async () => {
        const answer = await post({ body: '{\n  "device": "a",\n  "event_id": "1"\n}\n' });

        expect(answer.stored).to.equal(`{   "device": "a",   "event_id": "1" ,"received_at":"${arrival.text}"}\n`);
    });

    it("goes by the clients' clocks nowhere: what they say is stored as it is, within the calendar", async () => {
        const times = [
            "0001-01-01 00:00:00",
            "9999-12-31 23:59:59.999999999",
            "2026-03-29 02:30:00",
            "2026-11-21T03:59:59.999Z",
        ];
        const answer = await post(
            { body: times.map((sent_at) => JSON.stringify({ sent_at, event_id: "1" })).join("\n") },
            {
                validate: validator(
                    ["sent_at", "received_at"]
                        .map((name) => ({ name, type: { kind: "timestamp" } as const }))
                        .concat([{ name: "event_id", type: { kind: "string" } }] as never),
                ),
            },
        );

        const stored = answer.stored
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
        expect(stored.map(({ sent_at }) => sent_at)).to.deep.equal(times);
        expect(new Set(stored.map(({ received_at }) => received_at))).to.deep.equal(new Set([arrival.text]));
    });

    it("lets in who has a key", async () => {
        const answer = await post({ body: "{}", headers: { "x-api-key": "the-secret" } }, { keys });

        expect(answer.statusCode).to.equal(204);
    });

    it("keeps out who has none, before it looks at the body", async () => {
        for (const parts of [{ body: "no JSON" }, { body: "{}", query: { key: "wrong" } }]) {
            const answer = await post(parts, { keys });

            expect(answer).to.deep.include({ statusCode: 401, calls: [] });
            expect(answer.headers).to.have.property("www-authenticate");
        }
    });

    const refusals: [string, RequestParts, number][] = [
        ["an empty body", { body: "" }, 400],
        ["no body", {}, 400],
        ["an empty array", { body: "[]" }, 400],
        ["broken JSON", { body: '{"n":' }, 400],
        ["bad UTF-8", { body: Buffer.from([0xff]) }, 400],
        ["base64 that says it is text", { body: Buffer.from("{}").toString("base64") }, 400],
        ["no gzip that says it is", { body: "{}", headers: { "content-encoding": "gzip" } }, 400],
        ["an array with one bad event", { body: '[{"n":1},{"n":"x"}]' }, 400],
        ["an unknown column", { body: '{"m":1}' }, 400],
        ["a body of 7 MB", { body: "x".repeat(7_000_000) }, 413],
        ["a bomb", { body: gzipSync(Buffer.alloc(50_000_000)), headers: { "content-encoding": "gzip" } }, 413],
        ["another encoding", { body: "{}", headers: { "content-encoding": "br" } }, 415],
    ];
    for (const [what, parts, status] of refusals) {
        it(`answers ${status} to ${what} and stores nothing`, async () => {
            const answer = await post(parts);

            expect(answer).to.deep.include({ statusCode: status, calls: [] });
            expect(answer.headers).to.include({ "content-type": "application/json" });
            expect(answer.body.message).to.be.a("string").and.not.equal("");
            expect(Array.isArray(answer.body.errors)).to.equal(status === 400);
        });
    }

    it("tells which events are bad", async () => {
        const answer = await post({ body: '[{"n":1},{"n":"x"}]' });

        expect(answer.body).to.deep.equal({
            message: "nothing is stored: refused 1 of 2 events",
            errors: [{ index: 1, reason: "column n: expected bigint, got a string" }],
        });
    });

    it("answers 429 and 503 when Firehose does not store", async () => {
        const throttled = await post({ body: "{}" }, {}, fails("ServiceUnavailableException", 503));
        const failed = await post({ body: "{}" }, {}, fails("AccessDeniedException", 403));

        expect(throttled).to.deep.include({ statusCode: 429 });
        expect(failed).to.deep.include({ statusCode: 503 });
        for (const { headers } of [throttled, failed]) expect(headers).to.have.property("retry-after");
    });

    it("logs a line a request: the key's name and numbers, neither key nor payload", async () => {
        const body = '{"device":"private"}';

        const { lines } = await post({ body, headers: { "x-api-key": "the-secret" } }, { keys });

        expect(lines).to.deep.equal([
            {
                level: "info",
                message: "request",
                stage: "collect",
                key: "web",
                events: 1,
                bytes: body.length,
                status: 204,
            },
        ]);
    });

    it("logs refused requests too, without their payload", async () => {
        const { lines } = await post(
            { body: '{"device":["private"]}', headers: { "x-api-key": "the-secret" } },
            { keys },
        );

        expect(lines.map(({ level, count, status }) => [level, count ?? status])).to.deep.equal([
            ["warn", 1],
            ["info", 400],
        ]);
        expect(JSON.stringify(lines)).to.not.match(/private|the-secret/);
    });

    it("throws what is no refusal", async () => {
        const broken = () => {
            throw new TypeError("broken");
        };

        const act = post({ body: "{}" }, { validate: broken });

        await act.then(
            () => expect.fail("it answered"),
            (error) => expect(error).to.be.an.instanceOf(TypeError),
        );
    });
});
