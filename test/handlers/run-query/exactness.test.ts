import { expect } from "chai";
import fc from "fast-check";
import type { MappedQuery } from "../../../handlers/run-query/contract";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { createdObject } from "../shared/s3-event-messages";
import type { StartedRun } from "./fake-athena";
import { aPace, battery, type Fate, hour, keysOf, told, World, week } from "./world";

describe("query runs, whatever happens", function () {
    this.timeout(60_000);
    const { write } = process.stdout;
    before(() => {
        // What workers log at the same time can't be told apart.
        process.stdout.write = ((text: string, ...rest: never[]) =>
            text.startsWith('{"level"') || write.call(process.stdout, text, ...rest)) as typeof write;
    });
    after(() => {
        process.stdout.write = write;
    });

    it("have every object in exactly one run that succeeds, though messages come twice, cut otherwise, and workers die", () =>
        fc.assert(
            fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 14 }), async (scheduler, steps) => {
                const story = new Story([battery, week], scheduler);

                await story.play(steps);

                const succeeded = story.runsOf("battery").filter(({ state }) => state === "SUCCEEDED");
                expect(succeeded.flatMap(({ input }) => keysOf(input)).sort()).to.deep.equal(story.names());
                expect(await story.accountedFor("battery")).to.deep.equal(story.keys().filter(isInHour));
                expect(await story.refusedBy("battery")).to.deep.equal(story.keys().filter((key) => !isInHour(key)));
                expect(await story.accountedFor("week")).to.deep.equal(story.keys());
                expectOnceEach(story, "battery");
                expectOnceEach(story, "week");
            }),
            { numRuns: 100 },
        ));

    it("are never closer than the minimum interval, and there is one after the last arrival", () =>
        fc.assert(
            fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 14 }), async (scheduler, steps) => {
                const queries = [battery, week].map((query) => ({ ...query, minimumInterval: interval }));
                const story = new Story(queries, scheduler);

                await story.play(steps);

                for (const { name } of queries) {
                    const inRuns = story.keys().filter((key) => name === "week" || isInHour(key));
                    expect(await story.accountedFor(name)).to.deep.equal(inRuns);
                    expectOnceEach(story, name);
                    const times = (await story.world.books.runs(name)).map((run) => Date.parse(run.claimedAt!));
                    const gaps = times.slice(1).map((time, index) => time - times[index]!);
                    expect(Math.min(interval * 1000, ...gaps)).to.equal(interval * 1000);
                }
                const succeeded = story.runsOf("battery").filter(({ state }) => state === "SUCCEEDED");
                expect(succeeded.flatMap(({ input }) => keysOf(input)).sort()).to.deep.equal(story.names());
                const whole = story.runsOf("week").filter(({ state }) => state === "SUCCEEDED");
                const last = Math.max(0, ...whole.map(({ at }) => at));
                expect(last).to.be.at.least(story.lastArrival);
            }),
            { numRuns: 100 },
        ));
});

/** Seconds; longer than SQS can delay a message. */
const interval = 2_000;

/** What may happen next. */
type Step =
    | { arrive: number; misplaced: boolean }
    | { pass: number }
    | { deliver: { take: number[]; twice: boolean; fate?: Fate }[] }
    | { fail: number; retryable: boolean };

const fate: fc.Arbitrary<Fate> = fc.record({
    call: fc.integer({ min: 1, max: 16 }),
    side: fc.constantFrom("before", "after"),
});
const batch = fc.record(
    { take: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), twice: fc.boolean(), fate },
    { requiredKeys: ["take", "twice"] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ arrive: fc.integer({ min: 1, max: 4 }), misplaced: fc.nat(4).map((each) => each === 0) }),
    fc.record({ deliver: fc.array(batch, { minLength: 1, maxLength: 2 }) }),
    fc.record({ pass: fc.constantFrom(1, 300, 1_000, 2_500) }),
    fc.record({ fail: fc.nat(), retryable: fc.constant(true) }),
);

/** A run-query function with its queue, as they may fare. */
class Story {
    readonly world: World;
    /** When the last object arrived. */
    lastArrival = 0;
    private readonly objects: CreatedObject[] = [];
    /** Messages that are not done, and when they come. */
    private queue: { body: string; at: number }[] = [];
    /** Everything that was ever delivered: it may come once more. */
    private readonly done: string[] = [];

    constructor(
        queries: MappedQuery[],
        private readonly scheduler: fc.Scheduler,
    ) {
        this.world = new World(queries);
        this.world.listen = async (act) => ({ result: await act(), lines: [] });
        this.world.turn = () => scheduler.schedule(Promise.resolve());
    }

