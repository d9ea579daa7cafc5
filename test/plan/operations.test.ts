import { expect } from "chai";
import { planPipeline, subscribersOf, takesPayloads } from "../../plan";

const columns = [
    { name: "page", type: "string" },
    { name: "at", type: "timestamp" },
];
const output = (name: string) => ({ prefix: `processed/v0/${name}/`, columns: [{ name: "page", type: "string" }] });

describe("who reacts to new objects", () => {
    it("is told by name, with prefix and queue", () => {
        const plan = planPipeline({
            ingest: { click: { columns }, view: { columns, loadBalancer: {} } },
            queries: {
                "raw/v0/click/": [
                    { name: "new", sql: "SELECT page FROM click WHERE :new_data", output: output("new") },
                    { name: "all", sql: "SELECT page FROM click", output: output("all") },
                ],
            },
            rollups: { "raw/v0/click/": [{ name: "clicks", by: ["page"], time: "at", interval: "hour" }] },
            processors: { "processed/v0/new/": [{ name: "forecast" }] },
        } as never);

        expect(subscribersOf(plan)).to.deep.equal({
            "query/new": { prefix: "raw/v0/click/", queue: "run-query", wholeTables: false },
            "query/all": { prefix: "raw/v0/click/", queue: "run-query", wholeTables: true },
            "convert-result": { prefix: "athena/", queue: "convert-result" },
            "rollup/clicks": { prefix: "raw/v0/click/", queue: "clicks" },
            "processor/forecast": { prefix: "processed/v0/new/", queue: "forecast" },
            "parse-access-log/view": { prefix: "alb/view/", queue: "view" },
        });
    });

    it("is nobody where nothing is asked for", () => {
        expect(subscribersOf(planPipeline({ ingest: { click: { columns } } }))).to.deep.equal({});
    });
});

describe("a rule's events", () => {
    for (const { sql, batchMode = false, are } of [
        { sql: "SELECT * FROM 'a/#'", are: true },
        { sql: "SELECT * FROM 'a/#' WHERE b > 1", are: true },
        { sql: "SELECT * FROM 'a/#'", batchMode: true, are: false },
        { sql: "SELECT *, topic(2) AS id FROM 'a/#'", are: false },
        { sql: "SELECT b FROM 'a/#'", are: false },
    ]) {
        it(`are ${are ? "" : "not "}what was published: ${sql}${batchMode ? ", in batches" : ""}`, () => {
            expect(takesPayloads(sql, batchMode)).to.equal(are);
        });
    }
});
