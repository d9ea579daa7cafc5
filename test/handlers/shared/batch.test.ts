import { expect } from "chai";
import fc from "fast-check";
import { processBatch } from "../../../handlers/shared/batch";
import { captureLog } from "./capture-log";
import { sqsEvent } from "./s3-event-messages";

describe("processBatch", () => {
    it("hands over all messages at once and answers that none failed", async () => {
        const seen: unknown[] = [];

        const { result, lines } = await captureLog(() =>
            processBatch(sqsEvent("1", "2"), "test", JSON.parse, async (messages) => void seen.push(messages)),
        );

        expect(seen).to.deep.equal([
            [
                { id: "m0", content: 1 },
                { id: "m1", content: 2 },
            ],
        ]);
        expect(result).to.deep.equal({ batchItemFailures: [] });
        expect(lines).to.deep.equal([]);
    });

    it("gives back a message whose body can't be read, and only that", async () => {
        const { result, lines } = await captureLog(() =>
            processBatch(sqsEvent("1", "no"), "test", number, async () => {}),
        );

        expect(result).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
        expect(lines).to.deep.equal([
            { level: "warn", message: "message given back", messageId: "m1", stage: "test", reason: "no number" },
        ]);
    });

    it("names each message once, with all its reasons", async () => {
        const { result, lines } = await captureLog(() =>
            processBatch(sqsEvent("1"), "test", number, async (_, giveBack) => {
                giveBack("m0", "first");
                giveBack("m0", new TypeError("second"));
                giveBack("m0", "first");
            }),
        );

        expect(result.batchItemFailures).to.have.length(1);
        expect(lines.map(({ reason }) => reason)).to.deep.equal(["first; TypeError: second"]);
    });

    it("gives back all messages when the work as a whole fails", async () => {
        const { result, lines } = await captureLog(() =>
            processBatch(sqsEvent("1", "2"), "test", number, async () => {
                throw new Error("no connection");
            }),
        );

        expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).to.deep.equal(["m0", "m1"]);
        expect(lines.map(({ reason }) => reason)).to.deep.equal(["no connection", "no connection"]);
    });

    it("gives back exactly the messages that failed, whichever they are", async () => {
        await fc.assert(
            fc.asyncProperty(fc.array(fc.constantFrom("good", "unreadable", "failing")), async (kinds) => {
                const read = (body: string) => (body === "unreadable" ? number(body) : body);

                const { result } = await captureLog(() =>
                    processBatch(sqsEvent(...kinds), "test", read, async (messages, giveBack) => {
                        for (const { id, content } of messages) if (content === "failing") giveBack(id, "failed");
                    }),
                );

                const failed = result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
                const expected = kinds.flatMap((kind, index) => (kind === "good" ? [] : [`m${index}`]));
                expect(failed).to.have.members(expected).and.have.length(expected.length);
            }),
        );
    });
});

function number(body: string): number {
    if (!/^\d+$/.test(body)) throw new Error("no number");
    return Number(body);
}
