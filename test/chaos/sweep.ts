import { booksEntry } from "../../handlers/shared/ledger-contract";
import { capture, type Faults, LocalPipeline, type Row, toJson } from "../../local";
import type { FailureEntry } from "../../local/journal";
import { type CapturedProgram, ofType } from "../../local/program";
import { Server } from "../../local/server";

/** A program, and what is sent through it. */
export interface Scenario {
    program: string;
    /** Where the clock begins. */
    at: string;
    /** What comes when its time has come. */
    portions: Portion[];
}

/** Events for an ingest, or an object that others write. */
export type Portion = { at: string } & (
    | { ingest: string; events: (object | string)[] }
    | { key: string; body: string | Uint8Array }
);

/** One crash, and in what the pipeline then ended otherwise than undisturbed. */
export interface Sweep {
    function: string;
    call: number;
    /** Such as `s3:PutObject`. */
    action: string;
    when: "before" | "after";
    differences: string[];
}

/** What a run comes to: lines, by what they are of. */
type Outcome = Record<string, string>;

/**
 * Runs a scenario undisturbed, then once for a crash before and once for a crash after each service call of each
 * function, and compares how they end. The program is captured once.
 */
export class CrashSweep {
    private constructor(
        private readonly scenario: Scenario,
        private readonly program: CapturedProgram,
        private readonly server: Server,
        private readonly undisturbed: Outcome,
        /** Service calls of the undisturbed run, by function. */
        readonly calls: Record<string, string[]>,
    ) {}

    static async of(scenario: Scenario): Promise<CrashSweep> {
        const server = await Server.start();
        try {
            const program = await capture({ program: scenario.program, endpointUrl: server.url });
            const { outcome, calls } = await run(scenario, program, server, {});
            const wrong = differencesInBooks(outcome);
            if (wrong.length > 0) throw new Error(`counters are not what the books say: ${wrong.join(" ")}`);
            return new CrashSweep(scenario, program, server, outcome, calls);
        } catch (error) {
            await server.stop();
            throw error;
        }
    }

    /** Every crash that there can be. */
    *crashes(): Generator<Omit<Sweep, "differences">> {
        for (const [name, actions] of Object.entries(this.calls)) {
            for (const [index, action] of actions.entries()) {
                for (const when of ["before", "after"] as const) {
                    yield { function: name, call: index + 1, action, when };
                }
            }
        }
    }

    /** Runs the scenario with one crash. */
    async crash({ action, ...crash }: Omit<Sweep, "differences">): Promise<Sweep> {
        const { outcome, crashed } = await run(this.scenario, this.program, this.server, { crashes: [crash] });
        const differences = [...differencesOf(this.undisturbed, outcome), ...differencesInBooks(outcome)];
        return { ...crash, action, differences: crashed ? differences : ["no crash: there was no such call"] };
    }

    stop(): Promise<void> {
        return this.server.stop();
    }
}

async function run({ at, portions }: Scenario, program: CapturedProgram, server: Server, faults: Faults) {
    const local = await LocalPipeline.over(program, server, { at, faults });
    try {
        for (const portion of portions) {
            await local.advanceTo(portion.at);
            if ("ingest" in portion) await local.send(portion.ingest, portion.events);
            else await local.put(portion.key, portion.body);
        }
        await local.settle();
        const crashed = (local.faults()?.injected.length ?? 0) > 0;
        return { outcome: await outcomeOf(local, program, server), calls: local.serviceCalls(), crashed };
    } finally {
        await local.stop();
    }
}

/**
 * Rows of every output, what was stored of the events, the failed store, counters and their books, failures and
 * dead-letter queues.
 */
async function outcomeOf(local: LocalPipeline, program: CapturedProgram, server: Server): Promise<Outcome> {
    const { reports, failed } = await local.report();
    const stored = (await local.rows("raw/")).map(({ event_id, received_at, ...event }) => event);
    const outcome: Outcome = {
        "raw/": lines(stored),
        "failed/": lines(await local.rows("failed/")),
        failures: lines(failed.filter(isSurelyTold).map(tellOnce)),
    };
    for (const [prefix, rows] of Object.entries(reports)) outcome[prefix] = lines(rows);
    for (const { name, inputs } of ofType(program, "aws:dynamodb/table:Table")) {
        const items = local.counters(name);
        if (inputs.ttl) Object.assign(outcome, booksIn(items));
        else outcome[countersOf(name)] = countersIn(items, [inputs.hashKey, inputs.rangeKey]);
    }
    for (const name of deadLetterQueues(program)) outcome[`messages in ${name}`] = await messagesIn(server, name);
    return outcome;
}

/** Of a load balancer's log, bad lines are told of after they are kept: a function that dies in between tells of none. */
function isSurelyTold({ stage }: { stage: string }): boolean {
    return stage !== "parse-access-log";
}

/** A failure that is told of is told before it is written down, and again where a function dies in between. */
function tellOnce({ stage, reason, count }: Omit<FailureEntry, "kind">): object {
    return ["run-query", "convert-result"].includes(stage) ? { stage, reason } : { stage, reason, count };
}

/** Counters in the words that the books have for them, without those at zero. */
function countersIn(items: Row[], [name, timestamp]: unknown[]): string {
    const sums = items.map((item) => {
        const totals = Object.entries(item).filter(([attribute]) => attribute !== name && attribute !== timestamp);
        const named = totals.map(([total, value]) => [total.startsWith("sum_") ? total : "count", Number(value)]);
        return [JSON.stringify([item[String(name)], item[String(timestamp)]]), Object.fromEntries(named)] as const;
    });
    return linesOfCounters(sums);
}

