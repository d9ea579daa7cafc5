import { expect } from "chai";
import fc from "fast-check";
import { keepLogs } from "../count-events/world";
import { clicks, type Death, type Fate, World } from "./world";

const death: fc.Arbitrary<Death> = fc.record({
    call: fc.integer({ min: 1, max: 12 }),
    side: fc.constantFrom("before", "after"),
});
/** An object comes, in one of two hours; time passes; or messages are delivered, each to a worker with a fate of its own. */
const step = fc.oneof(
    fc.record({ put: fc.integer({ min: 4, max: 5 }) }),
    fc.record({ pass: fc.integer({ min: 1, max: 5_000 }) }),
    fc.record({
        deliver: fc.array(fc.tuple(fc.nat(), fc.option(death, { nil: undefined }), fc.boolean()), {
            minLength: 1,
            maxLength: 3,
        }),
    }),
);
const fate = fc.constantFrom<Fate>("SUCCEEDED", "SUCCEEDED", "FAILED", "CANCELLED");

describe("compacted intervals", function () {
    this.timeout(120_000);
    keepLogs();

    it("hold every object once, whatever comes twice, late, fails, runs at the same time, or crashes", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.scheduler(),
                fc.array(step, { minLength: 4, maxLength: 20 }),
                fc.array(fate, { maxLength: 8 }),
                fc.constantFrom("hour", "day"),
                async (scheduler, steps, fates, every) => {
                    const world = await World.create({ ...clicks, every: every as "hour" | "day" });
                    world.fates = fates;
                    let objects = 0;
                    world.turn = () => scheduler.schedule(Promise.resolve());
                    for (const each of steps) {
                        if ("put" in each) world.put(`raw/v0/clicks/2026/11/21/0${each.put}/${objects++}.json.gz`);
                        else if ("pass" in each) world.now += each.pass * 1000;
                        else await all(each.deliver);
                    }
                    world.turn = async () => {};
                    await world.drain();
                    for (let times = 0; world.dead.length > 0 && times < 10; times++) {
                        world.now += 3 * 3_600_000;
                        world.redrive();
                        await world.drain();
                    }

                    expect(world.parquet()).to.deep.equal(world.json());
                    expect(world.dead).to.deep.equal([]);

                    /** Of the messages that can be received, or, where there are none, the first to come. */
                    async function all(deliveries: [number, Death | undefined, boolean][]): Promise<void> {
                        if (world.queue.length === 0) return;
                        world.now = Math.max(world.now, Math.min(...world.queue.map(({ at }) => at)));
                        const visible = world.queue.filter(({ at }) => at <= world.now);
                        const works = deliveries.map(([which, fate, again]) =>
                            world.deliver(visible[which % visible.length]!, fate, again),
                        );
                        await scheduler.waitFor(Promise.all(works));
                    }
                },
            ),
            { numRuns: 40 },
        );
    });
});
