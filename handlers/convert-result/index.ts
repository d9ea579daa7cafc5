import "./frugal"; // before all that allocates
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import type { SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { s3Client } from "../shared/s3-client";
import { createdObjects } from "../shared/s3-events";
import { type ConvertResultEnvironment, type ResultMap, resultMapFile } from "./contract";
import { convertResults } from "./convert-result";

const environment = process.env as unknown as ConvertResultEnvironment;
const { results } = JSON.parse(readFileSync(join(__dirname, resultMapFile), "utf8")) as ResultMap;
const athena = new AthenaClient();
const s3 = s3Client();
const sns = new SNSClient();
const ledger = { client: new DynamoDBClient(), table: environment.LEDGER_TABLE };

/** Keeps the results that the messages tell of. */
export const handler = (event: SQSEvent) =>
    processBatch(event, "convert-result", createdObjects, (messages, giveBack) =>
        convertResults({ athena, s3, sns, ledger, environment, results, sleep, now: Date.now }, messages, giveBack),
    );
