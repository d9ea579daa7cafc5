import { expect } from "chai";
import { ledgerDays } from "../../../handlers/shared/ledger-contract";
import { ownPlace } from "../../dynamodb/tables";
import { keepLogs, logged, World } from "./world";

describe("a replay of an object that was counted", () => {
    keepLogs();

    it("is left alone, too, when its message comes out of the dead-letter queue on its last day", async () => {
        const world = await World.create(ownPlace());
        const sequencer = world.put("raw/a.json.gz", [{ device: "a", at: "2026-11-21 04:00:00" }]);
        await world.deliver("raw/a.json.gz", sequencer);
        const before = await world.totals();
        const days = 4 + 14; // in the queue, and among the dead letters
        world.now += days * 86_400_000;

        await world.deliver("raw/a.json.gz", sequencer);

        expect(logged.at(-1)!.message).to.equal("object accounted for already");
        expect(await world.totals()).to.deep.equal(before);
        const kept = (await world.rows("")).map(({ expires }) => Number(expires!.N) * 1000 - world.now);
        expect(Math.min(...kept)).to.be.at.least((ledgerDays - days) * 86_400_000);
        expect(ledgerDays).to.be.greaterThan(2 * days);
    });

    it("is left alone, and counted anew with `again`, which adds only what is missing", async () => {
        const world = await World.create(await ownPlace());
        const sequencer = world.put("raw/a.json.gz", [{ device: "a", at: "2026-11-21 04:00:00" }]);
        await world.deliver("raw/a.json.gz", sequencer);
        const before = await world.totals();

        await world.deliver("raw/a.json.gz", sequencer);
        const plain = logged.map(({ message }) => message);
        await world.deliver("raw/a.json.gz", sequencer, undefined, {}, { again: "r1" });
        const again = logged.slice(plain.length).map(({ message }) => message);

        expect(plain).to.deep.equal(["object counted", "object accounted for already"]);
        expect(again).to.deep.equal(["object counted"]);
        expect(await world.totals()).to.deep.equal(before);
        expect(Object.keys(before)).to.have.length(1);
    });
});
