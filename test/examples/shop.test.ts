import { readFileSync } from "node:fs";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { afterTest } from "../setup";
import { duckdb } from "./run-example";
// The test that the README shows.
import "../../examples/shop/shop.test";

const columns = { page: "VARCHAR", clicked_at: "TIMESTAMP" };

describe("the shop example", function () {
    this.timeout(60_000);

    it("counts clicks that browsers post as plain DuckDB does", async () => {
        const lines = readFileSync("examples/shop/clicks.ndjson", "utf8");
        const local = await LocalPipeline.start({ program: "examples/shop", at: "2026-11-21" });
        afterTest(() => local.stop());

        const response = await fetch(local.routes[0]!.url, {
            method: "POST",
            headers: { "x-api-key": local.invented["shop:webKey"]!, origin: "https://shop.example.com" },
            body: lines,
        });
        await local.settle();

        const expected = await duckdb(
            lines
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line)),
            columns,
            `SELECT page, strftime(date_trunc('hour', clicked_at), '%Y-%m-%d %H:%M:%S.%g') AS hour, count(*)::INT AS clicks
             FROM events GROUP BY ALL`,
        );
        expect(response.status).to.equal(204);
        expect(await local.rows("raw/v0/click/")).to.have.length(40);
        const { reports, failed } = await local.report();
        expect(Object.keys(reports)).to.deep.equal(["processed/v0/pagehour/"]);
        expect(reports["processed/v0/pagehour/"]).to.have.deep.members(expected);
        expect(failed).to.deep.equal([]);
    });
});
