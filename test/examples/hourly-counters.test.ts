import { expect } from "chai";
import { contentOf, exportedFiles } from "../../examples/hourly-counters/generate";
import { LocalPipeline, type Report } from "../../local";
import { duckdb } from "./run-example";

describe("the hourly counters example", function () {
    this.timeout(120_000);
    const files = exportedFiles();
    const counts = (events: object[]) =>
        duckdb(
            events,
            { name: "VARCHAR", timestamp: "BIGINT" },
            `SELECT name, strftime(date_trunc('hour', make_timestamp(timestamp * 1000000)), '%Y-%m-%d %H:%M:%S.%g') AS hour,
                    count(*)::INT AS events
             FROM events GROUP BY ALL ORDER BY 2, 1`,
        );
    let early: Report;
    let report: Report;
    let again: Report;

    before(async () => {
        const local = await LocalPipeline.start({ program: "examples/hourly-counters", at: "2026-11-20T01:00:00Z" });
        const arrive = async (some: typeof files) => {
            for (const file of some) {
                await local.put(`exports/${file.path}`, contentOf(file));
                await local.settle();
            }
            return await local.report();
        };
        try {
            early = await arrive(files.slice(0, 2));
            report = await arrive(files.slice(2));
            again = await arrive(files.slice(5, 6));
        } finally {
            await local.stop();
        }
    });

    it("counts what is there so far", async () => {
        expect(early.reports["reports/v0/eventhour/"]).to.deep.equal(
            await counts(files.slice(0, 2).flatMap(({ events }) => events)),
        );
    });

    it("counts every event once in its own hour, as plain DuckDB does, though files bring some late", async () => {
        const expected = await counts(files.flatMap(({ events }) => events));

        expect(report.reports["reports/v0/eventhour/"]).to.deep.equal(expected);
        expect(new Set(expected.map(({ hour }) => hour)).size).to.equal(24);
        expect(report.runs.map(({ query, tier }) => [query, tier])).to.deep.equal(files.map(() => ["eventhour", 1]));
        expect(report.failed).to.deep.equal([]);
    });

    it("counts a file that comes again once", () => {
        expect(again.runs).to.have.length(files.length + 1);
        expect(again.reports).to.deep.equal(report.reports);
    });
});
