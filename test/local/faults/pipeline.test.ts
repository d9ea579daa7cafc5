import { expect } from "chai";
import { type Faults, LocalPipeline, type Report } from "../../../local";
import { rejection } from "../support";

/** Every kind of fault at once; nothing that loses notifications, for nobody looks for those yet. */
const everything: Faults = {
    seed: 11,
    notifications: { duplicate: 0.2, reorder: 0.2, delay: 0.4 },
    calls: [
        { service: "athena", action: "StartQueryExecution", error: "TooManyRequestsException", times: 2 },
        { function: "normalize", service: "s3", action: "PutObject", cut: "after", probability: 0.3 },
        { service: "s3", action: "GetObject", error: "SlowDown", nth: 2 },
    ],
    crashes: [
        { function: "hardship-run-query", call: 1, when: "after" },
        { function: "convert-result", call: 2, when: "before" },
        { function: "normalize", call: 1, when: "after" },
    ],
    invocations: [{ function: "convert-result", fault: "timeout", nth: 3 }],
    visibility: [{ queue: "hardship-run-query", probability: 0.3 }],
    queries: [{ query: "seen", state: "FAILED", retryable: true, nth: 1 }],
    deliveryStreams: [
        { fault: "duplicate", nth: [1, 3] },
        { fault: "unreachable", from: "2026-11-21T04:05:00Z", to: "2026-11-21T04:30:00Z" },
    ],
};

describe("a pipeline with every fault", function () {
    this.timeout(120_000);
    const sent = Array.from({ length: 40 }, (_, index) =>
        index % 8 === 7 ? `}{${index}` : { id: `${index}`, value: index },
    );
    let first: Ended;
    let second: Ended;
    before(async () => {
        first = await run(everything);
        second = await run(everything);
    });

    it("does the same again from the same seed", () => {
        expect(second.report.faults).to.deep.equal(first.report.faults);
        expect(second.stored.sort()).to.deep.equal(first.stored.sort());
        expect(second.report.failed.length).to.equal(first.report.failed.length);
    });

    it("has them all, and says how often", () => {
        const { seed, injected, idle } = first.report.faults!;

        expect(seed).to.equal(11);
        expect(new Set(injected.map(({ rule }) => rule.split(/[.[]/)[0]))).to.deep.equal(
            new Set(Object.keys(everything).slice(1)),
        );
        expect(idle).to.deep.equal([]);
        expect(injected).to.deep.include({
            ...{ rule: "calls[0]", fault: "TooManyRequestsException" },
            ...{ where: "hardship-run-query athena:StartQueryExecution", count: 2 },
        });
    });

    it("keeps every event in the lake or, with its reason, in the failed store", () => {
        const good = sent.flatMap((event) => (typeof event === "object" ? [event.id] : []));
        const bad = sent.filter((event) => typeof event === "string");

        expect(new Set(first.stored)).to.deep.equal(new Set(good));
        expect(new Set(first.failed.map(({ line }) => line))).to.deep.equal(new Set(bad));
        expect(first.stored.length).to.be.greaterThan(good.length); // Firehose wrote some twice
    });

    it("has every stored event in the report, for a query that fails once is started again", () => {
        const { reports, runs, failed } = first.report;
        const seen = new Set(reports["processed/v0/seen/"]!.map(({ id }) => id));

        expect(seen).to.deep.equal(new Set(first.stored));
        expect(runs.filter(({ query, state }) => query === "seen" && state === "FAILED")).to.have.length(1);
        expect(failed.filter(({ reason }) => reason.includes('"seen"'))).to.deep.equal([]);
    });

    it("refuses rules that it can't follow, before it runs", async () => {
        const faults = { crashes: [{ function: "nowhere", call: 1, when: "before" }] } as Faults;

        const { message } = await rejection(LocalPipeline.start({ program: "test/programs/hardship", faults }));

        expect(message).to.match(
            /^1 problem in the faults:\n {2}crashes\[0\]\.function: there is no function "nowhere"/,
        );
    });

    it("reports fleet's batteries as ever through the document's faults", async () => {
        // #region start
        const local = await LocalPipeline.start({
            program: "examples/fleet",
            faults: {
                seed: 7,
                notifications: { duplicate: 0.5, reorder: 0.1, delay: 0.1 },
                calls: [
                    { service: "athena", action: "StartQueryExecution", error: "TooManyRequestsException", times: 3 },
                ],
                crashes: [{ function: "convert-result", call: 6, when: "after" }],
            },
        });
        // #endregion start
        await local.send("deviceping", [{ device_id: "a", battery: 0.4, sent_at: "2026-11-21 04:00:00" }]);
        await local.settle();

        const rows = await local.rows("processed/v0/devicebattery/");
        const { injected } = local.faults()!;
        await local.stop();

        expect(rows).to.deep.equal([{ device_id: "a", battery: 0.4, sent_at: "2026-11-21 04:00:00.000" }]);
        expect(injected).to.deep.include({
            ...{ rule: "crashes[0]", fault: "crash after", where: "fleet-convert-result s3:PutObject", count: 1 },
        });
        expect(injected.find(({ rule }) => rule === "calls[0]")!.count).to.equal(3);
    });

    it("says nothing of faults where none were asked for", async () => {
        const local = await LocalPipeline.start({ program: "test/programs/hardship" });

        const report = await local.report();
        await local.stop();

        expect(report).to.not.have.property("faults");
        expect(local.faults()).to.equal(undefined);
        expect(local.serviceCalls()).to.deep.equal({});
    });

    interface Ended {
        report: Report;
        /** Ids of the events in the lake. */
        stored: string[];
        /** What the failed store holds. */
        failed: Record<string, unknown>[];
    }

    async function run(faults: Faults): Promise<Ended> {
        const local = await LocalPipeline.start({
            program: "test/programs/hardship",
            at: "2026-11-21T04:00:00Z",
            faults,
        });
        try {
            for (const [portion, at] of ["04:00:00", "04:03:00", "04:08:00", "04:10:00"].entries()) {
                await local.advanceTo(`2026-11-21T${at}Z`);
                await local.send("ping", sent.slice(portion * 10, portion * 10 + 10));
            }
            await local.settle();
            return {
                report: await local.report(),
                stored: (await local.rows("raw/v0/ping/")).map(({ id }) => String(id)),
                failed: await local.rows("failed/ping/normalize/"),
            };
        } finally {
            await local.stop();
        }
    }
});
