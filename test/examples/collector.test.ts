import { expect } from "chai";
import { batch, post } from "../../examples/collector/generate";
import { LocalPipeline, type Report } from "../../local";
import { duckdb } from "./run-example";

const key = "the key of this stage";
/** Two batches in each of six quarters of an hour, around the end of October. */
const begin = Date.UTC(2026, 9, 31, 23, 5);
const batches = Array.from({ length: 12 }, (_, number) => {
    const at = new Date(begin + Math.floor(number / 2) * 20 * 60_000);
    return { at, logins: batch(number, at) };
});
const columns = { event: "VARCHAR", user_name: "VARCHAR", occurred_at: "TIMESTAMP" };

describe("the collector example", function () {
    this.timeout(120_000);
    const events = batches.flatMap(({ logins }) => logins);
    let report: Report;
    let json: Record<string, unknown>[];
    let parquet: Record<string, unknown>[];
    let answers: (number | string | null)[];

    before(async () => {
        const local = await LocalPipeline.start({
            program: "examples/collector",
            at: new Date(begin),
            config: { apiKey: key },
        });
        try {
            const url = `${local.urls["collector-track-http"]}/track`;
            answers = [await post(url, "a wrong key", batches[0]!.logins), await preflight(url)];
            for (const { at, logins } of batches) {
                await local.advanceTo(at);
                answers.push(await post(url, key, logins));
            }
            await local.settle();
            report = await local.report();
            json = await local.rows("raw/v0/track/");
            parquet = await local.rows("parquet/v0/track/");
        } finally {
            await local.stop();
        }
    });

    it("takes batches with the stage's key, and lets the application's site send them", () => {
        expect(answers.slice(0, 2)).to.deep.equal([401, "https://app.example.com"]);
        expect(new Set(answers.slice(2))).to.deep.equal(new Set([204]));
    });

    it("keeps every login once, as JSON by hours, and as Parquet by days when these are over", () => {
        expect(report.failed).to.deep.equal([]);
        expect(sorted(json)).to.have.length(events.length);
        expect(sorted(parquet)).to.deep.equal(sorted(json));
        expect(new Set(parquet.map(({ event_id }) => event_id)).size).to.equal(events.length);
        expect(foldersOf("raw/v0/track/", ".json.gz")).to.include.members([
            "year=2026/month=10/day=31/hour=23",
            "year=2026/month=11/day=01/hour=00",
        ]);
        expect(foldersOf("parquet/v0/track/", ".parquet")).to.deep.equal([
            "year=2026/month=10/day=31",
            "year=2026/month=11/day=01",
        ]);
        expect(report.objects.filter(({ key }) => key.startsWith("parquet/"))).to.have.length(2);
    });

    it("tells which tables are reports, Parquet being one of them", () => {
        const held = report.objects.filter(({ key }) => key.startsWith("raw/v0/track/"));

        expect(held.reduce((sum, object) => sum + (object.events ?? Number.NaN), 0)).to.equal(events.length);
        expect(Object.keys(report.reports)).to.deep.equal([
            "parquet/v0/track/",
            "processed/v0/loginhour/",
            "reports/v0/usersmonth/",
            "reports/v0/usersmonth_parquet/",
        ]);
    });

    it("counts each month's users as plain DuckDB does, over JSON and over Parquet", async () => {
        const expected = await duckdb(
            events,
            columns,
            `SELECT strftime(occurred_at, '%Y') AS year, strftime(occurred_at, '%m') AS month,
                    count(DISTINCT user_name)::INT AS users, count(*)::INT AS logins
             FROM events GROUP BY ALL ORDER BY 1, 2`,
        );

        expect(expected).to.have.length(2);
        expect(report.reports["reports/v0/usersmonth/"]).to.deep.equal(expected);
        expect(report.reports["reports/v0/usersmonth_parquet/"]).to.deep.equal(expected);
    });

    it("counts each hour's logins from the objects that are new", async () => {
        const expected = await duckdb(
            events,
            columns,
            "SELECT strftime(occurred_at, '%m-%d %H') AS hour, count(*)::INT AS logins FROM events GROUP BY ALL ORDER BY 1",
        );

        const hours = new Map<string, number>();
        for (const { month, day, hour, logins } of report.reports["processed/v0/loginhour/"]!) {
            const name = `${month}-${day} ${hour}`;
            hours.set(name, (hours.get(name) ?? 0) + Number(logins));
        }
        expect([...hours].map(([hour, logins]) => ({ hour, logins })).toSorted(byHour)).to.deep.equal(expected);
        expect(report.runs.filter(({ query }) => query === "loginhour").length).to.be.greaterThan(2);
    });

    it("scans less of Parquet, of which it reads the columns that it needs", () => {
        const scanned = (query: string) => report.runs.findLast((run) => run.query === query)!.bytesScanned;

        expect(scanned("usersmonth_parquet")).to.be.lessThan(scanned("usersmonth"));
    });

    function foldersOf(prefix: string, ending: string): string[] {
        const keys = report.objects.map(({ key }) => key).filter((key) => key.startsWith(prefix));
        expect(keys.filter((key) => !key.endsWith(ending))).to.deep.equal([]);
        return [...new Set(keys.map((key) => key.slice(prefix.length, key.lastIndexOf("/"))))].toSorted();
    }
});

/** Rows in an order of their own; the time of an event is spelled in many ways. */
function sorted(rows: Record<string, unknown>[]): string[] {
    const time = (value: unknown) => new Date(`${String(value).replace(" ", "T").replace(/Z$/, "")}Z`).getTime();
    return rows
        .map(({ event, event_id, user_name, occurred_at, received_at }) =>
            JSON.stringify([event, event_id, user_name, time(occurred_at), time(received_at)]),
        )
        .toSorted();
}

const byHour = (a: { hour: string }, b: { hour: string }) => (a.hour < b.hour ? -1 : 1);

/** The origin that the browser is told may post. */
async function preflight(url: string): Promise<string | null> {
    const { headers } = await fetch(url, {
        method: "OPTIONS",
        headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
    });
    return headers.get("access-control-allow-origin");
}
