import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Context, SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { createdObjects } from "../shared/s3-events";
import type { RunProcessorEnvironment } from "./contract";
import { runProcessor } from "./run-processor";

const environment = process.env as unknown as RunProcessorEnvironment;
// A repeated Invoke would call the user's function again; the queue repeats what failed, and the ledger is asked before.
const lambda = new LambdaClient({ maxAttempts: 1 });
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Calls the user's function for the objects that the messages tell of. */
export const handler = (event: SQSEvent, context: Context) => {
    const { PROCESSOR: processor, FUNCTION_ARN: functionArn, FUNCTION_TIMEOUT } = environment;
    const books = { ledger, processor, executionId: context.awsRequestId, now: Date.now };
    const hasTime = () => context.getRemainingTimeInMillis() > Number(FUNCTION_TIMEOUT) * 1000;
    return processBatch(event, processor, createdObjects, (messages, giveBack) =>
        runProcessor({ books, environment, lambda, functionArn, hasTime }, messages, giveBack),
    );
};
