/** What functions that call none but S3, DynamoDB and Firehose have in place of `@aws-sdk/client-firehose`. */
import type { PutRecordBatchCommandInput, PutRecordBatchCommandOutput } from "@aws-sdk/client-firehose";
import { Client, type Service } from "./client";
import { jsonCommand, jsonErrorOf } from "./json-command";

const service: Service = { name: "firehose", maxAttempts: 3, errorOf: jsonErrorOf };
const json = { target: "Firehose_20150804", version: "1.1" } as const;

export class FirehoseClient extends Client {
    constructor({ maxAttempts }: { maxAttempts?: number } = {}) {
        super(service, maxAttempts);
    }
}

export const PutRecordBatchCommand = jsonCommand<PutRecordBatchCommandInput, PutRecordBatchCommandOutput>(
    json,
    "PutRecordBatch",
);
