import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context, SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { s3Client } from "../shared/s3-client";
import { createdObjects } from "../shared/s3-events";
import { type CountEventsEnvironment, type Rollup, rollupFile } from "./contract";
import { countEvents } from "./count-events";
import { lineReader } from "./read-line";

const environment = process.env as unknown as CountEventsEnvironment;
const rollup: Rollup = JSON.parse(readFileSync(join(__dirname, rollupFile), "utf8"));
const readLine = lineReader(rollup);
const s3 = s3Client();
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Counts the events of the objects that the messages tell of. */
export const handler = (event: SQSEvent, context: Context) => {
    const { awsRequestId: executionId } = context;
    const remaining = () => context.getRemainingTimeInMillis();
    const books = { ledger, table: environment.TABLE, rollup, executionId, now: Date.now };
    return processBatch(event, "count-events", createdObjects, (messages, giveBack) =>
        countEvents({ s3, books, environment, readLine, sleep: setTimeout, remaining }, messages, giveBack),
    );
};
