import { expect } from "chai";
import type { ProcessorEvent } from "eventpipeline/processor";
import { type Faults, LocalPipeline } from "../../local";

describe("processors, called by their function", function () {
    this.timeout(60_000);
    let local: LocalPipeline;
    afterEach(() => local.stop());

    async function start(faults?: Faults) {
        local = await LocalPipeline.start({
            program: "test/programs/processors",
            at: "2026-11-21T04:00:00Z",
            faults,
        });
    }

    /** What a processor wrote to its log at each call. */
    function calls(processor: string): string[] {
        return local.journal
            .of("log")
            .filter((entry) => entry.function === `steps-${processor}` && entry.line.startsWith("called "))
            .map(({ line }) => line.slice("called ".length));
    }

    function events(processor: string): ProcessorEvent[] {
        return calls(processor).map((line) => JSON.parse(line));
    }

    function keysOf(processor: string): string[] {
        return events(processor).flatMap(({ objects }) => objects.map(({ key }) => key));
    }

    const failures = () => local.journal.of("failure").map(({ kind, ...rest }) => rest);

    it("get a plain event, with keys as they are", async () => {
        await start();

        await local.put("uploads/a b=ü.json", "{}");
        await local.settle();

        const [event, ...others] = events("picky");
        expect(others).to.deep.equal([]);
        const { versionId, eTag, sequencer, ...object } = event!.objects[0]!;
        expect(object).to.deep.equal({ bucket: "steps", key: "uploads/a b=ü.json", size: 2 });
        expect([versionId, eTag, sequencer].map((each) => typeof each)).to.deep.equal(["string", "string", "string"]);
        expect(failures()).to.deep.equal([]);
    });

    it("are called again for what failed alone, also in batches that are cut differently", async () => {
        await start();

        for (const name of ["1", "2-once", "3", "4-once"]) await local.put(`uploads/${name}`, "{}");
        await local.advanceTo("2026-11-21T04:08:59Z");
        for (const name of ["5", "6"]) await local.put(`uploads/${name}`, "{}");
        await local.settle();

        expect(count(keysOf("picky"))).to.deep.equal({
            ...{ "uploads/1": 1, "uploads/2-once": 2, "uploads/3": 1 },
            ...{ "uploads/4-once": 2, "uploads/5": 1, "uploads/6": 1 },
        });
        expect(failures()).to.deep.equal([]);
    });

    it("are called once for what is announced twice, late and in another order", async () => {
        const twice = { fault: "duplicate", probability: 1, seconds: 700 } as const;
        await start({ notifications: [twice, { ...twice, fault: "reorder", probability: 0.5 }] });

        for (let index = 0; index < 12; index++) await local.put(`uploads/${index}`, "{}");
        await local.settle();

        expect(local.faults()!.injected).not.to.deep.equal([]);
        expect(Object.values(count(keysOf("picky")))).to.deep.equal(Array(12).fill(1));
    });

    it("see every version of an object once", async () => {
        await start({ notifications: [{ fault: "duplicate", probability: 1, seconds: 30 }] });

        for (const body of ["1", "22", "333"]) await local.put("uploads/a", body);
        await local.settle();

        const sizes = events("picky").flatMap(({ objects }) => objects.map(({ size }) => size));
        expect(sizes.sort()).to.deep.equal([1, 2, 3]);
    });

    it("are given up with the reason after five calls", async () => {
        await start();

        await local.put("uploads/always", "{}");
        await local.put("uploads/fine", "{}");
        await local.settle();

        expect(count(keysOf("picky"))).to.deep.equal({ "uploads/always": 5, "uploads/fine": 1 });
        expect(failures()).to.deep.equal([
            { stage: "picky", reason: "uploads/always: it does not like uploads/always", count: 1 },
        ]);
    });

    it("may run out of time, be of another kind, and be written in Python: each reason is told", async () => {
        await start();

        await local.put("uploads/slow/a", "{}");
        await local.put("uploads/old/a", "{}");
        await local.put("uploads/snake/bad", "{}");
        await local.settle();

        const reasons = Object.fromEntries(failures().map(({ stage, reason }) => [stage, reason]));
        expect(Object.keys(reasons).sort()).to.deep.equal(["old", "slow", "snake"]);
        expect(reasons.slow).to.match(/^uploads\/slow\/a: .*Task timed out after 1\.00 seconds$/);
        expect(reasons.old).to.match(/^uploads\/old\/a: the function's answer has `batchItemFailures`: answer nothing/);
        expect(reasons.snake).to.equal("uploads/snake/bad: ValueError: no snake");
        expect(calls("snake")[0]).to.match(/^steps uploads\/snake\/bad 2 \['bucket', 'eTag', 'key'/);
    });

    for (const [title, calls, when, times] of [
        ["again after a crash between the call and the ledger", 2, "after", 2],
        ["once after a crash before the call", 2, "before", 1],
        ["once after a crash behind the ledger's last row", 4, "after", 1],
    ] as const) {
        it(`are called ${title}`, async () => {
            await start({ crashes: [{ function: "steps-picky-run", call: calls, when }] });

            await local.put("uploads/a", "{}");
            await local.settle();

            expect(local.serviceCalls()["steps-picky-run"]!.slice(0, 4)).to.deep.equal(
                [...["dynamodb:GetItem", "lambda:Invoke", "dynamodb:UpdateItem", "dynamodb:UpdateItem"]].map(
                    (call, index) => (index < calls ? call : ["dynamodb:GetItem", "lambda:Invoke"][index - calls]!),
                ),
            );
            expect(keysOf("picky")).to.deep.equal(Array(times).fill("uploads/a"));
            expect(failures()).to.deep.equal([]);
        });
    }

    it("are called later where Lambda or the ledger throttles", async () => {
        await start({
            calls: [
                { service: "lambda", action: "Invoke", error: "TooManyRequestsException", status: 429, times: 1 },
                { service: "dynamodb", action: "GetItem", error: "ThrottlingException", times: 1 },
            ],
        });

        await local.put("uploads/a", "{}");
        await local.settle();

        expect(local.faults()!.idle).to.deep.equal([]);
        expect(keysOf("picky")).to.deep.equal(["uploads/a"]);
        expect(failures()).to.deep.equal([]);
    });
});

function count(keys: string[]): Record<string, number> {
    const entries = [...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]);
    return Object.fromEntries(entries.sort());
}
