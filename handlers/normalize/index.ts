import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FirehoseTransformationEvent } from "aws-lambda";
import { s3Client } from "../shared/s3-client";
import { validator } from "../shared/validate";
import { columnsFile, type NormalizeEnvironment } from "./contract";
import type { FailedStore } from "./failed-store";
import { normalize } from "./normalize";

const environment = process.env as unknown as NormalizeEnvironment;
const validate = validator(JSON.parse(readFileSync(join(__dirname, columnsFile), "utf8")));
const store: FailedStore = {
    client: s3Client(),
    bucket: environment.FAILED_BUCKET,
    prefix: environment.FAILED_PREFIX,
};

/** Transforms a batch of Firehose. */
export const handler = (event: FirehoseTransformationEvent) => normalize(event, validate, store);
