import { expect } from "chai";
import { linesOf } from "../../../handlers/collect/lines";
import { validator } from "../../../handlers/shared/validate";
import { captureLog } from "../shared/capture-log";
import { arrival } from "./requests";

const validate = validator([
    { name: "text", type: { kind: "string" } },
    { name: "sent_at", type: { kind: "timestamp" } },
    { name: "event_id", type: { kind: "string" } },
    { name: "received_at", type: { kind: "timestamp" } },
]);

async function lines(...events: string[]) {
    const { result, lines: logged } = await captureLog(async () => {
        try {
            return { lines: linesOf(events, validate, arrival.text).map(String) };
        } catch (refusal) {
            return { refusal };
        }
    });
    return { ...result, logged };
}

describe("linesOf", () => {
    it("completes events, each with an id of its own, and keeps their spelling", async () => {
        const event = '{"sent_at":"2026-11-21T04:00:00Z"}';

        const { lines: found = [] } = await lines(event, event);

        const form =
            /^\{"sent_at":"2026-11-21T04:00:00Z","received_at":"2026-11-21 04:00:00.123","event_id":"([0-9a-f-]{36})"\}\n$/;
        const ids = found.map((line) => form.exec(line)?.[1]);
        expect(ids).to.have.length(2).and.not.include(undefined);
        expect(new Set(ids).size).to.equal(2);
    });

    it("makes lines that the table takes", async () => {
        const { lines: found = [] } = await lines(
            "{}",
            '{"event_id":null}',
            '{"text":"x","received_at":"2026-01-01 00:00:00"}',
        );

        expect(found).to.have.length(3);
        expect(found.map((line) => validate(line).ok)).to.deep.equal([true, true, true]);
    });

    it("refuses all for one, with index and reason", async () => {
        const { refusal, logged } = await lines("{}", '{"text":1}', "{}", '{"txt":"secret"}');

        expect(refusal).to.deep.include({
            statusCode: 400,
            message: "nothing is stored: refused 2 of 4 events",
            errors: [
                { index: 1, reason: "column text: expected string, got a number" },
                { index: 3, reason: 'unknown column "txt": did you mean "text"?' },
            ],
        });
        expect(logged.map(({ level, stage, count }) => [level, stage, count])).to.deep.equal([
            ["warn", "collect", 1],
            ["warn", "collect", 1],
        ]);
        expect(JSON.stringify(logged)).to.not.include("secret");
    });

    it("names at most a hundred bad events", async () => {
        const { refusal } = await lines(...Array(200).fill('{"text":1}'));

        expect(refusal).to.include({ message: "nothing is stored: refused 100 or more of 200 events" });
        expect(refusal).to.have.property("errors").with.length(100);
    });

    it("takes an event that fills a record to its last byte, and refuses one more byte", async () => {
        const [line = ""] = (await lines('{"text":""}')).lines ?? [];
        const room = 1000 * 1024 - line.length;

        const full = await lines(`{"text":"${"x".repeat(room)}"}`);
        const over = await lines(`{"text":"${"x".repeat(room + 1)}"}`);

        expect(full.lines?.[0]).to.have.length(1_024_000);
        expect(over.refusal).to.deep.include({
            statusCode: 400,
            errors: [{ index: 0, reason: "larger than 1024000 bytes, the most that is stored as one" }],
        });
    });
});
