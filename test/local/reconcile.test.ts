import { expect } from "chai";
import type { ReconcileReport } from "../../handlers/reconcile/contract";
import { LocalPipeline, type LocalPipelineOptions } from "../../local";
import { afterTest } from "../setup";
import { rejection } from "./support";

const at = "2026-11-21T04:00:00Z";

describe("reconciliation of a program on this machine", function () {
    this.timeout(60_000);

    it("makes good what was dropped on its way, by the hour, until the counters are those of an undisturbed run", async () => {
        const undisturbed = await start();
        const disturbed = await start({
            faults: { notifications: [{ fault: "drop", target: "books-pings", times: 2 }] },
        });

        await sendThree(undisturbed);
        await sendThree(disturbed);

        const counters = undisturbed.counters("pings");
        expect(disturbed.counters("pings")).to.have.length.below(counters.length);
        await disturbed.advanceTo("2026-11-21T07:00:01Z");
        await disturbed.settle();

        expect(disturbed.counters("pings")).to.deep.equal(counters);
        expect(metricsOf(disturbed).filter(({ UnaccountedObjects }) => UnaccountedObjects !== 0)).to.deep.equal([
            {
                Pipeline: "books-dev",
                Subscriber: "rollup/pings",
                ReconciledObjects: 3,
                UnaccountedObjects: 2,
                RepublishedObjects: 2,
            },
        ]);
        expect((await disturbed.report()).failed).to.deep.equal([]);
    });

    it("makes good results that nobody was told of, and objects that no query was", async () => {
        const undisturbed = await start();
        const disturbed = await start({
            faults: {
                notifications: [
                    { fault: "drop", target: "books-convert-result", nth: 1 },
                    { fault: "drop", target: "books-run-query", nth: 2 },
                ],
            },
        });

        await sendThree(undisturbed);
        await sendThree(disturbed);

        expect(await seenBy(disturbed)).to.have.length(1);
        await disturbed.advanceTo("2026-11-21T07:00:01Z");
        await disturbed.settle();

        expect(await seenBy(disturbed)).to.deep.equal(await seenBy(undisturbed));
        expect((await disturbed.report()).runs).to.have.length(3);
    });

    it("is called by hand, too, and finds nothing where nothing is missing", async () => {
        const local = await start({ faults: { notifications: [{ fault: "drop", target: "books-pings", nth: 1 }] } });
        await sendThree(local);
        await local.advanceTo("2026-11-21T05:50:00Z"); // the hour's own call saw no object that was old enough

        const dry = await reconcile(local, { dryRun: true });
        await local.settle();
        const wet = await reconcile(local);
        await local.settle();
        const again = await reconcile(local);

        const counts = { subscriber: "rollup/pings", objects: 3, failed: 0, inWork: 0, givenUp: 0 };
        expect(dry.subscribers).to.deep.include.members([{ ...counts, done: 2, missing: 1, republished: 0 }]);
        expect(dry.examples.map(({ reason }) => reason)).to.deep.equal(["nothing in the ledger"]);
        expect(wet.subscribers).to.deep.include.members([{ ...counts, done: 2, missing: 1, republished: 1 }]);
        expect(again.subscribers).to.deep.include.members([{ ...counts, done: 3, missing: 0, republished: 0 }]);
        expect(local.counters("pings")).to.have.length(3);
    });

    it("does not keep a pipeline that settles from coming to rest, and ends with it", async () => {
        const local = await start();

        await local.settle();
        await local.settle();

        expect(local.journal.entries.filter(({ kind }) => kind === "log")).to.deep.equal([]);
    });

    it("names the functions that there are, where one is called that is not", async () => {
        const local = await start();

        const failure = await rejection(local.invoke("reconcil"));

        expect(failure.message).to.include('There is no function "reconcil": ');
        expect(failure.message).to.include("books-reconcile");
    });
});

async function start(options: Partial<LocalPipelineOptions> = {}): Promise<LocalPipeline> {
    const local = await LocalPipeline.start({ program: "test/programs/reconciled", at, ...options });
    afterTest(() => local.stop());
    return local;
}

/** Three objects within an hour. */
async function sendThree(local: LocalPipeline): Promise<void> {
    for (const [index, device] of ["a", "b", "c"].entries()) {
        await local.advanceTo(`2026-11-21T04:${10 * index + 10}:00Z`);
        await local.send("ping", [{ device, at: "2026-11-21 04:00:00" }]);
        await local.settle();
    }
}

/** What the query counted, in order of the devices. */
async function seenBy(local: LocalPipeline) {
    const rows = await local.rows("processed/v0/seen/");
    return rows.sort((a, b) => (String(a.device) < String(b.device) ? -1 : 1));
}

function reconcile(local: LocalPipeline, request = {}): Promise<ReconcileReport> {
    return local.invoke("reconcile", request) as Promise<ReconcileReport>;
}

function metricsOf(local: LocalPipeline): Record<string, number>[] {
    return local.journal.entries
        .flatMap((entry) => (entry.kind === "log" && entry.line.includes('"_aws"') ? [JSON.parse(entry.line)] : []))
        .map(({ _aws, ...metrics }) => metrics);
}
