import { expect } from "chai";
import type { Account } from "./account";
import { counted, deploy, events } from "./count-events";
import { World } from "./run-query";

/** Functions at the same time, over a DynamoDB whose transactions see nothing of each other. */
export function describeConcurrency(on: () => Account): void {
    describe("at the same time", () => {
        it("run-query has each object in one run", async () => {
            const one = await World.create(on());
            const other = one.other();
            for (const each of [one, other]) await each.tell("first.json.gz");

            for (const round of ["a", "b", "c", "d"])
                await Promise.all([one.tell(`${round}1`, `${round}2`), other.tell(`${round}2`, `${round}3`)]);

            expect(await one.claimed()).to.equal(13);
        });

        it("count-events counts an object once", async () => {
            const { put, tell, twin, counters } = await deploy(on());
            await put(events);

            const answers = await Promise.all([tell("0A"), twin("0A"), tell("0A"), twin("0A")]);

            expect(answers.flat()).to.deep.equal([]);
            expect(await counters()).to.deep.equal(counted);
        });
    });
}
