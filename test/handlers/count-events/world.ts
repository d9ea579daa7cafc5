import { gunzipSync, gzipSync } from "node:zlib";
import type { CountEventsEnvironment, Rollup } from "../../../handlers/count-events/contract";
import { countEvents } from "../../../handlers/count-events/count-events";
import { lineReader } from "../../../handlers/count-events/read-line";
import type { Column } from "../../../handlers/shared/columns";
import { defaultAttributes } from "../../../handlers/shared/rollup-contract";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { itemsOf, type Place } from "../../dynamodb/tables";
import { FakeS3 } from "../convert-result/fake-s3";
import { createdObject } from "../shared/s3-event-messages";

/** An event as these tests count it. */
export interface Event {
    device: string;
    at: string;
    volts?: number;
}

const text = (name: string): Column => ({ name, type: { kind: "string" } });

/** Pings by device and hour, with their volts. */
export const pings: Rollup = {
    name: "pings",
    by: [text("device")],
    time: { name: "at", type: { kind: "timestamp" } },
    interval: "hour",
    sum: [{ name: "volts", type: { kind: "float", bits: 64 } }],
    attributes: defaultAttributes,
};

/** What the workers of the running test have logged. */
export const logged: Record<string, unknown>[] = [];

/** Keeps what workers log, several at once, from the test runner's output, which goes on. */
export function keepLogs(): void {
    const { write } = process.stdout;
    beforeEach(() => {
        logged.length = 0;
        process.stdout.write = ((text: string) =>
            text.startsWith("{")
                ? logged.push(JSON.parse(text)) > 0
                : write.call(process.stdout, text)) as typeof write;
    });
    afterEach(() => {
        process.stdout.write = write;
    });
}

/** A crash of the process: no call of it comes through any more. */
export class Crash extends Error {
    override readonly name = "Crash";
}

/** When a worker dies: before or after its k-th call of DynamoDB. */
export interface Death {
    call: number;
    side: "before" | "after";
}

/** A lake, a ledger, counters, and workers that count. */
export class World {
    readonly s3 = new FakeS3();
    /** Names of the errors that DynamoDB answered workers with, and the reasons of cancellations. */
    readonly refusals: string[] = [];
    sequencer = 0x10;
    now = Date.UTC(2026, 10, 21, 4);
    /** Milliseconds that workers have left. */
    remaining = () => 300_000;
    /** Called before each call of a worker, to let others go first. */
    turn: () => Promise<unknown> = async () => {};

    private constructor(
        readonly place: Place,
        readonly ledger: string,
        readonly counters: string,
        readonly rollup: Rollup,
    ) {}

    static async create(place: Place, rollup = pings): Promise<World> {
        const ledger = await place.createTable("entry", "subscriber");
        const { name, timestamp } = rollup.attributes;
        return new World(place, ledger, await place.createTable(name, timestamp), rollup);
    }

    /** The same world with another rollup in it. */
    deployed(rollup: Rollup): World {
        const world = new World(this.place, this.ledger, this.counters, rollup);
        world.sequencer = this.sequencer;
        return world;
    }

    /** Writes an object, and says the sequencer of its announcement. */
    put(key: string, events: Event[]): string {
        return this.putBytes(key, gzipSync(events.map((event) => `${JSON.stringify(event)}\n`).join("")));
    }

    putBytes(key: string, bytes: Buffer): string {
        this.s3.put(key, bytes);
        return (this.sequencer++).toString(16).toUpperCase();
    }

    /** Delivers an announcement to a worker; says why the message was given back, and throws where the worker died. */
    async deliver(
        key: string,
        sequencer: string | undefined,
        death?: Death,
        environment: object = {},
        object: Partial<CreatedObject> = {},
    ) {
        const givenBack: string[] = [];
        const worker = this.worker(death);
        await countEvents(
            {
                s3: this.s3.client,
                books: {
                    ledger: { client: worker.client, table: this.ledger },
                    table: this.counters,
                    rollup: this.rollup,
                    executionId: "invocation",
                    now: () => this.now,
                },
                environment: { ...settings, TABLE: this.counters, LEDGER_TABLE: this.ledger, ...environment },
                readLine: lineReader(this.rollup),
                sleep: async () => {},
                remaining: this.remaining,
            },
            [{ id: "m0", content: [createdObject(key, { sequencer, ...object })] }],
            (_id, reason) => void givenBack.push((reason as Error).message),
        );
        return { givenBack, calls: worker.calls(), died: worker.died() };
    }

