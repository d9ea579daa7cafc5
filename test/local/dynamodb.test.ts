import {
    BatchGetItemCommand,
    DescribeTableCommand,
    DynamoDBClient,
    GetItemCommand,
    ListTablesCommand,
    PutItemCommand,
    paginateQuery,
    paginateScan,
    QueryCommand,
    TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import fc from "fast-check";
import { VirtualClock } from "../../local/clock";
import { DynamoDb } from "../../local/services/dynamodb";
import { add, canonical, compare } from "../../local/services/dynamodb/numbers";
import { Table } from "../../local/services/dynamodb/table";
import { answerOf, cases, plain } from "../dynamodb/statements";
import { afterTest, rejection, resource, start, testRuntime, testServer } from "./support";

const text = (name: string) => ({ name, type: "S" });
const table = (name: string, inputs = {}) =>
    resource("aws:dynamodb/table:Table", name, {
        hashKey: "p",
        rangeKey: "q",
        attributes: [text("p"), text("q")],
        ...inputs,
    });

/** DynamoDB with these tables, and the SDK's client as it is by default. */
async function prepare(...tables: ReturnType<typeof table>[]) {
    const runtime = testRuntime(tables);
    const dynamoDb = new DynamoDb(runtime);
    const { server } = await testServer(runtime, () => [dynamoDb]);
    const client = new DynamoDBClient({
        endpoint: server.url,
        region: "us-east-1",
        credentials: { accessKeyId: "user", secretAccessKey: "secret" },
    });
    afterTest(() => client.destroy());
    return { dynamoDb, client, clock: runtime.clock as VirtualClock };
}

describe("DynamoDB", () => {
    for (const each of cases) {
        it(each.title.slice(0, 100), async () => {
            const { client } = await prepare(table("items"));

            expect(await answerOf(client, "items", each)).to.deep.equal(plain(each.answers));
        });
    }

    it("reads a hundred keys at once", async () => {
        const { client } = await prepare(table("items"));
        const Keys = Array.from({ length: 100 }, (_, index) => ({ p: { S: "a" }, q: { S: `${index}` } }));
        await client.send(new PutItemCommand({ TableName: "items", Item: Keys[99]! }));

        const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { items: { Keys } } }));

        expect(Responses?.items).to.deep.equal([Keys[99]]);
    });

    it("forgets an item when its time to live is over, by the clock", async () => {
        const { client, clock } = await prepare(table("items", { ttl: { enabled: true, attributeName: "expires" } }));
        const Key = { p: { S: "a" }, q: { S: "1" } };
        const expires = { N: String(start / 1000 + 60) };
        await client.send(new PutItemCommand({ TableName: "items", Item: { ...Key, expires } }));

        clock.advanceTo(start + 59_999);
        const before = await client.send(new GetItemCommand({ TableName: "items", Key }));
        clock.advanceTo(start + 60_000);
        const after = await client.send(new GetItemCommand({ TableName: "items", Key }));

        expect(before.Item).to.deep.equal({ ...Key, expires });
        expect(after.Item).to.equal(undefined);
    });

    it("keeps no memory for items whose time to live is over", () => {
        const clock = new VirtualClock(start);
        const [partitionKey, sortKey] = [{ name: "p", type: "S" } as const, { name: "q", type: "S" } as const];
        const names = { logicalName: "items", name: "items", arn: "arn:aws:dynamodb:::table/items" };
        const items = new Table({ ...names, partitionKey, sortKey, expiry: "expires" }, clock);
        const sizes: number[] = [];
        for (let hour = 0; hour < 1000; hour++) {
            clock.advanceTo(start + hour * 3_600_000);
            for (let each = 0; each < 10; each++) {
                const key = { p: { S: `object ${hour} ${each}` }, q: { S: "query" } };
                items.put(key, { ...key, expires: { N: String(start / 1000 + (hour + 10) * 3600) } });
            }
            sizes.push(items.size);
        }

        expect(items.all()).to.have.length(100);
        expect(Math.max(...sizes)).to.be.within(100, 250);
    });

    it("keeps no memory for partitions that are empty", () => {
        const partitionKey = { name: "p", type: "S" } as const;
        const names = { logicalName: "items", name: "items", arn: "arn:aws:dynamodb:::table/items" };
        const items = new Table({ ...names, partitionKey }, new VirtualClock(start));
        const stays = { p: { S: "stays" } };
        items.put(stays, stays);
        for (let each = 0; each < 1000; each++) {
            const key = { p: { S: String(each) } };
            items.put(key, key);
            items.put(key, undefined);
        }

        expect(items.all()).to.deep.equal([stays]);
        expect((items as unknown as { partitions: Map<string, unknown> }).partitions.size).to.be.below(10);
    });

    it("forgets a transaction's token after ten minutes", async () => {
        const { client, clock, dynamoDb } = await prepare(table("items"));
        const transact = (ClientRequestToken = "token") =>
            client.send(
                new TransactWriteItemsCommand({
                    ClientRequestToken,
                    TransactItems: [
                        {
                            Update: {
                                TableName: "items",
                                Key: { p: { S: "a" }, q: { S: "1" } },
                                UpdateExpression: "ADD hits :one",
                                ExpressionAttributeValues: { ":one": { N: "1" } },
                            },
                        },
                    ],
                }),
            );
        const hits = () => dynamoDb.itemsOf("items").map((item) => item.hits);

        await transact();
        clock.advanceTo(start + 599_999);
        await transact("another");
        await transact();
        expect(hits()).to.deep.equal([{ N: "2" }]);
        clock.advanceTo(start + 600_000);
        await transact();
        await transact("another");
        expect(hits()).to.deep.equal([{ N: "3" }]);
    });

    it("reads what is more than a page in pages, each item once", async () => {
        const { client } = await prepare(table("items"));
        for (let index = 0; index < 7; index++) {
            const Item = { p: { S: "a" }, q: { S: String(index) }, x: { S: "x".repeat(300_000) } };
            await client.send(new PutItemCommand({ TableName: "items", Item }));
        }

        const query = {
            TableName: "items",
            KeyConditionExpression: "p = :p",
            ExpressionAttributeValues: { ":p": { S: "a" } },
        };
        const pages: string[][] = [];
        for await (const { Items = [] } of paginateQuery({ client }, query)) pages.push(Items.map(({ q }) => q!.S!));
        const scanned: string[] = [];
        for await (const { Items = [] } of paginateScan({ client, pageSize: 2 }, { TableName: "items" })) {
            scanned.push(...Items.map(({ q }) => q!.S!));
        }

        expect(pages).to.deep.equal([
            ["0", "1", "2", "3"],
            ["4", "5", "6"],
        ]);
        expect(scanned).to.deep.equal(["0", "1", "2", "3", "4", "5", "6"]);
    });

    it("describes a table", async () => {
        const { client } = await prepare(table("items"));

        const { Table } = await client.send(new DescribeTableCommand({ TableName: "items" }));

        expect(Table).to.deep.include({
            TableName: "items",
            TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/items",
            TableStatus: "ACTIVE",
        });
    });

    for (const [what, inputs, message] of [
        [
            "an index",
            { globalSecondaryIndexes: [{}] },
            "globalSecondaryIndexes is not modelled on this machine: leave it out",
        ],
        ["a stream", { streamEnabled: true }, "streamEnabled is not modelled on this machine: leave it out"],
        ["a table without a key", { hashKey: undefined, rangeKey: undefined, attributes: [] }, "hashKey is missing"],
        [
            "a key without a type",
            { attributes: [text("p")] },
            'key "q" has no type: declare it in attributes as S, N or B',
        ],
        [
            "an attribute that is in no key",
            { attributes: [text("p"), text("q"), text("r")] },
            'attribute "r" is in no key: declare the attributes of the keys only',
        ],
    ] as [string, object, string][]) {
        it(`refuses ${what} by name`, () => {
            const runtime = testRuntime([table("items", inputs)]);

            expect(() => new DynamoDb(runtime)).to.throw(`DynamoDB table "items": ${message}`);
        });
    }

    it("refuses operations and parameters that it does not model, by name", async () => {
        const { client } = await prepare(table("items"));

        const operation = await rejection(client.send(new ListTablesCommand()));
        const query = { TableName: "items", IndexName: "i", KeyConditionExpression: "p = :p" };
        const parameter = await rejection(client.send(new QueryCommand(query)));

        expect(operation.message).to.equal("DynamoDB ListTables is not modelled on this machine");
        expect(parameter.message).to.equal("DynamoDB IndexName is not modelled on this machine");
    });

    it("names the tables that there are for one that there is not", () => {
        const dynamoDb = new DynamoDb(testRuntime([table("items")]));

        expect(() => dynamoDb.itemsOf("rows")).to.throw('There is no table "rows": the program\'s tables are items');
    });

    it("keeps, adds and compares numbers as exact decimals", () => {
        const number = fc.tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 18 }));
        fc.assert(
            fc.property(number, number, ([a, aScale], [b, bScale]) => {
                const literal = (digits: bigint, scale: number) => `${digits}e-${scale}`;
                const sum = a * 10n ** BigInt(18 - aScale) + b * 10n ** BigInt(18 - bScale);

                const added = add(literal(a, aScale), literal(b, bScale));

                expect(compare(added, literal(sum, 18))).to.equal(0);
                expect(canonical(added)).to.equal(added);
            }),
        );
    });
});
