import { expect } from "chai";
import { collector, earthquakes, fleet, hourlyCounters, refused } from "../chaos/scenarios";
import { CrashSweep, differencesInBooks, differencesOf, type Sweep } from "../chaos/sweep";

describe("crash sweep, in short (npm run test:chaos has all of it)", function () {
    this.timeout(120_000);

    for (const [name, scenario, functions] of [
        ["fleet", fleet, ["normalize", "forecast", "forecast-run"]],
        ["hourly counters", hourlyCounters, ["hourly"]],
        ["earthquakes", earthquakes, ["run-query", "convert-result"]],
        ["collector", collector, ["track_parquet"]],
        ["what is refused", refused, ["run-query", "convert-result"]],
    ] as const) {
        describe(`of ${name}`, () => {
            let sweep: CrashSweep;
            before(async () => {
                sweep = await CrashSweep.of(scenario);
            });
            after(() => sweep.stop());

            it("knows every function's service calls", () => {
                for (const fn of functions) {
                    const calls = Object.entries(sweep.calls).find(([each]) => each.endsWith(`-${fn}`));
                    expect(calls?.[1], fn).to.not.be.empty;
                }
            });

            it("ends as undisturbed after a crash around a call of each kind", async () => {
                const own = [...sweep.crashes()].filter(({ function: name }) =>
                    functions.some((fn) => name.endsWith(`-${fn}`)),
                );
                const swept: Sweep[] = [];
                for (const crash of firstOfEachKind(own)) swept.push(await sweep.crash(crash));

                expect(swept.filter(({ differences }) => differences.length > 0)).to.deep.equal([]);
            });
        });
    }

    it("sees each row that is missing, too many or another", () => {
        const undisturbed = { rows: "a\nb\nb\nc", failures: "", dead: "0" };

        expect(differencesOf(undisturbed, { rows: "a\nb\nb\nc", failures: "", dead: "0" })).to.deep.equal([]);
        expect(differencesOf(undisturbed, { rows: "a\na\nb\nd", failures: "x", dead: "1" })).to.deep.equal([
            "rows: - b - c + a + d",
            "failures: + x",
            "dead: - 0 + 1",
        ]);
    });

    it("sees counters that are not what the books say", () => {
        const counter = '{ "counter": "[\\"login\\",\\"2026-11-20T00:00:00Z\\"]", "count": 2 }';
        const outcome = { "books of hourly": counter, "counters in counters-hourly": counter };

        expect(differencesInBooks(outcome)).to.deep.equal([]);
        expect(differencesInBooks({ ...outcome, "counters in counters-hourly": "" })).to.deep.equal([
            `books of hourly: - ${counter}`,
        ]);
        expect(differencesInBooks({ ...outcome, "books of hourly": "" })).to.deep.equal([
            `books of hourly: + ${counter}`,
        ]);
    });

    it("says so where a crash did not come to pass", async () => {
        const sweep = await CrashSweep.of({ ...earthquakes, portions: [] });
        try {
            const swept = await sweep.crash({ function: "run-query", call: 1, action: "none", when: "before" });

            expect(swept.differences).to.deep.equal(["no crash: there was no such call"]);
        } finally {
            await sweep.stop();
        }
    });
});

/** Function, action and before or after: the first crash of each; of those, after the call only where it writes. */
function firstOfEachKind(crashes: Omit<Sweep, "differences">[]): Omit<Sweep, "differences">[] {
    const kinds = new Map<string, Omit<Sweep, "differences">>();
    for (const crash of crashes.filter(
        ({ when, action }) => when === "before" || /Put|Start|Write|Update|Invoke/.test(action),
    )) {
        const kind = `${crash.function} ${crash.action} ${crash.when}`;
        if (!kinds.has(kind)) kinds.set(kind, crash);
    }
    return [...kinds.values()];
}
