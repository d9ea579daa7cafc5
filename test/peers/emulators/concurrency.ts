import { expect } from "chai";
import type { Account } from "./account";
import { counted, deploy, events } from "./count-events";
import { World } from "./run-query";

/** Functions at the same time, over a DynamoDB whose transactions see nothing of each other. */
export function describeConcurrency(on: () => Account): void {
    describe("at the same time", () => {
        it("run-query starts one run of an object", async () => {
            const one = await World.create(on());
            const other = one.other();
            await one.tell("0.json.gz");

            await Promise.all([one.tell("1.json.gz"), other.tell("1.json.gz"), one.tell("1.json.gz")]);

            expect(await one.statements("total")).to.have.length(2);
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
