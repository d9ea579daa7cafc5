import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { s3Client } from "../shared/s3-client";
import { createdObjects } from "../shared/s3-events";
import { columnsFile, type ParseAccessLogEnvironment } from "./contract";
import { eventReader } from "./event";
import { parseAccessLogs } from "./parse-access-log";

const environment = process.env as unknown as ParseAccessLogEnvironment;
const columns = JSON.parse(readFileSync(join(__dirname, columnsFile), "utf8"));
const readEvent = eventReader(columns, {
    path: environment.EVENT_PATH,
    beacons: environment.BEACONS === "true",
    clientAddress: environment.CLIENT_ADDRESS,
});
const s3 = s3Client();

/** Reads the logs that the messages tell of. */
export const handler = (event: SQSEvent) =>
    processBatch(event, "parse-access-log", createdObjects, (messages, giveBack) =>
        parseAccessLogs({ s3, environment, readEvent }, messages, giveBack),
    );