/**
 * How rollups, processors and queries accounted for objects, and for each rollup the sum of what the ledger says was added to
 * its counters.
 */
function booksIn(rows: Row[]): Outcome {
    const counted = rows.filter(({ subscriber }) => /^rollup\//.test(String(subscriber)));
    const applied = rows.filter(({ entry }) => /^applied\//.test(String(entry)));
    const byRollup = Map.groupBy(applied, ({ entry }) => String(entry).split("/")[1]!);
    return {
        "objects accounted for": lines(
            counted.map(({ subscriber, outcome, events, malformed }) => ({ subscriber, outcome, events, malformed })),
        ),
        "how queries and processors ended": ends(rows),
        "books by hour": hoursIn(rows),
        ...Object.fromEntries([...byRollup].map(([rollup, rows]) => [booksOf(rollup), linesOfCounters(sumsOf(rows))])),
    };
}

/** What was booked for each ingest and hour. */
function hoursIn(rows: Row[]): string {
    const hours = rows.filter(({ entry }) => String(entry).startsWith(booksEntry("")));
    return lines(hours.map(({ at, expires, ...numbers }) => numbers));
}

/** Each end that a query or processor had for any object; how many results there are depends on how batches are cut. */
function ends(rows: Row[]): string {
    const runs = new Map(rows.map((row) => [row.entry, row]));
    const ends = rows
        .filter(
            ({ entry, subscriber }) =>
                /^object\//.test(String(entry)) && /^(query|processor)\//.test(String(subscriber)),
        )
        .map(({ subscriber, executionId, outcome, reason }) => {
            const run = runs.get(`run/${executionId}`);
            return run ? { subscriber, outcome: run.state, reason: run.reason } : { subscriber, outcome, reason };
        });
    return [...new Set(lines(ends).split("\n"))].join("\n");
}

/** What rows of the ledger add up to, by counter. */
function sumsOf(rows: Row[]): Map<string, Record<string, number>> {
    const sums = new Map<string, Record<string, number>>();
    for (const [id, totals] of rows.flatMap(({ counts }) => Object.entries(counts as Record<string, Row>))) {
        const sum = sums.get(id) ?? {};
        for (const [total, value] of Object.entries(totals)) sum[total] = (sum[total] ?? 0) + Number(value);
        sums.set(id, sum);
    }
    return sums;
}

function linesOfCounters(sums: Iterable<readonly [id: string, totals: Record<string, number>]>): string {
    const counted = [...sums].filter(([, totals]) => Object.values(totals).some((value) => value !== 0));
    return lines(
        counted.map(([id, totals]) => ({ counter: id, ...Object.fromEntries(Object.entries(totals).sort()) })),
    );
}

const countersOf = (table: string) => `counters in ${table}`;
const booksOf = (rollup: string) => `books of ${rollup}`;

/** The books against the counters: what the counters have less and more. */
export function differencesInBooks(outcome: Outcome): string[] {
    const books = Object.keys(outcome).filter((what) => what.startsWith(booksOf("")));
    return books.flatMap((what) => {
        const table = Object.keys(outcome).find((each) => each.endsWith(`-${what.slice(booksOf("").length)}`));
        return differencesOf({ [what]: outcome[what]! }, { [what]: table ? outcome[table]! : "" });
    });
}

/**
 * One line for each, in an order that does not depend on who was first. Nor do the digits of fractions, which sums and
 * averages end in.
 */
function lines(rows: object[]): string {
    const rounded = (value: unknown) => (typeof value === "number" ? Number(value.toPrecision(12)) : value);
    return rows
        .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, rounded(value)])))
        .map((row) => toJson(row).replace(/\s+/g, " "))
        .sort()
        .join("\n");
}

function deadLetterQueues(program: CapturedProgram): string[] {
    const queues = ofType(program, "aws:sqs/queue:Queue");
    const targets = queues.flatMap(({ inputs }) => {
        return inputs.redrivePolicy ? [JSON.parse(String(inputs.redrivePolicy)).deadLetterTargetArn] : [];
    });
    return queues.filter(({ outputs }) => targets.includes(outputs.arn)).map(({ outputs }) => String(outputs.name));
}

async function messagesIn(server: Server, queue: string): Promise<string> {
    const response = await fetch(server.url, {
        method: "POST",
        headers: {
            authorization: "AWS4-HMAC-SHA256 Credential=sweep/20261121/us-east-1/sqs/aws4_request",
            "x-amz-target": "AmazonSQS.GetQueueAttributes",
        },
        body: JSON.stringify({ QueueUrl: queue }),
    });
    const { Attributes } = (await response.json()) as { Attributes: Record<string, string> };
    return Attributes.ApproximateNumberOfMessages!;
}

/** What one run has less (`-`) and more (`+`) than the other. */
export function differencesOf(undisturbed: Outcome, disturbed: Outcome): string[] {
    return Object.keys(undisturbed).flatMap((what) => {
        const [expected, found] = [undisturbed[what]!, disturbed[what]!].map((text) => text.split("\n"));
        const more = without(found!, expected!);
        const less = without(expected!, found!);
        return more.length + less.length === 0
            ? []
            : [`${what}: ${[...less.map((line) => `- ${line}`), ...more.map((line) => `+ ${line}`)].join(" ")}`];
    });
}

/** The lines of `all` that are not among `others`, each as often as it is too many. */
function without(all: string[], others: string[]): string[] {
    const rest = [...others];
    return all.filter((line) => {
        const index = rest.indexOf(line);
        if (index >= 0) rest.splice(index, 1);
        return index < 0 && line !== "";
    });
}
