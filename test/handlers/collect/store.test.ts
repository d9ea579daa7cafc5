import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { expect } from "chai";
import fc from "fast-check";
import { linesOf } from "../../../handlers/collect/lines";
import { store } from "../../../handlers/collect/store";
import { validator } from "../../../handlers/shared/validate";
import { captureLog } from "../shared/capture-log";
import { disconnects, FakeFirehose, fails, failsAll, type Reply, stores } from "./fake-firehose";

const lines = (...texts: string[]) => texts.map((text) => Buffer.from(`${text}\n`));
const forever = () => 60_000;

/** Milliseconds that are left of `total` since now. */
function countdown(total: number): () => number {
    const start = Date.now();
    return () => total - (Date.now() - start);
}

/** Stores lines in a fake that replies so; tells what reached it and what the sender is told. */
async function storing(texts: Buffer[], replies: Reply[], remaining: () => number = forever) {
    const { client, calls, stored } = new FakeFirehose(...replies);
    const stream = { client, name: "pings" };
    const { result: refusal, lines: logged } = await captureLog(() =>
        store(texts, stream, remaining).catch((error) => error),
    );
    return { calls, stored, refusal, logged };
}

describe("store", () => {
    it("joins small events up to 5 KB a record", async () => {
        const small = "x".repeat(99);
        const large = "y".repeat(6_000);

        const { calls, refusal } = await storing(lines(...Array(52).fill(small), large, small), [stores]);

        expect(refusal).to.equal(undefined);
        expect(calls).to.have.length(1);
        expect(calls[0]!.map(({ length }) => length)).to.deep.equal([5_100, 100, 6_001, 100]);
        expect(calls[0]!.every((record) => record.endsWith("\n"))).to.equal(true);
    });

    it("fills a record of exactly 5,120 bytes", async () => {
        const { calls } = await storing(lines("x".repeat(2_559), "x".repeat(2_559), "x"), [stores]);

        expect(calls[0]!.map(({ length }) => length)).to.deep.equal([5_120, 2]);
    });

    it("puts at most 500 records in a call", async () => {
        const { calls } = await storing(lines(...Array(501).fill("x".repeat(5_119))), [stores]);

        expect(calls.map(({ length }) => length)).to.deep.equal([500, 1]);
    });

    it("puts at most 4 MiB in a call, counted as they travel", async () => {
        const { calls } = await storing(lines(...Array(7).fill("x".repeat(1_000_000))), [stores]);

        const travelling = calls.map((records) => JSON.stringify(records.map((Data) => ({ Data: btoa(Data) }))).length);
        expect(calls.flat()).to.have.length(7);
        expect(travelling.every((bytes) => bytes <= 4 * 1024 * 1024)).to.equal(true);
    });

    it("sends only the failed records of a partly failed call again", async () => {
        const texts = ["a", "b", "c"].map((text) => text.repeat(5_000));
        const second: Reply = () => [undefined, "InternalFailure", undefined];

        const { calls, refusal } = await storing(lines(...texts), [second, stores]);

        expect(refusal).to.equal(undefined);
        expect(calls.map((records) => records.map((record) => record[0]))).to.deep.equal([["a", "b", "c"], ["b"]]);
    });

    it("stores every record once, whichever fail and however often", async () => {
        const plan = fc.array(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), { maxLength: 2 });
        await fc.assert(
            fc.asyncProperty(plan, async (rounds) => {
                const replies = rounds.map(
                    (failing): Reply =>
                        (records) =>
                            records.map((_, index) => (failing[index] ? "ServiceUnavailableException" : undefined)),
                );
                const texts = Array.from("abcdef", (text) => text.repeat(5_000));

                const { stored, refusal } = await storing(lines(...texts), [...replies, stores]);

                expect(refusal).to.equal(undefined);
                expect(stored.sort()).to.deep.equal(texts.map((text) => `${text}\n`));
            }),
            { numRuns: 20 },
        );
    });

    const passing: [string, Reply][] = [
        ["a broken connection", disconnects],
        ["Firehose's own failure", fails("InternalFailure", 500)],
        ["throttling", fails("ServiceUnavailableException", 503)],
        ["AWS's common throttling", fails("ThrottlingException", 400)],
        ["an answer that leaves out records", () => []],
    ];
    for (const [what, reply] of passing) {
        it(`calls again after ${what}`, async () => {
            const { calls, refusal } = await storing(lines("a"), [reply, stores]);

            expect(refusal).to.equal(undefined);
            expect(calls).to.have.length(2);
        });
    }

    it("stores events twice where Firehose's answer is lost, then with the same ids, and answers once", async () => {
        const firehose = new FakeFirehose(stores);
        const { answer } = firehose;
        firehose.answer = async (request) => {
            const response = await answer.call(firehose, request);
            if (firehose.calls.length === 1) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
            return response;
        };
        const events = linesOf(
            ['{"event_id":"mine"}', "{}"],
            validator([{ name: "event_id", type: { kind: "string" } }]),
            "now",
        );

        await store(events, { client: firehose.client, name: "pings" }, forever);

        const ids = firehose.stored.map((record) => record.match(/"event_id":"[^"]+"/g));
        expect(ids).to.have.length(2);
        expect(ids[0]).to.have.length(2).and.include('"event_id":"mine"');
        expect(ids[1]).to.deep.equal(ids[0]);
    });

    it("answers 429 with Retry-After when Firehose throttles to the end", async () => {
        const { calls, refusal, logged } = await storing(
            lines("a", "b"),
            [failsAll("ServiceUnavailableException")],
            countdown(1_300),
        );

        expect(calls.length).to.be.at.least(2);
        expect(refusal).to.deep.include({ statusCode: 429, headers: { "retry-after": "5" } });
        expect(logged).to.deep.equal([
            {
                level: "warn",
                message: "events not stored",
                stage: "collect",
                reason: "ServiceUnavailableException",
                count: 2,
            },
        ]);
    });

    it("answers 503 with Retry-After when not all that failed was throttled", async () => {
        const mixed: Reply = () => ["ServiceUnavailableException", "InternalFailure"];

        const { refusal, logged } = await storing(lines("a".repeat(5_000), "b".repeat(5_000)), [mixed], () => 900);

        expect(refusal).to.deep.include({ statusCode: 503, headers: { "retry-after": "5" } });
        expect(logged.map(({ level, reason, count }) => [level, reason, count])).to.deep.equal([
            ["error", "ServiceUnavailableException", 1],
            ["error", "InternalFailure", 1],
        ]);
    });

    for (const [error, status] of [
        ["ResourceNotFoundException", 400],
        ["AccessDeniedException", 403],
    ] as const) {
        it(`answers 503 at once after ${error}`, async () => {
            const { calls, refusal, logged } = await storing(lines("a"), [fails(error, status)]);

            expect(calls).to.have.length(1);
            expect(refusal).to.include({ statusCode: 503 });
            expect(logged).to.have.length(1);
            expect(logged[0]).to.include({ level: "error", reason: error, count: 1 });
        });
    }

    it("gives up a call that hangs in time to answer", async () => {
        const silent = createServer(() => {});
        await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
        const { port } = silent.address() as AddressInfo;
        const credentials = { accessKeyId: "test", secretAccessKey: "test" };
        const endpoint = `http://127.0.0.1:${port}`;
        const client = new FirehoseClient({ region: "eu-west-1", endpoint, credentials, maxAttempts: 1 });
        const start = Date.now();

        const { result: refusal } = await captureLog(() =>
            store(lines("a"), { client, name: "pings" }, countdown(1_200)).catch((error) => error),
        );

        expect(refusal).to.include({ statusCode: 503 });
        expect(Date.now() - start).to.be.below(1_200);
        silent.close();
        silent.closeAllConnections();
    });
});
