import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context as Invocation, SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { type QueryMap, queryMapFile, type RunQueryEnvironment } from "./contract";
import { readMessage } from "./message";
import { runQueries } from "./run-queries";
import { paceOf } from "./start-query";

const environment = process.env as unknown as RunQueryEnvironment;
const { queries } = JSON.parse(readFileSync(join(__dirname, queryMapFile), "utf8")) as QueryMap;
const athena = new AthenaClient();
const sns = new SNSClient();
const sqs = new SQSClient();
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Starts the queries of the objects that the messages tell of, and sees to runs that failed or are due. */
export const handler = (event: SQSEvent, invocation: Invocation) => {
    const queueName = event.Records[0]!.eventSourceARN.split(":").at(-1)!;
    const { awsRequestId: invocationId } = invocation;
    const pace = paceOf(invocation);
    const context = { athena, sns, sqs, ledger, queries, environment, queueName, pace, invocationId };
    return processBatch(event, "run-query", readMessage, (messages, giveBack) =>
        runQueries({ ...context, now: Date.now }, messages, giveBack),
    );
};
