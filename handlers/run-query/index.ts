import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import type { Context, SQSEvent } from "aws-lambda";
import { processBatch } from "../shared/batch";
import { createdObjects } from "../shared/s3-events";
import { type QueryMap, queryMapFile, type RunQueryEnvironment } from "./contract";
import { runQueries } from "./run-queries";
import { paceOf } from "./start-query";

const environment = process.env as unknown as RunQueryEnvironment;
const { queries } = JSON.parse(readFileSync(join(__dirname, queryMapFile), "utf8")) as QueryMap;
const athena = new AthenaClient();

/** Starts the queries of the objects that the messages tell of. */
export const handler = (event: SQSEvent, context: Context) =>
    processBatch(event, "run-query", createdObjects, (messages, giveBack) =>
        runQueries({ athena, queries, environment, pace: paceOf(context) }, messages, giveBack),
    );
