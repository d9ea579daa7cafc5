/** What functions that call none but S3, DynamoDB and Firehose have in place of `@aws-sdk/client-dynamodb`. */
import { randomUUID } from "node:crypto";
import type {
    BatchGetItemCommandInput,
    BatchGetItemCommandOutput,
    GetItemCommandInput,
    GetItemCommandOutput,
    PutItemCommandInput,
    PutItemCommandOutput,
    QueryCommandInput,
    QueryCommandOutput,
    TransactWriteItemsCommandInput,
    TransactWriteItemsCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { Client, type Service } from "./client";
import { jsonCommand, jsonErrorOf } from "./json-command";

const service: Service = { name: "dynamodb", maxAttempts: 4, baseDelay: 25, errorOf: jsonErrorOf };
const json = { target: "DynamoDB_20120810", version: "1.0" } as const;

export class DynamoDBClient extends Client {
    constructor() {
        super(service);
    }
}

export const GetItemCommand = jsonCommand<GetItemCommandInput, GetItemCommandOutput>(json, "GetItem");
export const BatchGetItemCommand = jsonCommand<BatchGetItemCommandInput, BatchGetItemCommandOutput>(
    json,
    "BatchGetItem",
);
export const PutItemCommand = jsonCommand<PutItemCommandInput, PutItemCommandOutput>(json, "PutItem");
export const QueryCommand = jsonCommand<QueryCommandInput, QueryCommandOutput>(json, "Query");
export const TransactWriteItemsCommand = jsonCommand<TransactWriteItemsCommandInput, TransactWriteItemsCommandOutput>(
    json,
    "TransactWriteItems",
    () => ({ ClientRequestToken: randomUUID() }), // the same for every attempt, so that it is done once
);

/** The pages of a query, up to its last. */
export async function* paginateQuery(
    { client }: { client: DynamoDBClient },
    input: QueryCommandInput,
): AsyncGenerator<QueryCommandOutput, undefined> {
    let { ExclusiveStartKey } = input;
    do {
        const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey }));
        yield page;
        ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
}
