import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { counterName, readSeries, type SeriesPoint, type SeriesQuery } from "../../client";
import { ownPlace } from "../dynamodb/tables";

const start = Date.UTC(2026, 10, 21);

/** A table with `hours` counters of a device, and one of another. */
async function series(hours: number, attributes = { name: "name", timestamp: "timestamp", count: "count" }) {
    const place = ownPlace();
    const tableName = await place.createTable(attributes.name, attributes.timestamp);
    const add = (name: string, hour: number, count: number) =>
        place.client.send(
            new UpdateItemCommand({
                TableName: tableName,
                Key: {
                    [attributes.name]: { S: name },
                    [attributes.timestamp]: { S: `${new Date(start + hour * 3_600_000).toISOString().slice(0, 19)}Z` },
                },
                UpdateExpression: "ADD #c :c, sum_volts :v",
                ExpressionAttributeNames: { "#c": attributes.count },
                ExpressionAttributeValues: { ":c": { N: String(count) }, ":v": { N: "0.1" } },
            }),
        );
    for (let hour = 0; hour < hours; hour++) await add("a|b", hour, hour);
    await add("a", 1, 7);
    return { client: place.client, tableName, by: ["a", "b"] };
}

async function pointsOf(query: SeriesQuery): Promise<SeriesPoint[]> {
    const points: SeriesPoint[] = [];
    for await (const point of readSeries(query)) points.push(point);
    return points;
}

async function read(query: SeriesQuery) {
    return (await pointsOf(query)).map(({ time, count }) => [(time.getTime() - start) / 3_600_000, count]);
}

describe("readSeries", () => {
    it("reads the counters of one name in order of time, with their sums, without those at zero", async () => {
        const query = await series(3);

        expect(await pointsOf(query)).to.deep.equal([
            { time: new Date(start + 3_600_000), count: 1, sums: { volts: "0.1" } },
            { time: new Date(start + 7_200_000), count: 2, sums: { volts: "0.1" } },
        ]);
    });

    it("begins with `from` and ends before `to`", async () => {
        const query = await series(6);

        expect(
            await read({ ...query, from: new Date(start + 7_200_000), to: new Date(start + 4 * 3_600_000) }),
        ).to.deep.equal([
            [2, 2],
            [3, 3],
        ]);
        expect(
            await read({ ...query, from: new Date(start + 7_200_001), to: new Date(start + 3 * 3_600_000 + 1) }),
        ).to.deep.equal([[3, 3]]);
        expect(await read({ ...query, from: new Date(start), to: new Date(start) })).to.deep.equal([]);
    });

    it("reads page by page", async () => {
        const query = await series(6);

        expect(await read({ ...query, pageSize: 2, consistent: true })).to.deep.equal(
            [1, 2, 3, 4, 5].map((hour) => [hour, hour]),
        );
    });

    it("reads a table with other names", async () => {
        const attributes = { name: "Name", timestamp: "Timestamp", count: "Count" };
        const query = await series(2, attributes);

        expect(await read({ ...query, attributes })).to.deep.equal([[1, 1]]);
    });

    it("spells different values differently", () => {
        const names = [["a|b"], ["a", "b"], ["a\\", "b"], [null], ["\\N"], [""], ["\\E"], ["", ""], [null, ""]].map(
            counterName,
        );

        expect(new Set(names).size).to.equal(names.length);
        expect(counterName(["LOGIN", 1, true, 2n])).to.equal("LOGIN|1|true|2");
    });
});
