import type { AthenaClient } from "@aws-sdk/client-athena";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Ledger } from "../shared/ledger";
import type { CompactEnvironment, Compaction } from "./contract";

/** What the function works with. */
export interface Context {
    athena: Pick<AthenaClient, "send">;
    s3: Pick<S3Client, "send">;
    sqs: Pick<SQSClient, "send">;
    ledger: Ledger;
    compaction: Compaction;
    environment: CompactEnvironment;
    /** Name of the function's own queue. */
    queueName: string;
    /** Milliseconds since 1970. */
    now(): number;
}

export const stage = "compact";