    async play(steps: Step[]): Promise<void> {
        for (const step of steps) {
            if ("arrive" in step) this.arrive(step.arrive, step.misplaced);
            else if ("pass" in step) this.world.time += step.pass * 1000;
            else if ("fail" in step) this.fail(step.fail, step.retryable);
            else await this.deliver(step.deliver);
        }
        await this.calmDown();
    }

    keys(): string[] {
        return this.objects.map(({ key }) => key).sort();
    }

    /** Of the objects that queries can name, without their hour. */
    names(): string[] {
        return this.keys()
            .flatMap((key) => (isInHour(key) ? key.slice(hour.length) : []))
            .sort();
    }

    /** Keys that the ledger says a query refused, all of which somebody was told. */
    async refusedBy(query: string): Promise<string[]> {
        const rows = this.world.books.rows().filter(({ outcome }) => outcome?.S === "failed");
        expect(rows.map(({ subscriber }) => subscriber!.S)).to.deep.equal(rows.map(() => `query/${query}`));
        const keys = rows.map(({ entry }) => entry!.S!.slice("object/".length)).sort();
        const told = this.world.notifications.flatMap(({ message }) => message.objects);
        expect(told).to.include.members(keys.map((key) => `s3://lake/${key}`));
        return keys;
    }

    runsOf(query: string): StartedRun[] {
        return [...this.world.athena.runs.values()].filter(({ input }) => input.WorkGroup === `fleet-dev-${query}`);
    }

    /** Keys of the objects of all runs that the ledger has, each of which has been started. */
    async accountedFor(query: string): Promise<string[]> {
        const runs = await this.world.books.runs(query);
        expect(runs.map(({ state }) => state)).to.deep.equal(runs.map(() => "started"));
        return runs.flatMap(({ objects }) => objects.map(({ key }) => key)).sort();
    }

    private arrive(count: number, misplaced: boolean): void {
        for (let index = 0; index < count; index++) {
            const object = createdObject(`${misplaced ? "raw/v0/ping/" : hour}${this.objects.length}`);
            this.objects.push(object);
            this.queue.push({ body: told(object), at: this.world.time });
        }
        this.lastArrival = this.world.time;
    }

    /** Athena fails one of the running runs, at most twice each. */
    private fail(which: number, Retryable: boolean): void {
        const running = [...this.world.athena.runs.values()].filter(
            ({ state, input }) => state === "RUNNING" && !input.QueryString!.endsWith("/3"),
        );
        const run = running[which % running.length];
        if (!run) return;
        const body = this.world.ended(run.id, "FAILED", { error: { Retryable } });
        this.queue.push({ body, at: this.world.time });
    }

    /** Workers take batches, at the same time, of what is there or was there before. */
    private async deliver(batches: { take: number[]; twice: boolean; fate?: Fate }[]): Promise<void> {
        const deliveries = batches.map(({ take, twice, fate }) => {
            const bodies = take.flatMap((which) => {
                const due = this.queue.filter(({ at }) => at <= this.world.time);
                if (twice && this.done.length > 0) return this.done[which % this.done.length]!;
                const message = due[which % due.length];
                if (!message) return [];
                if (!twice) this.queue = this.queue.filter((each) => each !== message);
                return message.body;
            });
            return this.worker(bodies, fate);
        });
        await this.scheduler.waitFor(Promise.all(deliveries));
    }

    private async worker(bodies: string[], fate?: Fate): Promise<void> {
        const { failed, died } = await this.world.deliver(bodies, { pace: aPace(10_000_000), fate });
        if (!died) expect(failed).to.deep.equal({});
        for (const body of bodies) {
            this.done.push(body);
            if (died) this.queue.push({ body, at: this.world.time + 362_000 });
        }
        this.queue.push(...this.world.sent.splice(0));
    }

    /** Delivers all that is left, however late it comes, and lets every run succeed. */
    private async calmDown(): Promise<void> {
        while (this.queue.length > 0) {
            this.world.time = Math.max(this.world.time, Math.min(...this.queue.map(({ at }) => at)));
            await this.deliver([{ take: [0], twice: false }]);
        }
        for (const run of this.world.athena.runs.values()) if (run.state === "RUNNING") run.state = "SUCCEEDED";
    }
}

function isInHour(key: string): boolean {
    return key.startsWith(hour);
}

/** Attempts follow each other; none but the last one may not have failed. */
function expectOnceEach(story: Story, query: string): void {
    const attempts = new Map<string, string[]>();
    for (const { input, state } of story.runsOf(query)) {
        const [, token, attempt] = /-- run (\w+)\/(\d)$/.exec(input.QueryString!)!;
        const states = attempts.get(token!) ?? [];
        expect(Number(attempt)).to.equal(states.length + 1);
        attempts.set(token!, [...states, state]);
    }
    for (const states of attempts.values()) {
        expect(states).to.deep.equal(states.map((_, index) => (index < states.length - 1 ? "FAILED" : "SUCCEEDED")));
    }
}
