import { readFileSync } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { putLog } from "../../examples/load-balancer/put-log";
import { pageViews, queryString } from "../../examples/load-balancer/requests";
import { LocalPipeline, type Report } from "../../local";
import { duckdb } from "./run-example";

const begin = Date.UTC(2026, 10, 21, 22, 58);
const minute = 60_000;

describe("the load balancer example", function () {
    this.timeout(120_000);
    /** Half an hour on both sides of midnight, a burst every seven minutes. */
    const views = pageViews(600).map((view, index) => ({ ...view, at: begin + Math.floor(index / 60) * 7 * minute }));
    const events = views.map(({ at, ...view }) => ({ ...view, viewed_at: new Date(at).toISOString().slice(0, -1) }));
    const raw = (sql: string) =>
        duckdb(events, { path: "VARCHAR", visitor: "BIGINT", load_ms: "INTEGER", viewed_at: "TIMESTAMP" }, sql);
    let report: Report;
    let rows: Record<string, unknown>[];

    before(async () => {
        const local = await LocalPipeline.start({ program: "examples/load-balancer", at: new Date(begin) });
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
        const expected = await raw("SELECT path, visitor::VARCHAR AS visitor, load_ms FROM events");

        expect(report.failed).to.deep.equal([]);
        expect(Object.keys(report.reports)).to.have.members(["processed/v0/pathday/", "reports/v0/pathtotal/"]);
        expect(
            rows.map(({ path, visitor, load_ms }) => ({ path, visitor: `${visitor}`, load_ms })),
        ).to.have.deep.members(expected);
        expect(new Set(rows.map(({ event_id }) => event_id)).size).to.equal(events.length);
        expect(new Set(rows.map(({ client_address }) => client_address))).to.deep.equal(new Set(["127.0.0.0"]));
        expect(new Set(rows.map(({ user_agent }) => user_agent))).to.deep.equal(new Set(['Bot "best" 1.0']));
    });

    it("counts by date and path as plain DuckDB does over the same requests", async () => {
        const expected = await raw(
            `SELECT strftime(date_trunc('day', viewed_at), '%Y-%m-%d %H:%M:%S.%g') AS day, path, count(*)::INT AS views,
                    max(load_ms) AS slowest_ms
             FROM events GROUP BY ALL ORDER BY 1, 2`,
        );

        expect(new Set(expected.map(({ day }) => day)).size).to.equal(2);
        expect(report.reports["reports/v0/pathtotal/"]).to.deep.equal(expected);
    });

    it("counts by date and path within each log, as plain DuckDB does", async () => {
        const expected = await raw(
            `SELECT strftime(date_trunc('day', viewed_at), '%Y-%m-%d %H:%M:%S.%g') AS day, path, count(*)::INT AS views,
                    max(load_ms) AS slowest_ms
             FROM events GROUP BY viewed_at, path`,
        );

        expect(report.reports["processed/v0/pathday/"]).to.have.deep.members(expected);
    });

    it("runs its first query once for each log", () => {
        const logs = report.objects.filter(({ key }) => key.startsWith("alb/pageview/"));
        const runs = report.runs.filter(({ query }) => query === "pathday");

        expect(logs).to.have.length(10);
        expect(runs.flatMap(({ trigger }) => trigger)).to.have.length(logs.length);
        expect(new Set(runs.map(({ tier }) => tier))).to.deep.equal(new Set([1]));
    });
});

describe("the load balancer example, over a log of all that is documented", function () {
    this.timeout(60_000);
    const log = readFileSync("examples/load-balancer/access.log", "utf8");
    let local: LocalPipeline;
    let report: Report;

    before(async () => {
        local = await LocalPipeline.start({ program: "examples/load-balancer", at: "2026-11-22T00:05:00Z" });
        const credentials = { accessKeyId: "test", secretAccessKey: "test" };
        const client = new S3Client({ endpoint: local.endpointUrl, region: "us-east-1", credentials });
        await putLog(client, String(local.outputs.bucket), log, new Date("2026-11-22T00:05:00Z"));
        client.destroy();
        await local.settle();
        report = await local.report();
    });
    after(() => local?.stop());

    it("counts by date and path as plain DuckDB does over the lines", async () => {
        const expected = await duckdb(
            log
                .trimEnd()
                .split("\n")
                .map((line) => ({ line })),
            { line: "VARCHAR" },
            `WITH requests AS (
                 SELECT regexp_extract(line, '" (?:- -|TLS\\S+ \\S+) - "Root=.* 0 (\\S+)Z "fixed-response"', 1)::TIMESTAMP AS created,
                        url_decode(replace(regexp_extract(line, '[?&]path=([^& ]*)', 1), '+', ' ')) AS path,
                        nullif(regexp_extract(line, '[?&]load_ms=([0-9]*)', 1), '')::INT AS load_ms
                 FROM events
                 WHERE regexp_matches(line, '^(http|https|h2) .*"(GET|POST) https?://[^/]+/p[?][^ ]*visitor=[0-9]+[& ].*"fixed-response"')
             )
             SELECT strftime(date_trunc('day', created), '%Y-%m-%d %H:%M:%S.%g') AS day, path, count(*)::INT AS views,
                    max(load_ms) AS slowest_ms
             FROM requests GROUP BY ALL ORDER BY 1, 2`,
        );

        expect(expected.reduce((views, row) => views + Number(row.views), 0)).to.equal(10);
        expect(report.reports["processed/v0/pathday/"]).to.have.deep.members(expected);
        expect(report.reports["reports/v0/pathtotal/"]).to.deep.equal(expected);
    });

    it("takes a user agent's quotes for what they are", async () => {
        const rows = await local.rows("raw/v0/pageview/");

        expect(new Set(rows.map(({ user_agent }) => user_agent))).to.deep.equal(
            new Set(["Mozilla/5.0", 'Bot "best" 1.0', 'Bot "best" - - "Root=1"', 'Bot "best"']),
        );
    });

    it("keeps what it can't read with its place in the log, and drops WebSockets, gRPC and other requests", async () => {
        const kept = await local.rows("failed/pageview/parse-access-log/");
        const { reason, offset } = kept.find((line) => String(line.reason).startsWith("no whole entry"))!;

        expect(report.failed.map((failure) => [failure.reason, failure.count])).to.have.deep.members([
            ["column visitor: expected bigint, got a string", 1],
            [reason, 1],
        ]);
        expect(offset).to.equal(Buffer.byteLength(log.slice(0, log.lastIndexOf("https "))));
        expect(kept).to.have.length(2);
    });
});
