import { expect } from "chai";
import { createWorld, hour, minute, pings, seen } from "./world";

const later = (time: number) => new Date(time).toISOString();

describe("reconcile", () => {
    describe("counts objects by what the ledger says of them", () => {
        it("done, failed, in work for less than the time given, missing", async () => {
            const { put, account, clock, reconcile } = await createWorld();
            const names = ["done", "failed", "fresh", "stale", "gone", "old", "none"] as const;
            const objects = Object.fromEntries(
                await Promise.all(names.map(async (name) => [name, await put(`raw/${name}`)])),
            );
            await account("rollup/pings", objects.done, "done");
            await account("rollup/pings", objects.failed, "failed");
            await account("rollup/pings", objects.stale, "started");
            await account("rollup/pings", objects.gone, "gone", { version: "" });
            await account("rollup/pings", objects.old, "done", { version: "an older one" });
            clock.advanceTo(clock.now() + 2 * hour);
            await account("rollup/pings", objects.fresh, "started", { at: clock.now() - 59 * minute });

            const { subscribers, examples, next } = await reconcile();

            expect(subscribers).to.deep.equal([
                {
                    subscriber: "rollup/pings",
                    ...{ objects: 7, done: 1, failed: 1, inWork: 1, missing: 4, republished: 4, givenUp: 0 },
                },
            ]);
            expect(examples.map(({ key, reason }) => [key, reason])).to.deep.equal([
                ["raw/gone", "the ledger has version none"],
                ["raw/none", "nothing in the ledger"],
                ["raw/old", "the ledger has version an older one"],
                ["raw/stale", "started at 2026-11-21T04:00:00.000Z"],
            ]);
            expect(next).to.equal(undefined);
        });

        it("those alone that were written in the window, at their newest version", async () => {
            const { put, account, clock, reconcile, context } = await createWorld();
            await put("raw/too-old");
            clock.advanceTo(clock.now() + 48 * hour);
            await put("raw/due", "first");
            const newest = await put("raw/due", "second");
            await account("rollup/pings", newest, "done");
            clock.advanceTo(clock.now() + 61 * minute);
            await put("raw/too-new");

            const { subscribers, window } = await reconcile();

            expect(subscribers[0]).to.deep.include({ objects: 1, done: 1 });
            expect(window).to.deep.equal({ from: later(clock.now() - 48 * hour), to: later(clock.now() - hour) });
            expect(context.environment.LOOKBACK_HOURS).to.equal("48");
        });

        it("each for every subscriber whose trigger its key starts with", async () => {
            const deep = { ...pings, name: "deep", trigger: "raw/v0/ping/" };
            const { put, clock, reconcile } = await createWorld({ subscribers: [pings, deep] });
            await put("raw/v0/ping/a");
            await put("raw/v0/other");
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers } = await reconcile();

            expect(subscribers.map(({ subscriber, objects }) => [subscriber, objects])).to.deep.equal([
                ["rollup/pings", 2],
                ["rollup/deep", 1],
            ]);
        });

        it("of a processor also in the version's own row, for the object's may tell of another version", async () => {
            const own = { ...pings, kind: "processor" as const };
            const { put, account, clock, reconcile, handled } = await createWorld({ subscribers: [own] });
            await account("processor/pings", await put("raw/a"), "done", { version: "another" });
            const lost = await put("raw/b");
            await account("processor/pings", lost, "done", { version: "another" });
            await handled("pings", await put("raw/a", "newer"));
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers, examples } = await reconcile();

            expect(subscribers[0]).to.deep.include({ objects: 2, done: 1, missing: 1 });
            expect(examples[0]).to.deep.include({ key: "raw/b", reason: "the ledger has version another" });
        });

        it("in a bucket without versions by ETag, with or without quotes", async () => {
            const { put, account, clock, reconcile, received } = await createWorld({ versioned: false });
            const quoted = await put("raw/quoted");
            await account("rollup/pings", quoted, "done", { version: `"${quoted.etag}"` });
            await account("rollup/pings", await put("raw/plain"), "done");
            const lost = await put("raw/lost", "other");
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers } = await reconcile();

            expect(subscribers[0]).to.deep.include({ done: 2, missing: 1 });
            expect(received("pings")[0][0].s3.object).to.deep.equal({ key: "raw/lost", size: 5, eTag: lost.etag });
        });

        it("an empty object, but not for queries, which have nothing to do with it", async () => {
            const { put, clock, reconcile } = await createWorld({ subscribers: [pings, seen] });
            await put("raw/empty", "");
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers } = await reconcile();

            expect(subscribers.map(({ objects, missing }) => [objects, missing])).to.deep.equal([
                [1, 1],
                [0, 0],
            ]);
        });
    });

    describe("of a query asks its runs", () => {
        for (const [what, fields, counts] of [
            ["one that succeeded", { state: "succeeded" }, { done: 1 }],
            ["one that failed", { state: "failed" }, { failed: 1 }],
            ["one that nobody woke", { state: "open" }, { missing: 1 }],
            [
                "one that started lately",
                { state: "started", executionId: "e", startedAt: later(Date.UTC(2026, 10, 21, 5, 1)) },
                { inWork: 1 },
            ],
            [
                "one that was claimed long ago",
                { state: "claimed", claimedAt: later(Date.UTC(2026, 10, 21, 4, 1)) },
                { missing: 1 },
            ],
            ["none that the ledger knows", undefined, { missing: 1 }],
        ] as const) {
            it(what, async () => {
                const { put, account, run, clock, reconcile, received } = await createWorld({ subscribers: [seen] });
                await account("query/seen", await put("raw/a"), "started", { executionId: "token" });
                if (fields) await run("token", fields);
                clock.advanceTo(clock.now() + 2 * hour);

                const { subscribers } = await reconcile();

                const none = { objects: 1, done: 0, failed: 0, inWork: 0, missing: 0, givenUp: 0 };
                const { subscriber: _, republished, ...found } = subscribers[0]!;
                expect(found).to.deep.equal({ ...none, ...counts });
                expect(republished).to.equal("missing" in counts ? 1 : 0);
                expect(received("run-query")).to.have.length(republished);
            });
        }

        it("and leaves it the time that it takes by its own will", async () => {
            const patient = { ...seen, patience: 3600 };
            const { put, account, run, clock, reconcile } = await createWorld({ subscribers: [patient] });
            await account("query/seen", await put("raw/a"), "started", { executionId: "token" });
            await run("token", { state: "claimed", claimedAt: later(clock.now()) });

            clock.advanceTo(clock.now() + 2 * hour - 1);
            const early = await reconcile();
            clock.advanceTo(clock.now() + 1);
            const late = await reconcile();

            expect([early, late].map(({ subscribers }) => subscribers[0]!.missing)).to.deep.equal([0, 1]);
        });

        it("tells those who keep results of one that is there, once, and those who start runs otherwise", async () => {
            const { put, account, run, clock, reconcile, received } = await createWorld({ subscribers: [seen] });
            const startedAt = later(clock.now());
            await put("athena/seen/e1.csv", "a\n");
            await put("athena/seen/e1.csv.metadata", "m");
            await account("query/seen", await put("raw/a"), "started", { executionId: "t1" });
            await account("query/seen", await put("raw/b"), "started", { executionId: "t1" });
            await account("query/seen", await put("raw/c"), "started", { executionId: "t2" });
            await run("t1", { state: "started", executionId: "e1", startedAt });
            await run("t2", { state: "started", executionId: "e2", startedAt });
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers, examples } = await reconcile();

            expect(subscribers[0]).to.deep.include({ missing: 3, republished: 3 });
            expect(examples[0]!.reason).to.equal(`its run is started since ${startedAt}`);
            expect(received("convert-result").map(([{ s3 }]) => s3.object.key)).to.deep.equal(["athena/seen/e1.csv"]);
            expect(received("run-query").map(([{ s3 }]) => s3.object.key)).to.deep.equal(["raw/c"]);
        });
    });

    describe("announces again what is missing", () => {
        it("as S3 does, but for the sequencer, and to nobody but the subscriber that lacks it", async () => {
            const { put, account, clock, reconcile, received } = await createWorld({ subscribers: [pings, seen] });
            const object = await put("raw/day=1/a b+ü.gz");
            await account("query/seen", object, "done");
            clock.advanceTo(clock.now() + 2 * hour);

            await reconcile();

            expect(received("run-query")).to.deep.equal([]);
            expect(received("pings")).to.deep.equal([
                [
                    {
                        eventVersion: "2.1",
                        eventSource: "aws:s3",
                        eventTime: "2026-11-21T04:00:00.000Z",
                        eventName: "ObjectCreated:Put",
                        s3: {
                            s3SchemaVersion: "1.0",
                            bucket: { name: "lake" },
                            object: {
                                ...{ key: "raw/day%3D1/a+b%2B%C3%BC.gz", size: 3 },
                                ...{ eTag: object.etag, versionId: object.versionId },
                            },
                        },
                    },
                ],
            ]);
        });

        it("three times each version, then only tells of it", async () => {
            const { put, clock, reconcile, received } = await createWorld();
            await put("raw/a");
            const fates = [];
            for (let round = 0; round < 5; round++) {
                clock.advanceTo(clock.now() + 2 * hour);
                const { subscribers, examples } = await reconcile();
                fates.push([
                    subscribers[0]!.missing,
                    subscribers[0]!.republished,
                    subscribers[0]!.givenUp,
                    examples[0]!.republished,
                ]);
            }
            await put("raw/a", "another version");
            clock.advanceTo(clock.now() + 2 * hour);
            const { subscribers } = await reconcile();

            expect(fates).to.deep.equal([
                [1, 1, 0, 0],
                [1, 1, 0, 1],
                [1, 1, 0, 2],
                [1, 0, 1, 3],
                [1, 0, 1, 3],
            ]);
            expect(subscribers[0]).to.deep.include({ missing: 1, republished: 1, givenUp: 0 });
            expect(received("pings")).to.have.length(4);
        });

        it("not at all in a dry run, which leaves no trace", async () => {
            const { put, clock, reconcile, received, rows } = await createWorld();
            await put("raw/a");
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers, lines } = await reconcile({ dryRun: true });

            expect(subscribers[0]).to.deep.include({ missing: 1, republished: 0, givenUp: 0 });
            expect(received("pings")).to.deep.equal([]);
            expect(await rows()).to.deep.equal([]);
            expect(lines.map(({ message }) => message)).to.deep.equal(["object missing", "reconciled"]);
        });

        it("and counts only what the queue took", async () => {
            const { put, clock, reconcile, context, rows } = await createWorld();
            for (let index = 0; index < 12; index++) await put(`raw/${String(index).padStart(2, "0")}`);
            clock.advanceTo(clock.now() + 2 * hour);
            const { sqs } = context;
            let calls = 0;
            context.sqs = {
                send: async (command: Parameters<typeof sqs.send>[0]) => {
                    const answer = await sqs.send(command);
                    return ++calls === 2 ? { ...answer, Failed: [{ Id: "1" }] } : answer;
                },
            } as never;

            const { subscribers, lines } = await reconcile();

            expect(calls).to.equal(2);
            expect(subscribers[0]).to.deep.include({ missing: 12, republished: 11 });
            expect(await rows()).to.have.length(11);
            expect(lines).to.deep.include.members([
                {
                    ...{ level: "warn", message: "object missing", stage: "reconcile", subscriber: "rollup/pings" },
                    ...{ key: "raw/11", reason: "nothing in the ledger", attempts: 0 },
                },
            ]);
        });
    });

    it("lists folders of time from a day before the window on, and other prefixes whole", async () => {
        const asked: string[] = [];
        const listings = [
            { prefix: "a/", folders: { prefix: "a/", layout: "arrival_hour" } },
            { prefix: "b/", folders: { prefix: "b/", layout: "hive_hour" } },
            { prefix: "c/", folders: { prefix: "c/", layout: "run_date" } },
            { prefix: "d/" },
        ] as const;
        const { reconcile, context } = await createWorld({ listings: [...listings], subscribers: [] });
        const { s3 } = context;
        context.s3 = {
            send: async (command: { input: { Prefix: string; KeyMarker?: string } }) => {
                asked.push(`${command.input.Prefix} ${command.input.KeyMarker}`);
                return s3.send(command as never);
            },
        } as never;

        await reconcile();

        expect(asked).to.deep.equal([
            "a/ a/2026/11/18/03",
            "b/ b/year=2026/month=11/day=18/hour=03",
            "c/ c/run_date=2026-11-18",
            "d/ undefined",
        ]);
    });

    it("goes through pages of a thousand versions, of which many may be old ones", async () => {
        const { put, account, clock, reconcile } = await createWorld();
        const keys = Array.from({ length: 700 }, (_, index) => `raw/${index}`);
        await Promise.all(keys.map((key) => put(key, "first")));
        const objects = await Promise.all(keys.map((key) => put(key, "second")));
        for (const object of objects.slice(0, 690)) await account("rollup/pings", object, "done");
        clock.advanceTo(clock.now() + 2 * hour);

        const { subscribers, next } = await reconcile();

        expect(subscribers[0]).to.deep.include({ objects: 700, done: 690, missing: 10 });
        expect(next).to.equal(undefined);
    });

    describe("that runs out of time", function () {
        this.timeout(60_000);
        const listings = [{ prefix: "raw/" }, { prefix: "zoo/" }];

        it("says where to go on, and goes on there", async () => {
            const { put, clock, reconcile, context } = await createWorld({ listings });
            for (let index = 0; index < 1001; index++) await put(`raw/${10_000 + index}`);
            clock.advanceTo(clock.now() + 2 * hour);
            context.timeLeft = () => 29_999;

            const first = await reconcile();
            const second = await reconcile({ from: first.next });

            expect(first.next).to.deep.equal({ prefix: "raw/", after: "raw/10999" });
            expect(first.subscribers[0]).to.deep.include({ objects: 1000 });
            expect(first.examples).to.have.length(100);
            expect(second.subscribers[0]).to.deep.include({ objects: 1 });
            expect(second.next).to.equal(undefined);
        });

        it("goes on by itself in the next hour, then from the beginning", async () => {
            const { put, clock, reconcile, context, rows } = await createWorld({ listings });
            for (let index = 0; index < 1001; index++) await put(`raw/${10_000 + index}`);
            clock.advanceTo(clock.now() + 2 * hour);
            context.timeLeft = () => 0;
            const hours = [];
            for (let hours_ = 0; hours_ < 3; hours_++)
                hours.push((await reconcile({ hourly: true })).subscribers[0]!.objects);

            expect(hours).to.deep.equal([1000, 1, 1000]);
            expect((await rows()).filter(({ entry }) => entry!.S === "reconcile/cursor")).to.have.length(1);
        });

        it("begins anew where the listing is no more in which it stopped", async () => {
            const { put, clock, reconcile } = await createWorld({ listings });
            await put("raw/a");
            clock.advanceTo(clock.now() + 2 * hour);

            const { subscribers } = await reconcile({ from: { prefix: "gone/", after: "gone/x" } });

            expect(subscribers[0]).to.deep.include({ objects: 1 });
        });
    });

    it("writes metrics of what is missing, by the hour alone, as CloudWatch reads them in the log", async () => {
        const { put, clock, reconcile } = await createWorld();
        const before = await reconcile({ hourly: true });
        await put("raw/a");
        clock.advanceTo(clock.now() + 2 * hour);

        const byHand = await reconcile({ dryRun: true });
        const { lines } = await reconcile({ hourly: true });

        expect(before.lines.filter((line) => "_aws" in line)).to.deep.equal([]);
        expect(byHand.lines.filter((line) => "_aws" in line)).to.deep.equal([]);
        expect(lines.filter((line) => "_aws" in line)).to.deep.equal([
            {
                _aws: {
                    Timestamp: clock.now(),
                    CloudWatchMetrics: [
                        {
                            Namespace: "EventPipeline",
                            Dimensions: [["Pipeline", "Subscriber"], ["Pipeline"]],
                            Metrics: [
                                { Name: "ReconciledObjects", Unit: "Count" },
                                { Name: "UnaccountedObjects", Unit: "Count" },
                                { Name: "RepublishedObjects", Unit: "Count" },
                            ],
                        },
                    ],
                },
                Pipeline: "web-dev",
                Subscriber: "rollup/pings",
                ReconciledObjects: 1,
                UnaccountedObjects: 1,
                RepublishedObjects: 1,
            },
        ]);
    });
});
