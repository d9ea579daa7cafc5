import { expect } from "chai";
import fc from "fast-check";
import type { Faults, NotificationFault } from "../../../local/faults";
import { arn, bucket, nodeFunction, queue, resource, settle, start } from "../support";
import { announcing, created, prepare } from "./support";

const inbox = [
    bucket("lake"),
    queue("lake-inbox"),
    announcing({ queues: [{ queueArn: arn(queue("lake-inbox")), ...created }] }),
];

describe("notifications with faults", () => {
    for (const { rule, arrivals } of [
        { rule: { fault: "duplicate", nth: 1 }, arrivals: ["a@0", "a@0", "b@0", "c@0"] },
        { rule: { fault: "duplicate", nth: 1, seconds: 30 }, arrivals: ["a@0", "b@0", "c@0", "a@30"] },
        { rule: { fault: "drop", nth: 2 }, arrivals: ["a@0", "c@0"] },
        { rule: { fault: "delay", nth: 1 }, arrivals: ["b@0", "c@0", "a@60"] },
        { rule: { fault: "delay", times: 2, seconds: 90 }, arrivals: ["c@0", "a@90", "b@90"] },
        { rule: { fault: "reorder", nth: 1 }, arrivals: ["b@0", "a@0", "c@0"] },
        { rule: { fault: "reorder", nth: 3, seconds: 20 }, arrivals: ["a@0", "b@0", "c@20"] },
    ] as { rule: NotificationFault; arrivals: string[] }[]) {
        it(`${JSON.stringify(rule)}: a, b and c arrive as ${arrivals}`, async () => {
            const { arrive, injector } = await sending({ notifications: [rule] }, ["a", "b", "c"]);

            expect(await arrive()).to.deep.equal(arrivals);
            expect(injector.report()).to.deep.equal({
                seed: 1,
                injected: [
                    { rule: "notifications[0]", fault: rule.fault, where: "lake-inbox", count: rule.times ?? 1 },
                ],
                idle: [],
            });
        });
    }

    it("keep to the destination and the folder that a rule names, and leave S3's test event alone", async () => {
        const { arrive, injector } = await sending(
            {
                notifications: [
                    { fault: "drop", target: "inbox", prefix: "raw/" },
                    { fault: "drop", target: "other" },
                ],
            },
            ["raw/a b", "processed/a"],
            [queue("other")],
        );

        expect(await arrive()).to.deep.equal(["processed/a@0"]);
        expect(injector.report().idle).to.deep.equal(["notifications[1]"]);
    });

    it("keep to a rule's time", async () => {
        const { s3, arrive, clock } = await sending(
            { notifications: [{ fault: "drop", from: "2026-11-21T04:01:00Z", to: "2026-11-21T04:02:00Z" }] },
            ["a"],
        );

        for (const [second, key] of [
            [60, "b"],
            [119, "c"],
            [120, "d"],
        ] as const) {
            clock.advanceTo(start + second * 1000);
            await s3.put("lake", key, Buffer.from("x"));
        }

        expect(await arrive()).to.deep.equal(["a@0", "d@120"]);
    });

    it("happen behind a topic to each subscriber by itself, queue or function", async () => {
        const topic = resource("aws:sns/topic:Topic", "news");
        const fn = nodeFunction("lake-direct", "exports.handler = async () => console.log('told');");
        const subscription = (protocol: string, endpoint: string, inputs = {}) =>
            resource("aws:sns/topicSubscription:TopicSubscription", protocol, {
                ...{ topic: arn(topic), protocol, endpoint },
                ...inputs,
            });
        const { s3, sqs, lines, runtime } = await prepare(
            { notifications: [{ fault: "duplicate", target: "direct" }] },
            ...[
                bucket("lake"),
                topic,
                queue("raw"),
                fn,
                announcing({ topics: [{ topicArn: arn(topic), ...created }] }),
            ],
            subscription("sqs", arn(queue("raw")), { rawMessageDelivery: true }),
            subscription("lambda", arn(fn)),
        );
        for (const { receiptHandle } of sqs.queue("raw").receive(10)) sqs.queue("raw").delete(receiptHandle!); // test event
        await settle(runtime);
        const before = lines().length;

        await s3.put("lake", "a", Buffer.from("x"));
        await runtime.work.idle();

        expect(lines().slice(before)).to.deep.equal(["told", "told"]);
        expect(sqs.queue("raw").receive(10)).to.have.length(1);
    });

    it("happen on the way into a function that the bucket itself tells", async () => {
        const fn = nodeFunction("fn", "exports.handler = async () => console.log('told');");
        const { s3, lines, runtime } = await prepare(
            { notifications: [{ fault: "drop", times: 1 }] },
            ...[bucket("lake"), fn, announcing({ lambdaFunctions: [{ lambdaFunctionArn: arn(fn), ...created }] })],
        );

        await s3.put("lake", "a", Buffer.from("x"));
        await s3.put("lake", "b", Buffer.from("x"));
        await settle(runtime);

        expect(lines()).to.deep.equal(["told"]);
    });

    it("are the same from the same seed, others from another, and about as many as the probability says", async () => {
        const keys = Array.from({ length: 400 }, (_, index) => `raw/${index % 4}/x`);
        const arrivals = async (seed: number) =>
            (await sending({ seed, notifications: { drop: 0.25 } }, keys)).arrive();

        const [one, again, other] = [await arrivals(1), await arrivals(1), await arrivals(2)];

        expect(again).to.deep.equal(one);
        expect(other).to.not.deep.equal(one);
        expect(one.length).to.be.within(260, 340);
    });

    it("are drawn by each rule for itself", async () => {
        const rule: NotificationFault = { fault: "drop", probability: 0.5 };
        const keys = Array.from({ length: 40 }, () => "raw/x");
        const { injector } = await sending({ notifications: [rule, { ...rule, fault: "duplicate" }] }, keys);

        // Did both draw the same numbers, the second would never be the first to strike.
        const [dropped, duplicated] = injector.report().injected;
        expect(dropped!.count).to.be.within(10, 30);
        expect(duplicated!.count).to.be.within(4, 20);
    });

    it("do not depend on other rules, on other folders or on ids in keys", async () => {
        const id = "01234567-89ab-cdef-0123-456789abcdef";
        const otherId = id.replaceAll("1", "f");
        const only = async (faults: Faults, keys: string[]) =>
            (await (await sending(faults, keys)).arrive()).filter((arrival) => arrival.startsWith("a/"));

        await fc.assert(
            fc.asyncProperty(
                fc.integer({ min: 0, max: 1000 }),
                fc.array(fc.boolean(), { maxLength: 6 }),
                async (seed, mixed) => {
                    const drop: NotificationFault = { fault: "drop", prefix: "a/", probability: 0.5 };
                    const own = Array.from({ length: 6 }, () => `a/${id}`);
                    const among = own.flatMap((key, index) => (mixed[index] ? ["b/x", key] : [key]));

                    const alone = await only({ seed, notifications: [drop] }, own);
                    const disturbed = await only(
                        { seed, notifications: [drop, { fault: "drop", prefix: "b/", probability: 0.5 }] },
                        among.map((key) => key.replace(id, otherId)),
                    );

                    expect(disturbed.map((arrival) => arrival.replace(otherId, id))).to.deep.equal(alone);
                },
            ),
            { numRuns: 15 },
        );
    });
});

/** Objects appear under these keys, announced to a queue. */
async function sending(faults: Faults, keys: string[], also: ReturnType<typeof queue>[] = []) {
    const prepared = await prepare(faults, ...inbox, ...also);
    const { s3, sqs, clock } = prepared;
    const arrivals: string[] = [];
    const take = () => {
        for (const { body, receiptHandle } of sqs.queue("lake-inbox").receive(1)) {
            sqs.queue("lake-inbox").delete(receiptHandle!);
            const { Records = [] } = JSON.parse(body);
            for (const { s3 } of Records) {
                const key = decodeURIComponent(s3.object.key.replaceAll("+", " "));
                arrivals.push(`${key}@${(clock.now() - start) / 1000}`);
            }
        }
    };
    while (sqs.queue("lake-inbox").counts().visible > 0) take(); // the test event
    sqs.queue("lake-inbox").onAvailable(take);
    for (const key of keys) await s3.put("lake", key, Buffer.from("x"));
    return {
        ...prepared,
        /** Keys with the second of their arrival, in order. */
        async arrive() {
            clock.advanceTo(start + 200_000);
            return arrivals;
        },
    };
}
