import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { ConnectionCut } from "../../../local/faults/connection-cut";
import { Turns } from "../../../local/faults/turns";
import { rejection } from "../support";

describe("turns", () => {
    it("are in the order that the seed says, however long everybody thinks", async () => {
        const first = await orderOf(1, { a: 0, b: 5, c: 1 });
        const second = await orderOf(1, { a: 7, b: 0, c: 3 });
        const others = await Promise.all([2, 3, 4].map((seed) => orderOf(seed, { a: 0, b: 5, c: 1 })));

        expect(first).to.have.length(9);
        expect(second).to.deep.equal(first);
        expect(others).to.not.deep.include(first);
    });

    it("come one after another: nobody acts while another does", async () => {
        const turns = new Turns(1);
        let acting = 0;
        let most = 0;
        const act = async () => {
            most = Math.max(most, ++acting);
            await sleep(2);
            acting--;
        };

        await Promise.all(["a", "b", "c"].map((actor) => turns.alone(actor, act)));

        expect(most).to.equal(1);
    });

    it("come to others while one waits for their work", async () => {
        const turns = new Turns(1);
        const acts: string[] = [];
        const end = turns.begin("caller");

        await turns.takeAndWait("caller", async () => {
            await turns.alone("called", async () => void acts.push("called"));
            acts.push("caller");
        });
        await end();

        expect(acts).to.deep.equal(["called", "caller"]);
    });

    it("come to none whose process died, and then the others go on", async () => {
        const turns = new Turns(1);
        const acts: string[] = [];
        const ends = ["dead", "thinking"].map((actor) => turns.begin(actor));
        const cut = rejection(turns.take("dead", async () => void acts.push("dead")));

        turns.drop("dead");
        void ends[0]!();
        await turns.take("thinking", async () => void acts.push("thinking"));

        expect(await cut).to.be.instanceOf(ConnectionCut);
        expect(acts).to.deep.equal(["thinking"]);
    });

    it("come to a process's calls in the order in which it made them, and not before it has said what it waits for", async () => {
        const turns = new Turns(1);
        const acts: number[] = [];
        const end = turns.begin("a");
        const act = (call: number) => async () => void acts.push(call);

        const second = turns.take("a", act(2), 2);
        const first = turns.take("a", act(1), 1);
        await sleep(5);
        const actsUnreported = [...acts];
        turns.report("a", [1, 2]);
        await first;
        await sleep(5);
        const actsOfFirst = [...acts];
        turns.report("a", [2]);
        await second;
        await end();

        expect(actsUnreported).to.deep.equal([]);
        expect(actsOfFirst).to.deep.equal([1]);
        expect(acts).to.deep.equal([1, 2]);
    });

    it("wait for a call that was reported and is still on its way", async () => {
        const turns = new Turns(1);
        const acts: number[] = [];
        turns.begin("a");

        const second = turns.take("a", async () => void acts.push(2), 2);
        turns.report("a", [1, 2]);
        await sleep(5);
        const actsBefore = [...acts];
        await turns.take("a", async () => void acts.push(1), 1);
        turns.report("a", [2]);
        await second;

        expect(actsBefore).to.deep.equal([]);
        expect(acts).to.deep.equal([1, 2]);
    });

    it("are needed to be done, too: others may be served by what follows", async () => {
        const turns = new Turns(1);
        const ended: string[] = [];
        const ends = ["a", "b"].map((actor) => ({ actor, end: turns.begin(actor) }));

        const first = ends[0]!.end().then(() => ended.push("a"));
        await sleep(5);
        const endedAlone = [...ended];
        await Promise.all([first, ends[1]!.end().then(() => ended.push("b"))]);

        expect(endedAlone).to.deep.equal([]);
        expect(ended).to.have.members(["a", "b"]);
    });

    it("hand on what an act throws", async () => {
        const turns = new Turns(1);

        const error = await rejection(turns.alone("a", () => Promise.reject(new Error("refused"))));

        expect((error as Error).message).to.equal("refused");
        expect(await turns.alone("b", async () => "done")).to.equal("done");
    });
});

/** Who acted when, of actors who act three times each and think for so many milliseconds before. */
async function orderOf(seed: number, thinking: Record<string, number>): Promise<string[]> {
    const turns = new Turns(seed);
    const order: string[] = [];
    const work = async ([actor, milliseconds]: [string, number]) => {
        const end = turns.begin(actor);
        for (let act = 1; act <= 3; act++) {
            await sleep(milliseconds);
            await turns.take(actor, async () => void order.push(`${actor}${act}`));
        }
        await end();
    };
    await Promise.all(Object.entries(thinking).map(work));
    return order;
}
