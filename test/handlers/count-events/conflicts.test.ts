import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { isConflict } from "../../../handlers/shared/ledger-rows";
import { ownPlace } from "../../dynamodb/tables";
import { answeredBy, jsonRequest, type SentRequest } from "../shared/fake-service";
import { expected, keepLogs, World } from "./world";

const good = { device: "a", at: "2026-11-21 04:30:00", volts: 1 };
const key = "raw/a.json.gz";

function refusal(name: string, codes?: string[]): Error {
    const reasons = codes && { CancellationReasons: codes.map((Code) => ({ Code })) };
    return Object.assign(new Error("refused"), { name, ...reasons });
}

/** Has every transaction fail, or the first ones, with a conflict; says how many there were. */
function inConflict(world: World, times = Number.POSITIVE_INFINITY): () => number {
    let calls = 0;
    let conflicts = 0;
    world.turn = async () => {
        // Each attempt asks for the header, then for the rows, then writes.
        if (++calls % 3 === 0 && conflicts < times) {
            conflicts++;
            throw refusal("TransactionCanceledException", ["TransactionConflict", "None"]);
        }
    };
    return () => conflicts;
}

describe("conflicts of count-events", () => {
    keepLogs();

    for (const [what, error, again] of [
        ["a transaction in progress", refusal("TransactionInProgressException"), true],
        ["what others wrote", refusal("TransactionCanceledException", ["ConditionalCheckFailed", "None"]), true],
        ["throttling", refusal("TransactionCanceledException", ["ThrottlingError", "TransactionConflict"]), true],
        ["no capacity", refusal("TransactionCanceledException", ["None", "ProvisionedThroughputExceeded"]), true],
        ["an item that is too large", refusal("TransactionCanceledException", ["None", "ValidationError"]), false],
        ["a table that is gone", refusal("ResourceNotFoundException"), false],
        ["a cancellation without a reason", refusal("TransactionCanceledException"), true],
    ] as const) {
        it(`${what} ${again ? "is tried again" : "is given back"}`, () => {
            expect(isConflict(error)).to.equal(again);
        });
    }

    it("are tried again until they are over", async () => {
        const world = await World.create(ownPlace());
        const conflicts = inConflict(world, 19);

        const { givenBack } = await world.deliver(key, world.put(key, [good]));

        expect(conflicts()).to.equal(19);
        expect(givenBack).to.deep.equal([]);
        expect(await world.totals()).to.deep.equal(expected([good]));
    });

    it("are given back after 20 attempts", async () => {
        const world = await World.create(ownPlace());
        const conflicts = inConflict(world);

        const { givenBack } = await world.deliver(key, world.put(key, [good]));

        expect(conflicts()).to.equal(20);
        expect(givenBack).to.deep.equal([`${key}: TransactionCanceledException: refused`]);
    });

    it("are given back while there is time for that", async () => {
        const world = await World.create(ownPlace());
        const conflicts = inConflict(world);
        world.remaining = () => (conflicts() < 3 ? 60_000 : 9_999);

        const { givenBack } = await world.deliver(key, world.put(key, [good]));

        expect(conflicts()).to.equal(3);
        expect(givenBack).to.deep.equal([`${key}: TransactionCanceledException: refused`]);
    });

    it("with itself there are none where an answer is lost: what the SDK sends again counts nothing", async () => {
        const place = ownPlace();
        const tokens: unknown[] = [];
        const answer = async (request: SentRequest) => {
            const response = await place.answer(request);
            const { operation, input } = jsonRequest(request);
            if (operation === "TransactWriteItems" && tokens.push(input.ClientRequestToken) === 1) {
                throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
            }
            return response;
        };
        const world = await World.create({ ...place, connect: () => new DynamoDBClient(answeredBy(answer)) });

        const { givenBack, calls } = await world.deliver(key, world.put(key, [good]));

        expect(givenBack).to.deep.equal([]);
        expect(calls).to.equal(3);
        expect(tokens).to.deep.equal([tokens[0], tokens[0]]);
        expect(await world.totals()).to.deep.equal(expected([good]));
        expect(await world.booked()).to.deep.equal(expected([good]));
    });

    it("leave an object that there is no time for to the next invocation", async () => {
        const world = await World.create(ownPlace());
        const sequencer = world.put(key, [good]);
        world.remaining = () => 9_999;
        const late = await world.deliver(key, sequencer);
        world.remaining = () => 10_000;
        const early = await world.deliver(key, sequencer);

        expect(late).to.deep.equal({ givenBack: [`${key}: no time left to count it in`], calls: 0, died: false });
        expect(early.givenBack).to.deep.equal([]);
        expect(await world.totals()).to.deep.equal(expected([good]));
    });
});
