import type { AthenaClient } from "@aws-sdk/client-athena";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Ledger } from "../shared/ledger";
import type { MappedQuery, RunQueryEnvironment } from "./contract";
import type { Pace } from "./start-query";

/** What the function works with. */
export interface Context {
    athena: AthenaClient;
    sns: SNSClient;
    sqs: SQSClient;
    ledger: Ledger;
    queries: MappedQuery[];
    environment: RunQueryEnvironment;
    pace: Pace;
    /** Id of the invocation. */
    invocationId: string;
    /** Name of the queue that the messages come from. */
    queueName: string;
    /** Milliseconds since 1970. */
    now(): number;
}

/** Part of every line of the log. */
export const stage = "run-query";
