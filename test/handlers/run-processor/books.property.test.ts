import { expect } from "chai";
import fc from "fast-check";
import { keepLogs } from "../count-events/world";
import { failed, ok, version, World } from "./world";

/** Deliveries of a message before it lies in the dead-letter queue. */
const maxReceives = 5;
const keys = ["raw/a", "raw/b", "raw/c"];

/** An announcement of a version; the same may be announced several times, in any order. */
const announcement = fc.record({ key: fc.constantFrom(...keys), number: fc.integer({ min: 1, max: 3 }) });
interface Trouble {
    kind: "fail" | "throw" | "die";
    bad: string[];
}
type Message = { key: string; number: number; receives: number };

/** What goes wrong while two workers have a batch each: some keys fail, all do, or the workers die behind the call. */
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("fail" as const), bad: fc.subarray(keys) }) },
    {
        weight: 1,
        arbitrary: fc.record({
            kind: fc.constantFrom("throw" as const, "die" as const),
            bad: fc.constant<string[]>([]),
        }),
    },
);
/** Where in the queue the two batches begin, and how long they are. */
const cut = fc.record({ start: fc.nat(100), length: fc.integer({ min: 1, max: 3 }) });

describe("the books of a processor", () => {
    keepLogs();

    it("say of every version that it is done, or its message is dead, and nothing done is called for again", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.array(announcement, { minLength: 1, maxLength: 8 }),
                fc.array(cut, { minLength: 1, maxLength: 10 }),
                fc.array(trouble, { maxLength: 12 }),
                async (announcements, cuts, troubles) => {
                    const world = await World.create();
                    const queue: Message[] = announcements.map((each) => ({ ...each, receives: 0 }));
                    const dead: Message[] = [];
                    let done = new Set<string>();

                    for (let step = 0; queue.length > 0; step++) {
                        const batches = [receive(2 * step), receive(2 * step + 1)];
                        happen(troubles[step]);
                        const givenBack = await Promise.all(batches.map((batch) => world.work(batch.map(bodyOf))));
                        giveBack(batches, givenBack);
                        const called = world.calls.splice(0).flat();
                        expect(called.filter(({ key, versionId }) => done.has(`${key} ${versionId}`))).to.deep.equal(
                            [],
                        );
                        const before = done;
                        done = await doneVersions();
                        expect([...before].filter((each) => !done.has(each))).to.deep.equal([]);
                    }

                    const isDead = (own: string) => dead.some((each) => nameOf(each) === own);
                    const lost = announcements.map(nameOf).filter((own) => !done.has(own) && !isDead(own));
                    expect(lost).to.deep.equal([]);
                    for (const [key, all] of Map.groupBy(announcements, (each) => each.key)) {
                        const number = Math.max(...all.map((each) => each.number));
                        if (!done.has(nameOf({ key, number }))) continue;
                        expect(await world.account(key)).to.include({ version: `v${number}`, outcome: "done" });
                    }

                    function receive(step: number): Message[] {
                        const { start, length } = cuts[step % cuts.length]!;
                        const batch = queue.splice(start % Math.max(1, queue.length), length);
                        for (const message of batch) message.receives++;
                        return batch;
                    }

                    function happen({ kind, bad }: Trouble = { kind: "fail", bad: [] }) {
                        world.answer = ({ objects }) => {
                            if (kind === "throw") return failed({ errorMessage: "no luck" });
                            const own = bad.filter((key) => objects.some((object) => object.key === key));
                            return ok(JSON.stringify({ failed: own }));
                        };
                        world.ledgerCall = (name) => {
                            if (kind === "die" && name === "UpdateItemCommand") throw new Error("dead");
                        };
                    }

                    function giveBack(batches: Message[][], givenBack: string[][]) {
                        for (const [index, batch] of batches.entries()) {
                            const back = batch.filter((_, place) => givenBack[index]!.includes(`m${place}`));
                            for (const each of back) (each.receives === maxReceives ? dead : queue).push(each);
                        }
                    }

                    async function doneVersions(): Promise<Set<string>> {
                        const all = Object.entries(await world.versions());
                        return new Set(all.filter(([, outcome]) => outcome === "done").map(([name]) => name));
                    }
                },
            ),
            { numRuns: 100 },
        );
    }).timeout(60_000);
});

function nameOf({ key, number }: { key: string; number: number }): string {
    return `${key} v${number}`;
}

function bodyOf({ key, number }: Message): string {
    return version(key, `v${number}`, `0${number}`);
}
