import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "aws-lambda";
import { s3Client } from "../shared/s3-client";
import { type Reconciled, type ReconcileEnvironment, type ReconcileRequest, reconciledFile } from "./contract";
import { reconcile } from "./reconcile";

const environment = process.env as unknown as ReconcileEnvironment;
const reconciled: Reconciled = JSON.parse(readFileSync(join(__dirname, reconciledFile), "utf8"));
const s3 = s3Client();
const sqs = new SQSClient();
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Compares objects with the ledger. */
export const handler = (request: ReconcileRequest, invocation: Context) => {
    const timeLeft = () => invocation.getRemainingTimeInMillis();
    return reconcile({ s3, sqs, ledger, reconciled, environment, now: Date.now, timeLeft }, request);
};
