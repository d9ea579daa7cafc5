import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { contentOf, type Event, type ExportedFile, exportedFiles } from "../../examples/hourly-counters/generate";
import { LocalPipeline, type Report } from "../../local";
import { duckdb } from "./run-example";

const hour = 3_600_000;

describe("the hourly counters example", function () {
    this.timeout(120_000);
    const files = exportedFiles();
    /** The sixth file as its service writes it once more: half of it again, and an event of another day. */
    const replaced: ExportedFile = {
        path: files[5]!.path,
        events: [...files[5]!.events.slice(0, 400), { name: "login", timestamp: Date.UTC(2026, 10, 18, 7) / 1000 }],
    };
    let local: LocalPipeline;
    let early: Report;
    let report: Report;
    let again: Report;
    let corrected: Report;
    let printed: string;

    before(async () => {
        local = await LocalPipeline.start({ program: "examples/hourly-counters", at: "2026-11-20T01:00:00Z" });
        try {
            early = await arrive(files.slice(0, 2));
            report = await arrive(files.slice(2));
            again = await arrive(files.slice(5, 6));
            printed = await printSeries("login", "2026-11-20T03:00:00Z", "2026-11-20T06:00:00Z");
            corrected = await arrive([replaced]);
        } finally {
            await local.stop();
        }
    });

    async function arrive(some: ExportedFile[]): Promise<Report> {
        for (const file of some) {
            await local.put(`exports/${file.path}`, contentOf(file));
            await local.settle();
        }
        return await local.report();
    }

    /** Runs series.ts against the pipeline on this machine, as against AWS. */
    async function printSeries(...words: string[]): Promise<string> {
        const command = ["-r", "ts-node/register/transpile-only", "examples/hourly-counters/series.ts", ...words];
        const credentials = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_REGION: "us-east-1" };
        const env = { ...process.env, ...credentials, AWS_ENDPOINT_URL: local.endpointUrl };
        return (await promisify(execFile)(process.execPath, command, { env })).stdout;
    }

    function eventsOf(some: ExportedFile[]): Event[] {
        return some.flatMap(({ events }) => events);
    }

    function counts(events: Event[], time: string, order: string) {
        return duckdb(
            events,
            { name: "VARCHAR", timestamp: "BIGINT" },
            `SELECT name, strftime(date_trunc('hour', make_timestamp(timestamp * 1000000)), '${time}') AS hour,
                    count(*)::INT AS events
             FROM events GROUP BY ALL ORDER BY ${order}`,
        );
    }

    /** What the query reports of these events. */
    const reported = (events: Event[]) => counts(events, "%Y-%m-%d %H:%M:%S.%g", "2, 1");

    /** What the table `Events` holds of these events. */
    async function counted(events: Event[]) {
        const rows = await counts(events, "%Y-%m-%dT%H:%M:%SZ", "1, 2");
        return rows.map(({ name, hour, events }) => ({ Name: name, Timestamp: hour, Count: events }));
    }

    const countersOf = ({ counters }: Report) => counters["counters-hourly"]!.filter(({ Count }) => Count !== 0);
    const reportOf = ({ reports }: Report) => reports["reports/v0/eventhour/"];

    it("counts what is there so far", async () => {
        const events = eventsOf(files.slice(0, 2));

        expect(countersOf(early)).to.deep.equal(await counted(events));
        expect(reportOf(early)).to.deep.equal(await reported(events));
    });

    it("counts every event once in its own hour, as plain DuckDB does, though files bring some late", async () => {
        const events = eventsOf(files);

        expect(countersOf(report)).to.deep.equal(await counted(events));
        expect(reportOf(report)).to.deep.equal(await reported(events));
        expect(new Set(countersOf(report).map(({ Timestamp }) => Timestamp)).size).to.equal(24);
        expect(report.runs.map(({ query, tier }) => [query, tier])).to.deep.equal(files.map(() => ["eventhour", 1]));
        expect(report.failed).to.deep.equal([]);
    });

    it("has the same in its counters and in its report", () => {
        const fromReport = reportOf(report)!.map(({ name, hour, events }) => ({
            Name: name,
            Timestamp: `${String(hour).slice(0, 19).replace(" ", "T")}Z`,
            Count: events,
        }));

        expect(countersOf(report)).to.have.deep.members(fromReport);
    });

    it("counts a file that comes again once", () => {
        expect(again.runs).to.have.length(files.length + 1);
        expect(again.counters).to.deep.equal(report.counters);
        expect(again.reports).to.deep.equal(report.reports);
    });

    it("counts a file that is replaced as it is now", async () => {
        const events = eventsOf([...files.filter(({ path }) => path !== replaced.path), replaced]);

        expect(countersOf(corrected)).to.deep.equal(await counted(events));
        expect(reportOf(corrected)).to.deep.equal(await reported(events));
    });

    it("prints a series", async () => {
        const logins = (await counted(eventsOf(files))).filter(({ Name }) => Name === "login");
        const of = (at: number) => logins.find(({ Timestamp }) => Date.parse(String(Timestamp)) === at)!.Count;

        expect(printed.split("\n")).to.deep.equal([
            "hour                   events",
            ...[3, 4, 5].map((each) => {
                const at = Date.UTC(2026, 10, 20) + each * hour;
                return `${new Date(at).toISOString().slice(0, 16)}Z  ${String(of(at)).padStart(10)}`;
            }),
            "",
        ]);
    });
});
