import { CreateTableCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { VirtualClock } from "../../local/clock";
import { DynamoDb } from "../../local/services/dynamodb";
import { answeredBy, type GivenResponse, type SentRequest } from "../handlers/shared/fake-service";
import { resource } from "../local/support";

/** A DynamoDB to test against: ours, or any other. */
export interface Place {
    client: DynamoDBClient;
    /** Another client. */
    connect(): DynamoDBClient;
    /** Makes a table with two text keys and says its name. */
    createTable(partitionKey: string, sortKey: string): Promise<string>;
}

/** Items as a table holds them. */
export type Items = Record<string, Record<string, unknown>>[];

/** The DynamoDB of the local runtime, without a network in between; `now` is its clock. */
export function ownPlace(
    now = Date.UTC(2026, 10, 21, 4),
): Place & { answer(request: SentRequest): Promise<GivenResponse> } {
    const tables: [string, string][] = [];
    let dynamoDb: DynamoDb | undefined;
    const configuration = answeredBy(answer);
    const connect = () => new DynamoDBClient(configuration);
    return {
        client: connect(),
        connect,
        answer,
        async createTable(partitionKey, sortKey) {
            tables.push([partitionKey, sortKey]);
            return `table-${tables.length}`;
        },
    };

    async function answer({ headers, body }: SentRequest): Promise<GivenResponse> {
        const text = Buffer.from(typeof body === "string" ? body : new TextDecoder().decode(body));
        const request = { method: "POST", path: "/", query: new URLSearchParams(), headers, body: text };
        const { status, ...rest } = await service().handle(request);
        return { statusCode: status, ...rest };
    }

    /** Made when it is first asked, with all tables. */
    function service(): DynamoDb {
        dynamoDb ??= new DynamoDb({
            clock: new VirtualClock(now),
            program: {
                ...{ folder: "", project: "", stack: "", components: [], outputs: {}, invented: {} },
                resources: tables.map(([hashKey, rangeKey], index) =>
                    resource("aws:dynamodb/table:Table", `table-${index + 1}`, {
                        ...{ hashKey, rangeKey },
                        attributes: [hashKey, rangeKey].map((name) => ({ name, type: "S" })),
                    }),
                ),
            },
        });
        return dynamoDb;
    }
}

/** Another DynamoDB. */
export function peerPlace(connect: () => DynamoDBClient): Place {
    const client = connect();
    return {
        client,
        connect,
        async createTable(partitionKey, sortKey) {
            const TableName = `table-${Math.random().toString(36).slice(2)}`;
            const keys = [partitionKey, sortKey];
            await client.send(
                new CreateTableCommand({
                    TableName,
                    BillingMode: "PAY_PER_REQUEST",
                    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
                    KeySchema: keys.map((AttributeName, index) => ({
                        AttributeName,
                        KeyType: index === 0 ? ("HASH" as const) : ("RANGE" as const),
                    })),
                }),
            );
            return TableName;
        },
    };
}

/** All items of a table. */
export async function itemsOf({ client }: Place, TableName: string): Promise<Items> {
    const items: Items = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName }))
        items.push(...(Items as unknown as Items));
    return items;
}
