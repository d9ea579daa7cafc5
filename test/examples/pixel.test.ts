import { expect } from "chai";
import { pageViews, queryString } from "../../examples/pixel/requests";
import { LocalPipeline, type Report } from "../../local";
import { duckdb } from "./run-example";

const begin = Date.UTC(2026, 10, 21, 22, 58);
const minute = 60_000;

describe("the pixel example", function () {
    this.timeout(120_000);
    /** Half an hour on both sides of midnight, a burst every seven minutes. */
    const views = pageViews(600).map((view, index) => ({ ...view, at: begin + Math.floor(index / 60) * 7 * minute }));
    const events = views.map(({ at, ...view }) => ({ ...view, viewed_at: new Date(at).toISOString().slice(0, -1) }));
    const raw = (sql: string) =>
        duckdb(events, { page: "VARCHAR", visitor: "BIGINT", load_ms: "INTEGER", viewed_at: "TIMESTAMP" }, sql);
    let report: Report;
    let rows: Record<string, unknown>[];

    before(async () => {
        const local = await LocalPipeline.start({ program: "examples/pixel", at: new Date(begin) });
        try {
            const url = `${local.urls["site-pageview-pixel"]}/p`;
            for (const [index, view] of views.entries()) {
                await local.advanceTo(view.at);
                const method = index % 3 === 0 ? "POST" : "GET";
                await fetch(`${url}?${queryString(view)}`, { method, headers: { "user-agent": 'Bot "best" 1.0' } });
                if (index % 60 === 0) await fetch(new URL("/favicon.ico", url));
            }
            await local.settle();
            report = await local.report();
            rows = await local.rows("raw/v0/pageview/");
        } finally {
            await local.stop();
        }
    });

    it("keeps every page view once, digit for digit, from the hour's logs", async () => {
        const expected = await raw("SELECT page, visitor::VARCHAR AS visitor, load_ms FROM events");

        expect(report.failed).to.deep.equal([]);
        expect(
            rows.map(({ page, visitor, load_ms }) => ({ page, visitor: `${visitor}`, load_ms })),
        ).to.have.deep.members(expected);
        expect(new Set(rows.map(({ event_id }) => event_id)).size).to.equal(events.length);
        expect(new Set(rows.map(({ client_address }) => client_address))).to.deep.equal(new Set(["127.0.0.0"]));
        expect(new Set(rows.map(({ user_agent }) => user_agent))).to.deep.equal(new Set(['Bot "best" 1.0']));
    });

    it("reports the days' pages as plain DuckDB counts the same requests", async () => {
        const expected = await raw(
            `SELECT strftime(date_trunc('day', viewed_at), '%Y-%m-%d %H:%M:%S.%g') AS day, page, count(*)::INT AS views,
                    max(load_ms) AS slowest_ms
             FROM events GROUP BY ALL ORDER BY 1, 2`,
        );

        expect(new Set(expected.map(({ day }) => day)).size).to.equal(2);
        expect(report.reports["reports/v0/pagetotal/"]).to.deep.equal(expected);
    });

    it("runs its first query once for each log", () => {
        const logs = report.objects.filter(({ key }) => key.startsWith("alb/pageview/"));
        const runs = report.runs.filter(({ query }) => query === "pageday");

        expect(logs).to.have.length(10);
        expect(runs.flatMap(({ trigger }) => trigger)).to.have.length(logs.length);
        expect(new Set(runs.map(({ tier }) => tier))).to.deep.equal(new Set([1]));
    });
});
