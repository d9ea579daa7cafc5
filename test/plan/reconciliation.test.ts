import { expect } from "chai";
import { planReconciliation, type ReconcileShape } from "../../plan";
import { columns, ingest, problemsIn, problemsOf, untyped } from "./factories";

const counted = {
    ingest: { ping: ingest({ columns: columns("device string", "at timestamp") }) },
    rollups: { "raw/v0/ping/": [{ name: "pings", by: ["device"], time: "at" }] },
};
const problems = (reconcile: unknown) => problemsOf({ ...counted, reconcile: untyped<ReconcileShape>(reconcile) });

describe("a reconciliation", () => {
    it("is hourly unless switched off, and lists each object once, by folders of time where there are some", () => {
        const triggers = ["raw/v0/b/", "raw/v0/a/", "raw/v0/b/2026/", "raw/v0/a/", "x/"].map((trigger) => ({
            trigger,
        }));
        const folders = [{ prefix: "raw/v0/b/", layout: "arrival_hour" }];

        expect(planReconciliation({}, triggers, folders)).to.deep.equal({
            hourly: true,
            listings: [{ prefix: "raw/v0/a/" }, { prefix: "raw/v0/b/", folders: folders[0] }, { prefix: "x/" }],
        });
        expect(planReconciliation({ hourly: false }, triggers, [])).to.deep.include({ hourly: false });
    });

    it("takes minutes and hours, and what is known at deploy time only", () => {
        expect(problems(undefined)).to.deep.equal([]);
        expect(problems({})).to.deep.equal([]);
        expect(problems({ hourly: false, afterMinutes: 15, lookbackHours: 1440 })).to.deep.equal([]);
        expect(problems({ afterMinutes: {}, lookbackHours: {} })).to.deep.equal([]);
        expect(problems({ afterMinutes: 59, lookbackHours: 1 })).to.deep.equal([]);
    });

    for (const [what, reconcile, expected] of [
        ["no object", 1, ["reconcile: must be an object"]],
        ["another switch", { hourly: "no" }, ["reconcile.hourly: must be true or false"]],
        [
            "minutes that are too few, and hours that are too many",
            { afterMinutes: 14, lookbackHours: 1441 },
            [
                "reconcile.afterMinutes: must be a whole number of minutes from 15 to 1440 (a day)",
                "reconcile.lookbackHours: must be a whole number of hours from 1 to 1440 (60 days)",
            ],
        ],
        [
            "no hours at all, once",
            { lookbackHours: 0 },
            ["reconcile.lookbackHours: must be a whole number of hours from 1 to 1440 (60 days)"],
        ],
        [
            "minutes that are too many, and not the hours that are fewer",
            { afterMinutes: 2881 },
            ["reconcile.afterMinutes: must be a whole number of minutes from 15 to 1440 (a day)"],
        ],
        [
            "a window without time in it",
            { lookbackHours: 1 },
            [
                "reconcile.lookbackHours: must be longer than the 60 minutes of `afterMinutes`: nothing would be looked at",
            ],
        ],
    ] as const) {
        it(`refuses ${what}`, () => {
            expect(problems(reconcile)).to.deep.equal(expected);
        });
    }

    it("refuses to be told of where nothing keeps books", () => {
        expect(problemsOf({ ingest: counted.ingest, reconcile: {} })).to.deep.equal([
            "reconcile: is for what keeps books of its objects, and there is nothing that does: name a query, a rollup or a processor, or leave it out",
        ]);
        expect(problemsIn(() => planReconciliation({ lookbackHours: 0 }, [], []))).to.have.length(2);
    });
});
