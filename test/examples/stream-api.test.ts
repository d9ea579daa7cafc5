import { expect } from "chai";
import { ordersV1, ordersV2, put, putAll, toJson } from "../../examples/stream-api/send";
import { LocalPipeline, type Report } from "../../local";
import { duckdb } from "./run-example";

describe("the stream-api example", function () {
    this.timeout(120_000);
    const first = ordersV1(700);
    const second = ordersV2(600);
    let report: Report;
    let rows: Record<string, unknown>[];
    let routes: string[];

    before(async () => {
        const local = await LocalPipeline.start({ program: "examples/stream-api", at: "2026-11-21T04:00:00Z" });
        try {
            const url = `${local.urls["orders-stream-api"]}/streams`;
            const key = local.invented["orders:shopKey"]!;
            routes = local.routes.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
            for (const order of first.slice(0, 50)) await put(url, key, "order_v1", toJson(order), order.item);
            await putAll(url, key, "order_v1", first.slice(50).map(toJson));
            await putAll(url, key, "order_v2", second.map(toJson));
            await local.settle();
            report = await local.report();
            rows = [...(await local.rows("raw/orders/v1/")), ...(await local.rows("raw/orders/v2/"))];
        } finally {
            await local.stop();
        }
    });

    it("stores every order of both versions once, digit for digit", () => {
        const stored = rows.map(({ event_id, received_at, ...order }) => order);

        expect(report.failed).to.deep.equal([]);
        expect(stored).to.have.deep.members([...first, ...second]);
    });

    it("reports the items of both versions as plain DuckDB counts them", async () => {
        const events = [
            ...first.map(({ item, price }) => ({ item, cents: Math.round(price * 100) })),
            ...second.map(({ item, cents }) => ({ item, cents })),
        ];

        const expected = await duckdb(
            events,
            { item: "VARCHAR", cents: "BIGINT" },
            "SELECT item, count(*)::INT AS orders, sum(cents)::INT AS cents FROM events GROUP BY item ORDER BY item",
        );
        expect(report.reports["reports/v0/itemtotal/"]).to.deep.equal(expected);
    });

    it("answers under the ingests' names", () => {
        expect(routes).to.have.members([
            "GET /v0/streams",
            "GET /v0/streams/order_v1",
            "PUT /v0/streams/order_v1/record",
            "PUT /v0/streams/order_v1/records",
            "GET /v0/streams/order_v2",
            "PUT /v0/streams/order_v2/record",
            "PUT /v0/streams/order_v2/records",
        ]);
    });
});
