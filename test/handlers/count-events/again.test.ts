import { expect } from "chai";
import { ownPlace } from "../../dynamodb/tables";
import { keepLogs, logged, World } from "./world";

describe("a replay of an object that was counted", () => {
    keepLogs();

    it("is left alone, and counted anew with `again`, which adds only what is missing", async () => {
        const world = await World.create(await ownPlace());
        const sequencer = world.put("raw/a.json.gz", [{ device: "a", at: "2026-11-21 04:00:00" }]);
        await world.deliver("raw/a.json.gz", sequencer);
        const before = await world.totals();

        await world.deliver("raw/a.json.gz", sequencer);
        const plain = logged.map(({ message }) => message);
        await world.deliver("raw/a.json.gz", sequencer, undefined, {}, "r1");
        const again = logged.slice(plain.length).map(({ message }) => message);

        expect(plain).to.deep.equal(["object counted", "object accounted for already"]);
        expect(again).to.deep.equal(["object counted"]);
        expect(await world.totals()).to.deep.equal(before);
        expect(Object.keys(before)).to.have.length(1);
    });
});
