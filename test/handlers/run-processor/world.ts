import { LambdaClient } from "@aws-sdk/client-lambda";
import { runProcessor } from "../../../handlers/run-processor/run-processor";
import { processBatch } from "../../../handlers/shared/batch";
import { accountsOf } from "../../../handlers/shared/ledger";
import type { ProcessorEvent, ProcessorObject } from "../../../handlers/shared/processor-contract";
import { createdObjects } from "../../../handlers/shared/s3-events";
import { itemsOf, ownPlace } from "../../dynamodb/tables";
import { captureLog } from "../shared/capture-log";
import { answeredBy, type GivenResponse, type SentRequest } from "../shared/fake-service";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";

export const environment = { BUCKET: "lake", TRIGGER: "raw/" };
export const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:forecast";

/** A ledger, a user's function, and what it was called with. */
export class World {
    readonly place = ownPlace();
    readonly calls: ProcessorObject[][] = [];
    /** What the function answers. */
    answer: (event: ProcessorEvent) => GivenResponse | Promise<GivenResponse> = () => ok("null");
    hasTime = () => true;
    /** Called before each call of the ledger. */
    ledgerCall: (target: string) => unknown = () => undefined;
    private readonly lambda = new LambdaClient({ ...answeredBy((request) => this.invoke(request)), maxAttempts: 1 });

    private constructor(readonly table: string) {}

    static async create(): Promise<World> {
        const world = new World("table-1");
        await world.place.createTable("entry", "subscriber");
        return world;
    }

    get keys(): string[][] {
        return this.calls.map((objects) => objects.map(({ key }) => key));
    }

    /** Delivers a batch of messages with these bodies; says which were given back, and what was logged of it. */
    async deliver(...bodies: string[]) {
        const { result: givenBack, lines } = await captureLog(() => this.work(bodies));
        const reasons = lines.filter(({ level }) => level === "warn").map(({ reason }) => reason as string);
        return { givenBack, reasons, lines };
    }

    /** The same of a worker beside others: says which messages were given back. */
    async work(bodies: string[]): Promise<string[]> {
        const client = this.place.connect();
        client.middlewareStack.add(
            (next, { commandName }) =>
                async (args) => {
                    await this.ledgerCall(commandName!);
                    return next(args);
                },
            { step: "initialize" },
        );
        const books = {
            ledger: { client, table: this.table },
            processor: "forecast",
            executionId: "invocation",
            now: () => Date.UTC(2026, 10, 21, 4),
        };
        const { lambda, hasTime } = this;
        const { batchItemFailures } = await processBatch(
            sqsEvent(...bodies),
            "forecast",
            createdObjects,
            (messages, giveBack) =>
                runProcessor({ books, environment, lambda, functionArn, hasTime }, messages, giveBack),
        );
        return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    }

    /** What the object's row says of the processor. */
    async account(key: string) {
        const [account] = await accountsOf({ client: this.place.client, table: this.table }, key);
        return account;
    }

    /** Outcome of every version, by key and version. */
    async versions(): Promise<Record<string, string>> {
        const rows = await itemsOf(this.place, this.table);
        const own = rows.filter(({ entry }) => (entry!.S as string).startsWith("handled/forecast/"));
        const text = (row: Record<string, unknown>, name: string) => (row[name] as { S: string }).S;
        return Object.fromEntries(
            own.map((row) => [
                `${text(row, "entry").slice("handled/forecast/".length)} ${text(row, "subscriber")}`,
                text(row, "outcome"),
            ]),
        );
    }

    private async invoke({ path, body }: SentRequest): Promise<GivenResponse> {
        if (path !== `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`) throw new Error(path);
        const event: ProcessorEvent = JSON.parse(Buffer.from(body!).toString());
        this.calls.push(event.objects);
        return this.answer(event);
    }
}

/** The body of a message with one version of an object. */
export function version(key: string, versionId = "v1", sequencer = "0A"): string {
    return s3Body(s3Record(key, { versionId, sequencer }));
}

/** What a function returned. */
export function ok(body: string): GivenResponse {
    return { statusCode: 200, body };
}

/** How a function failed. */
export function failed(error: unknown): GivenResponse {
    return {
        statusCode: 200,
        headers: { "x-amz-function-error": "Unhandled" },
        body: typeof error === "string" ? error : JSON.stringify(error),
    };
}

/** How Lambda refused a call. */
export function refused(name: string, statusCode: number, message = "Rate Exceeded."): GivenResponse {
    return {
        statusCode,
        headers: { "content-type": "application/json", "x-amzn-errortype": name },
        body: JSON.stringify({ message }),
    };
}
