import { setImmediate } from "node:timers/promises";
import type { GetQueryExecutionCommand, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import type { CopyObjectCommand, GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { SendMessageCommand } from "@aws-sdk/client-sqs";
import { compact } from "../../../handlers/compact/compact";
import type { CompactEnvironment, Compaction } from "../../../handlers/compact/contract";
import { type Content, readMessage } from "../../../handlers/compact/message";
import { itemsOf, ownPlace } from "../../dynamodb/tables";
import { s3Body, s3Record } from "../shared/s3-event-messages";

export const hour = 3_600_000;
/** When the worlds begin. */
export const start = Date.UTC(2026, 10, 21, 4);

export const clicks: Compaction = {
    name: "clicks_parquet",
    table: "clicks",
    prefix: "raw/v0/clicks/",
    partition: ["arrival_hour"],
    columns: ["page", "event_id"],
    every: "hour",
    output: "parquet/v0/clicks/",
};

export const settings: CompactEnvironment = {
    BUCKET: "lake",
    DATABASE: "web",
    WORKGROUP: "web-dev-clicks_parquet",
    LEDGER_TABLE: "table-1",
    WAIT_SECONDS: "600",
};

/** A crash of the process: no call of it comes through any more. */
export class Crash extends Error {
    override readonly name = "Crash";
}

/** When a worker dies: before or after its k-th call of any service. */
export interface Death {
    call: number;
    side: "before" | "after";
}

/** How a run ends. */
export type Fate = "SUCCEEDED" | "FAILED" | "CANCELLED";

interface Message {
    body: string;
    /** When it can be received. */
    at: number;
    receives: number;
}

interface Execution {
    id: string;
    statement: string;
    fate: Fate;
    /** How often it is still said to run. */
    running: number;
    state: string;
    reason?: string;
    manifest?: string;
}

const visibility = 720_000;
const mostReceives = 5;

/** A lake, a ledger, a queue and Athena, in memory, and workers that compact. Each object holds one row: its key. */
export class World {
    now = start;
    /** Objects by key: their rows. */
    readonly objects = new Map<string, string[]>();
    readonly queue: Message[] = [];
    readonly dead: Message[] = [];
    readonly executions: Execution[] = [];
    /** How the next runs end; those after them succeed. */
    fates: Fate[] = [];
    /** Files that a run writes. */
    files = 2;
    /** Times that a run is said to run before it ends. */
    running = 0;
    /** Objects of one page of a listing. */
    page = 1000;
    /** Called before each call of a worker with its name, to let others go first. */
    turn: (operation: string) => Promise<unknown> = async () => {};
    /** Stands for a service's answer, or throws its error. */
    instead: (command: { constructor: { name: string }; input: object }) => unknown = () => undefined;
    readonly tokens = new Map<string, Execution>();
    private readonly place = ownPlace();

    private constructor(readonly compaction: Compaction) {}

    static async create(compaction = clicks): Promise<World> {
        const world = new World(compaction);
        await world.place.createTable("entry", "subscriber");
        return world;
    }

    /** An object comes, and is announced. */
    put(key: string): void {
        this.objects.set(key, [key]);
        this.announce(key);
    }

    announce(key: string): void {
        this.queue.push({ body: s3Body(s3Record(key)), at: this.now, receives: 0 });
    }

    /** Delivers messages until none is left; the clock goes on to each. */
    async drain(): Promise<void> {
        for (let count = 0; this.queue.length > 0; count++) {
            if (count > 5_000) throw new Error("the queue never becomes empty");
            const next = this.queue.reduce((first, each) => (each.at < first.at ? each : first));
            this.now = Math.max(this.now, next.at);
            await this.deliver(next);
        }
    }

    /** Delivers a message to a worker; says why it was given back, if it was. */
    async deliver(message: Message, death?: Death, keep = false): Promise<string | undefined> {
        message.receives++;
        const worker = this.worker(death);
        const reasons: string[] = [];
        const content: Content = readMessage(message.body);
        await compact(worker.context, [{ id: "m", content }], (_, reason) => void reasons.push(String(reason)));
        const at = this.queue.indexOf(message);
        if (keep || at < 0) return reasons[0];
        if (reasons.length === 0 && !worker.died()) this.queue.splice(at, 1);
        else if (message.receives < mostReceives) message.at = this.now + visibility;
        else this.dead.push(...this.queue.splice(at, 1));
        return reasons[0];
    }

    /** What somebody does who finds messages in the dead-letter queue. */
    redrive(): void {
        this.queue.push(...this.dead.splice(0).map(({ body }) => ({ body, at: this.now, receives: 0 })));
    }

    /** Rows of the Parquet, in their order. */
    parquet(): string[] {
        return [...this.objects].flatMap(([key, rows]) => (key.startsWith(this.compaction.output) ? rows : [])).sort();
    }

    /** Keys of the Parquet. */
    parquetKeys(): string[] {
        return [...this.objects.keys()].filter((key) => key.startsWith(this.compaction.output)).sort();
    }

    /** Rows of the JSON, in their order. */
    json(): string[] {
        return [...this.objects.keys()].filter((key) => key.startsWith(this.compaction.prefix)).sort();
    }

    /** The rows of the ledger. */
    async ledger() {
        return await itemsOf(this.place, settings.LEDGER_TABLE);
    }

    /** Clients of its own that die when they are told to. */
    private worker(death: Death | undefined) {
        let calls = 0;
        let dead = false;
        const mortal = async <T>(command: { constructor: { name: string }; input: object }, call: () => Promise<T>) => {
            await this.turn(command.constructor.name);
            if (dead) throw new Crash();
            const isLast = death?.call === ++calls;
            if (isLast) dead = true;
            if (isLast && death?.side === "before") throw new Crash();
            const result = (this.instead(command) as T) ?? (await call());
            if (isLast) throw new Crash();
            return result;
        };
        const client = this.place.connect();
        client.middlewareStack.add(
            (next, { commandName }) =>
                (args) =>
                    mortal({ constructor: { name: String(commandName) }, input: args.input as object }, () =>
                        next(args),
                    ),
            { step: "initialize" },
        );
        const send = (command: { constructor: { name: string }; input: object }) =>
            mortal(command, async () => await this.answer(command));
        const fake = { send } as never;
        const context = {
            ...{ athena: fake, s3: fake, sqs: fake, queueName: "clicks" },
            ledger: { client, table: settings.LEDGER_TABLE },
            ...{ compaction: this.compaction, environment: settings, now: () => this.now },
        };
        return { context, died: () => dead };
    }

    private async answer(command: { constructor: { name: string }; input: object }): Promise<unknown> {
        await setImmediate();
        switch (command.constructor.name) {
            case "ListObjectsV2Command":
                return this.list((command as ListObjectsV2Command).input);
            case "GetObjectCommand": {
                const text = `${this.objects.get((command as GetObjectCommand).input.Key!)!.join("\n")}\n`;
                return { Body: { transformToString: async () => text } };
            }
            case "CopyObjectCommand":
                return this.copy((command as CopyObjectCommand).input);
            case "GetQueueUrlCommand":
                return { QueueUrl: "https://sqs/clicks" };
            case "SendMessageCommand": {
                const { MessageBody, DelaySeconds } = (command as SendMessageCommand).input;
                if (!(DelaySeconds! >= 0 && DelaySeconds! <= 900)) throw new Error(`DelaySeconds ${DelaySeconds}`);
                this.queue.push({ body: MessageBody!, at: this.now + DelaySeconds! * 1000, receives: 0 });
                return {};
            }
            case "StartQueryExecutionCommand":
                return { QueryExecutionId: this.startQuery((command as StartQueryExecutionCommand).input).id };
            default:
                return this.describe((command as GetQueryExecutionCommand).input.QueryExecutionId!);
        }
    }

    private list({ Prefix, ContinuationToken = "" }: ListObjectsV2Command["input"]): object {
        const keys = [...this.objects.keys()]
            .filter((key) => key.startsWith(Prefix!) && key > ContinuationToken)
            .sort();
        const page = keys.slice(0, this.page);
        return {
            ...(page.length > 0 && { Contents: page.map((Key) => ({ Key })) }),
            ...(keys.length > page.length && { NextContinuationToken: page.at(-1) }),
        };
    }

    private copy({ Key, CopySource, IfNoneMatch }: CopyObjectCommand["input"]): object {
        if (IfNoneMatch === "*" && this.objects.has(Key!))
            throw Object.assign(new Error("PreconditionFailed"), { $metadata: { httpStatusCode: 412 } });
        const source = this.objects.get(decodeURIComponent(CopySource!).replace(/^lake\//, ""));
        if (!source) throw new Error(`no such key ${CopySource}`);
        this.objects.set(Key!, source);
        return {};
    }

    private startQuery({ ClientRequestToken, QueryString }: StartQueryExecutionCommand["input"]): Execution {
        const known = this.tokens.get(ClientRequestToken!);
        if (known && known.statement !== QueryString) throw new Error("Idempotent parameters do not match");
        if (known) return known;
        const execution: Execution = {
            ...{ id: `run-${this.executions.length + 1}`, statement: QueryString!, state: "RUNNING" },
            ...{ fate: this.fates.shift() ?? "SUCCEEDED", running: this.running },
        };
        this.executions.push(execution);
        this.tokens.set(ClientRequestToken!, execution);
        return execution;
    }

    private describe(id: string): object {
        const execution = this.executions.find((each) => each.id === id)!;
        if (execution.state === "RUNNING" && execution.running-- <= 0) this.end(execution);
        const { state, reason, manifest } = execution;
        return {
            QueryExecution: {
                Status: { State: state, StateChangeReason: reason },
                ...(manifest && { Statistics: { DataManifestLocation: manifest } }),
            },
        };
    }

    /** As UNLOAD ends: whatever lies at its target, it adds nothing to; one that fails may leave files. */
    private end(execution: Execution): void {
        const target = /TO 's3:\/\/lake\/(.*)' WITH/.exec(execution.statement)![1]!;
        const rows = this.selected(execution.statement);
        if ([...this.objects.keys()].some((key) => key.startsWith(target))) {
            Object.assign(execution, { state: "FAILED", reason: "HIVE_PATH_ALREADY_EXISTS" });
        } else if (execution.fate !== "SUCCEEDED") {
            this.objects.set(`${target}orphan`, rows);
            Object.assign(execution, {
                state: execution.fate,
                ...(execution.fate === "FAILED" && { reason: "throttled" }),
            });
        } else {
            const groups = Map.groupBy(rows, (_, index) => index % this.files);
            const keys = [...groups].map(([index, group]) => {
                this.objects.set(`${target}file ${index}`, group);
                return `s3://lake/${target}file ${index}`;
            });
            this.objects.set(`athena/clicks_parquet/${execution.id}-manifest.csv`, keys);
            execution.state = "SUCCEEDED";
            execution.manifest =
                keys.length > 0 ? `s3://lake/athena/clicks_parquet/${execution.id}-manifest.csv` : undefined;
        }
    }

    private selected(statement: string): string[] {
        const [, paths = ""] = /"\$path" IN \((.*)\)\)/.exec(statement)!;
        const keys = [...paths.matchAll(/'s3:\/\/lake\/((?:[^']|'')*)'/g)].map(([, key]) => key!.replaceAll("''", "'"));
        return keys.flatMap((key) => this.objects.get(key) ?? []);
    }
}
