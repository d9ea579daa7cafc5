import { createHash } from "node:crypto";
import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "../../../handlers/run-query/context";
import type { MappedQuery } from "../../../handlers/run-query/contract";
import { readMessage } from "../../../handlers/run-query/message";
import { runQueries } from "../../../handlers/run-query/run-queries";
import { processBatch } from "../../../handlers/shared/batch";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { captureLog } from "../shared/capture-log";
import { FakeLedger } from "../shared/fake-ledger";
import { answeredBy, type GivenResponse, jsonRequest, jsonResponse, type SentRequest } from "../shared/fake-service";
import { FakeTopic } from "../shared/fake-topic";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { FakeAthena, type StartedRun } from "./fake-athena";

/** What run-query works with, and what it did. */
export class World {
    /** Milliseconds since 1970: stands still unless a test moves it. */
    time = Date.UTC(2026, 10, 21, 4);
    readonly books = new FakeLedger();
    readonly athena = new FakeAthena(() => this.time);
    readonly topic = new FakeTopic();
    readonly notifications = this.topic.notifications;
    /** Messages that the function sent to its own queue, and when they come. */
    readonly sent: { body: string; at: number }[] = [];
    /** Takes what is logged. */
    listen: typeof captureLog = captureLog;
    /** Lets a call wait for its turn. */
    turn: () => Promise<unknown> = async () => {};

    constructor(public queries: MappedQuery[]) {}

    /**
     * Invokes the function with these bodies, as messages m0, m1, …; returns why messages were given back, and whether it
     * died on its way.
     */
    async deliver(bodies: string[], { pace = aPace(), fate }: { pace?: Context["pace"]; fate?: Fate } = {}) {
        const life = { calls: 0, isOver: false };
        const failed: Record<string, string[]> = {};
        const { lines } = await this.listen(() =>
            processBatch(sqsEvent(...bodies), "run-query", readMessage, (messages, giveBack) =>
                runQueries(this.context(pace, life, fate), messages, (id, reason) => {
                    failed[id] = [...(failed[id] ?? []), String(reason)];
                    giveBack(id, reason);
                }),
            ),
        );
        return { failed, lines: lines.filter(({ message }) => message !== "message given back"), died: life.isOver };
    }

    /** A word of Athena's that a run ended. */
    ended(id: string, state: StartedRun["state"], how: Partial<StartedRun> = {}): string {
        Object.assign(this.athena.run(id), { state, ...how });
        return stateChange(id, this.athena.run(id).input.WorkGroup!);
    }

    private context(pace: Context["pace"], life: Life, fate: Fate | undefined): Context {
        const client = (answer: (request: SentRequest) => GivenResponse | Promise<GivenResponse>) => ({
            ...answeredBy((request) => this.live(life, fate, () => answer(request))),
            maxAttempts: 1,
        });
        return {
            athena: new AthenaClient(client((request) => this.athena.answer(request))),
            sns: new SNSClient(client((request) => this.topic.answer(request))),
            sqs: new SQSClient(client((request) => this.send(request))),
            ledger: { client: new DynamoDBClient(client((request) => this.books.answer(request))), table: "ledger" },
            queries: this.queries,
            environment,
            pace,
            invocationId: "invocation",
            queueName: "fleet-queue",
            now: () => this.time,
        };
    }

    /** A call of a function that may die before or after it. */
    private async live(life: Life, fate: Fate | undefined, act: () => GivenResponse | Promise<GivenResponse>) {
        await this.turn();
        const isLast = ++life.calls === fate?.call;
        life.isOver ||= isLast && fate.side === "before";
        if (life.isOver) throw new Error("died");
        const answer = await act();
        life.isOver ||= isLast;
        if (life.isOver) throw new Error("died");
        return answer;
    }

    private send(request: SentRequest): GivenResponse {
        const { operation, input } = jsonRequest(request);
        if (operation === "GetQueueUrl")
            return jsonResponse({ QueueUrl: `https://sqs.eu-west-1.amazonaws.com/123456789012/${input.QueueName}` });
        this.sent.push({ body: String(input.MessageBody), at: this.time + Number(input.DelaySeconds) * 1000 });
        const MD5OfMessageBody = createHash("md5").update(String(input.MessageBody)).digest("hex");
        return jsonResponse({ MessageId: "1", MD5OfMessageBody });
    }
}

/** Which of its calls a function dies before or after. */
export interface Fate {
    call: number;
    side: "before" | "after";
}

interface Life {
    calls: number;
    isOver: boolean;
}

export const environment = {
    PIPELINE: "fleet",
    BUCKET: "lake",
    DATABASE: "fleet_dev",
    WORKGROUP_PREFIX: "fleet-dev-",
    LEDGER_TABLE: "ledger",
    FAILURES_TOPIC: "arn:aws:sns:eu-west-1:123456789012:failures",
};

export const hour = "raw/v0/ping/2026/11/21/04/";

/** A query over new objects. */
export const battery: MappedQuery = {
    name: "battery",
    trigger: "raw/v0/ping/",
    sql: ["SELECT * FROM ping WHERE ", { newData: {} }],
    newData: { prefix: "raw/v0/ping/", partition: ["arrival_hour"] },
};

/** A query over whole tables. */
export const week: MappedQuery = { name: "week", trigger: "raw/v0/ping/", sql: ["SELECT 1"] };

/** The body of a message that tells of objects. */
export function told(...objects: CreatedObject[]): string {
    return s3Body(
        ...objects.map(({ key, bucket, size, versionId, eTag, sequencer }) => {
            const record = s3Record(encodeURIComponent(key), {
                size: size || String(size),
                versionId,
                eTag,
                sequencer,
            });
            return { ...record, s3: { ...record.s3, bucket: { name: bucket } } };
        }),
    );
}

/** Athena's event, as EventBridge sends it. */
export function stateChange(queryExecutionId: string, workgroupName: string): string {
    return JSON.stringify({
        version: "0",
        "detail-type": "Athena Query State Change",
        source: "aws.athena",
        detail: { currentState: "FAILED", queryExecutionId, workgroupName },
    });
}

/** A pace whose sleeps take no time but count. */
export function aPace(time = 60_000, waits: number[] = []) {
    return {
        timeLeft: () => time - waits.reduce((total, wait) => total + wait, 0),
        sleep: async (milliseconds: number) => void waits.push(milliseconds),
        random: () => 0.5,
    };
}

/** Keys of the objects that a run reads through `:new_data`, without their hour. */
export function keysOf({ ExecutionParameters = [] }: { ExecutionParameters?: string[] }): string[] {
    return ExecutionParameters.filter((parameter) => parameter.startsWith("'s3://lake/")).map((parameter) =>
        parameter.slice(`'s3://lake/${hour}`.length, -1),
    );
}

/** Names of the queries that were started. */
export function names(athena: FakeAthena): string[] {
    return athena.started.map(({ WorkGroup }) => WorkGroup!.replace("fleet-dev-", ""));
}

/** Whether a start is one of the query's. */
export function isRunOf(query: string) {
    return ({ WorkGroup }: { WorkGroup?: string }) => WorkGroup === `fleet-dev-${query}`;
}
