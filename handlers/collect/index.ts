import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { validator } from "../shared/validate";
import { type Collector, collect } from "./collect";
import { type CollectEnvironment, columnsFile } from "./contract";
import { parseKeyHashes } from "./write-keys";

const environment = process.env as unknown as CollectEnvironment;

const collector: Collector = {
    keys: environment.OPEN === "true" ? undefined : parseKeyHashes(environment.KEY_HASHES),
    validate: validator(JSON.parse(readFileSync(join(__dirname, columnsFile), "utf8"))),
    // Failed calls are repeated by us, who know how much time is left.
    stream: { client: new FirehoseClient({ maxAttempts: 1 }), name: environment.DELIVERY_STREAM },
};

/** Takes a request of the HTTP API. */
export const handler = (request: APIGatewayProxyEventV2, context: Context) =>
    collect(request, () => context.getRemainingTimeInMillis(), collector);
