import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { s3Client } from "../shared/s3-client";
import { compact } from "./compact";
import { type CompactEnvironment, type Compaction, compactionFile } from "./contract";
import { readMessage } from "./message";

const environment = process.env as unknown as CompactEnvironment;
const compaction: Compaction = JSON.parse(readFileSync(join(__dirname, compactionFile), "utf8"));
const clients = { athena: new AthenaClient(), s3: s3Client(), sqs: new SQSClient() };
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Makes Parquet of the intervals that the messages tell of, when these are over. */
export const handler = (event: SQSEvent) => {
    const queueName = event.Records[0]!.eventSourceARN.split(":").at(-1)!;
    const context = { ...clients, ledger, compaction, environment, queueName, now: Date.now };
    return processBatch(event, "compact", readMessage, (messages, giveBack) => compact(context, messages, giveBack));
};
