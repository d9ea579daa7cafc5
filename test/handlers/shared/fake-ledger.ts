import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type Item, type Ledger, rowsOf } from "../../../handlers/shared/ledger";
import { queryEntry, runEntry } from "../../../handlers/shared/ledger-contract";
import { putRun, type Run, readRun } from "../../../handlers/shared/runs";
import { VirtualClock } from "../../../local/clock";
import { DynamoDb } from "../../../local/services/dynamodb";
import { resource } from "../../local/support";
import { answeredBy, type GivenResponse, type SentRequest } from "./fake-service";

/** A ledger in the DynamoDB of the local runtime, without a network in between. */
export class FakeLedger {
    /** Faults, or what happens meanwhile: answers a call instead of DynamoDB, or lets it go on. */
    before: (operation: string) => GivenResponse | undefined | Promise<undefined> = () => undefined;
    readonly ledger: Ledger = {
        client: new DynamoDBClient({ ...answeredBy((request) => this.answer(request)), maxAttempts: 1 }),
        table: "ledger",
    };
    private readonly service: DynamoDb;

    constructor(now = Date.UTC(2026, 10, 21, 4)) {
        const attributes = ["entry", "subscriber"].map((name) => ({ name, type: "S" }));
        const table = { name: "ledger", hashKey: "entry", rangeKey: "subscriber", attributes };
        this.service = new DynamoDb({
            clock: new VirtualClock(now),
            program: {
                ...{ folder: "", project: "", stack: "", components: [], outputs: {}, invented: {} },
                resources: [resource("aws:dynamodb/table:Table", "ledger", table)],
            },
        });
    }

    /** The answer to a request. */
    async answer({ headers, body }: SentRequest): Promise<GivenResponse> {
        const operation = headers["x-amz-target"]!.split(".")[1]!;
        const instead = await this.before(operation);
        if (instead) return instead;
        const text = typeof body === "string" ? body : new TextDecoder().decode(body);
        const request = { method: "POST", path: "/", query: new URLSearchParams(), headers, body: Buffer.from(text) };
        const { status, body: answer, ...rest } = await this.service.handle(request);
        return { statusCode: status, headers: rest.headers, body: answer };
    }

    /** All rows. */
    rows(): Item[] {
        return this.service.itemsOf("ledger") as Item[];
    }

    /** The rows of an object, of all queries. */
    objectRows(key: string): Promise<Item[]> {
        return rowsOf(this.ledger, `object/${key}`);
    }

    /** All runs of a query, in the order in which their objects were complete. */
    async runs(query: string): Promise<Run[]> {
        const prefix = runEntry("");
        const tokens = this.rows().flatMap(({ entry, subscriber }) =>
            entry!.S!.startsWith(prefix) && subscriber!.S === queryEntry(query) ? entry!.S!.slice(prefix.length) : [],
        );
        const runs = await Promise.all(tokens.map((token) => readRun(this.ledger, query, token)));
        const time = ({ claimedAt = "9" }: Run) => claimedAt;
        return runs.map((run) => run!).sort((a, b) => (time(a) < time(b) ? -1 : 1));
    }

    /** Writes a run as if it had come so far. */
    async put(run: Partial<Run>): Promise<Run> {
        const whole = { ...aRun, ...run };
        const { Put } = putRun(this.ledger, { ...whole, revision: 0 }, Date.now());
        await this.ledger.client.send(new PutItemCommand(Put!));
        return { ...whole, revision: 1 };
    }
}

const aRun: Run = {
    ...{ query: "week", token: "a".repeat(64), state: "started", attempt: 1, count: 1, revision: 0 },
    objects: [{ key: "raw/a", version: "e1" }],
    executionId: "run-0",
};
