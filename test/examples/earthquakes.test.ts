import { expect } from "chai";
import { earthquakes } from "../../examples/earthquakes/flatten";
import type { Report } from "../../local";
import { duckdb, runExample } from "./run-example";

describe("the earthquakes example", function () {
    this.timeout(60_000);
    const events = earthquakes();
    const raw = (sql: string) =>
        duckdb(
            events,
            { occurred_at: "TIMESTAMP", network: "VARCHAR", magnitude: "DOUBLE", place: "VARCHAR", felt: "INTEGER" },
            sql,
        );
    let report: Report;
    before(async () => {
        const ran = await runExample("examples/earthquakes", "earthquake", events, {
            eventTime: "occurred_at",
            step: 86_400_000,
            at: new Date("2026-11-14"),
        });
        report = ran.report;
    });

    it("stores all 1,707 events, nulls, negative magnitudes and commas included", () => {
        const stored = report.objects.filter(({ key }) => key.startsWith("raw/v0/earthquake/"));

        expect(report.failed).to.deep.equal([]);
        expect(Object.keys(report.reports)).to.have.members(["processed/v0/networkday/", "reports/v0/networkweek/"]);
        expect(stored.reduce((sum, object) => sum + (object.events ?? 0), 0)).to.equal(1707);
    });

    it("counts by day and network as plain DuckDB does", async () => {
        const expected = await raw(
            `SELECT strftime(date_trunc('day', occurred_at), '%Y-%m-%d %H:%M:%S.%g') AS day, network,
                    count(*)::INT AS earthquakes, max(magnitude) AS strongest, sum(felt)::INT AS felt
             FROM events GROUP BY ALL`,
        );

        const rows = report.reports["processed/v0/networkday/"]!.map(({ strongest_place, ...row }) => row);
        expect(rows).to.have.deep.members(expected);
    });

    it("sums up the week by network as plain DuckDB does from the raw events", async () => {
        const expected = await raw(
            `SELECT network, count(*)::INT AS earthquakes, count(DISTINCT occurred_at::DATE)::INT AS days,
                    max(magnitude) AS strongest, sum(felt)::INT AS felt
             FROM events GROUP BY network ORDER BY 2 DESC, 1`,
        );

        const rows = report.reports["reports/v0/networkweek/"]!.map(({ strongest_place, ...row }) => row);
        expect(rows).to.deep.equal(expected);
    });

    for (const prefix of ["processed/v0/networkday/", "reports/v0/networkweek/"]) {
        it(`names the place of a strongest earthquake of each network in ${prefix}`, () => {
            for (const { day, network, strongest, strongest_place } of report.reports[prefix]!) {
                const places = events
                    .filter((event) => event.network === network && event.magnitude === strongest)
                    .filter(
                        ({ occurred_at }) =>
                            day === undefined || String(occurred_at).startsWith(String(day).slice(0, 10)),
                    )
                    .map(({ place }) => place);

                expect(places, `${network} ${day}`).to.include(strongest_place);
            }
        });
    }
});