    /** What the counters hold, without those at zero. */
    async totals(): Promise<Record<string, string>> {
        const { name, timestamp, count } = this.rollup.attributes;
        const items = await itemsOf(this.place, this.counters);
        const entries = items
            .filter((item) => item[count]!.N !== "0")
            .map((item) => [
                `${item[name]!.S} ${item[timestamp]!.S}`,
                [count, ...this.rollup.sum.map((column) => `sum_${column.name}`)]
                    .map((each) => item[each]?.N)
                    .join(" "),
            ]);
        return Object.fromEntries(entries.sort());
    }

    /** The rows of the ledger whose entry begins so. */
    async rows(start: string) {
        const rows = await itemsOf(this.place, this.ledger);
        return rows.filter((row) => (row.entry!.S as string).startsWith(start));
    }

    /** What the books say that the counters hold, without those at zero. */
    async booked(): Promise<Record<string, string>> {
        const totals = new Map<string, Record<string, number>>();
        for (const row of await this.rows("applied/")) {
            const counts = row.counts!.M as Record<string, { M: Record<string, { N: string }> }>;
            for (const [id, { M }] of Object.entries(counts)) {
                const own = totals.get(id) ?? {};
                for (const [name, { N }] of Object.entries(M)) own[name] = (own[name] ?? 0) + Number(N);
                totals.set(id, own);
            }
        }
        const entries = [...totals]
            .filter(([, own]) => own.count !== 0)
            .map(([id, { count, ...sums }]) => [JSON.parse(id).join(" "), [count, ...Object.values(sums)].join(" ")]);
        return Object.fromEntries(entries.sort());
    }

    /** The lines that were kept as failed. */
    failedLines(): Record<string, unknown>[] {
        const keys = [...this.s3.objects.keys()].filter((key) => key.startsWith("failed/"));
        const texts = keys.map((key) => gunzipSync(this.s3.objects.get(key)!.body).toString());
        return texts.flatMap((each) => each.trimEnd().split("\n")).map((line) => JSON.parse(line));
    }

    /** A client of its own, over the same connection, that dies when it is told to. */
    private worker(death: Death | undefined) {
        let calls = 0;
        let dead = false;
        const client = this.place.connect();
        client.middlewareStack.add(
            (next) => async (args) => {
                await this.turn();
                if (dead) throw new Crash();
                const isLast = death?.call === ++calls;
                if (isLast && death?.side === "before") {
                    dead = true;
                    throw new Crash();
                }
                const result = await next(args).catch((error) => {
                    const reasons: { Code?: string }[] = error.CancellationReasons ?? [];
                    this.refusals.push(error.name, ...reasons.map(({ Code }) => String(Code)));
                    throw error;
                });
                if (isLast) {
                    dead = true;
                    throw new Crash();
                }
                return result;
            },
            { step: "initialize" },
        );
        return { client, calls: () => calls, died: () => dead };
    }
}

/** What the counters of these events are, as `totals` says it: the volts are whole. */
export function expected(events: Event[]): Record<string, string> {
    const groups = Map.groupBy(events, ({ device, at }) => `${device} ${at.slice(0, 13).replace(" ", "T")}:00:00Z`);
    const entries = [...groups].map(([id, group]) => [
        id,
        `${group.length} ${group.reduce((sum, { volts = 0 }) => sum + volts, 0)}`,
    ]);
    return Object.fromEntries(entries.sort());
}

export const settings: CountEventsEnvironment = {
    BUCKET: "lake",
    TABLE: "",
    LEDGER_TABLE: "",
    TRIGGER: "raw/",
    FAILED_PREFIX: "failed/pings/",
    MAXIMUM_BYTES: "1000000",
};
