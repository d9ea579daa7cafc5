import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";
import { s3Client } from "../shared/s3-client";
import { keepBooks } from "./books";
import { type BookedIngest, type BooksEnvironment, type BooksRequest, ingestsFile } from "./contract";

const environment = process.env as unknown as BooksEnvironment;
const ingests: BookedIngest[] = JSON.parse(readFileSync(join(__dirname, ingestsFile), "utf8"));
const s3 = s3Client();
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Makes up the books of the ingests. */
export const handler = (request: BooksRequest, invocation: Context) => {
    const timeLeft = () => invocation.getRemainingTimeInMillis();
    return keepBooks({ s3, ledger, ingests, environment, now: Date.now, timeLeft }, request);
};
