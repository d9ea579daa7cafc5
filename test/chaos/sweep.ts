import { capture, type Faults, LocalPipeline, toJson } from "../../local";
import { type CapturedProgram, ofType } from "../../local/program";
import { Server } from "../../local/server";

/** A program, and what is sent through it. */
export interface Scenario {
    program: string;
    /** Where the clock begins. */
    at: string;
    /** Sent when their time has come. */
    portions: { at: string; ingest: string; events: (object | string)[] }[];
}

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
        const differences = crashed ? differencesOf(this.undisturbed, outcome) : ["no crash: there was no such call"];
        return { ...crash, action, differences };
    }

    stop(): Promise<void> {
        return this.server.stop();
    }
}

async function run({ at, portions }: Scenario, program: CapturedProgram, server: Server, faults: Faults) {
    const local = await LocalPipeline.over(program, server, { at, faults });
    try {
        for (const { at, ingest, events } of portions) {
            await local.advanceTo(at);
            await local.send(ingest, events);
        }
        await local.settle();
        const crashed = (local.faults()?.injected.length ?? 0) > 0;
        return { outcome: await outcomeOf(local, program, server), calls: local.serviceCalls(), crashed };
    } finally {
        await local.stop();
    }
}

/** Rows of every output, what was stored of the events, the failed store, failures and dead-letter queues. */
async function outcomeOf(local: LocalPipeline, program: CapturedProgram, server: Server): Promise<Outcome> {
    const { reports, failed } = await local.report();
    const stored = (await local.rows("raw/")).map(({ event_id, received_at, ...event }) => event);
    const outcome: Outcome = {
        "raw/": lines(stored),
        "failed/": lines(await local.rows("failed/")),
        failures: lines(failed),
    };
    for (const [prefix, rows] of Object.entries(reports)) outcome[prefix] = lines(rows);
    for (const name of deadLetterQueues(program)) outcome[`messages in ${name}`] = await messagesIn(server, name);
    return outcome;
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
