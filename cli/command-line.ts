import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Faults, ProgramError } from "../local";
import { books } from "./books";
import { check } from "./check";
import { dev } from "./dev";
import { type EventSource, parseDuration, parseTime } from "./events";
import { generate } from "./generate";
import type { ObjectSource } from "./objects";
import { reconcile } from "./reconcile";
import { replay } from "./replay";
import { run } from "./run";

/** Where a command prints, and how it leaves its exit code. */
export interface Surroundings {
    out: NodeJS.WritableStream & { isTTY?: boolean };
    error: NodeJS.WritableStream;
    /** Resolves when the user wants `dev` to stop. */
    interrupted(): Promise<unknown>;
}

/**
 * Runs the command that the arguments name. Exit code 0: all went well; 1: something failed in the pipeline or is wrong
 * with the program; 2: the command could not be run as it was given.
 */
export async function runCommandLine(args: string[], surroundings: Surroundings): Promise<number> {
    const { out, error, interrupted } = surroundings;
    let exitCode = 0;
    const command = new Command("eventpipeline")
        .description(
            "Run an event pipeline's Pulumi program on this machine: the deployed functions, filters and queries.",
        )
        .version(version)
        .showHelpAfterError()
        .addHelpText("after", programHelp);
    command
        .command("run")
        .description("send events through the pipeline, wait until nothing moves, print what happened")
        .argument("<program>", "folder or file of the Pulumi program")
        .option("--events <name=file...>", "events for an ingest: NDJSON, a JSON array, or CSV", collectSources)
        .option(
            "--objects <prefix=folder...>",
            "files that arrive as objects below the prefix, when the hour or day that their folders name is over",
            collectObjects,
        )
        .option("--event-time <field>", "let the clock follow this field: events are sent when their time comes")
        .option(
            "--step <duration>",
            "with --event-time: how much is sent at once, e.g. 30m, 1h, 1d",
            duration,
            3_600_000,
        )
        .option(
            "--at <time>",
            "where the clock starts, UTC (default: now; with --event-time, the first event's time)",
            time,
        )
        .option("--json", "print one JSON document instead of tables")
        .addOption(bufferSeconds())
        .addOption(faults())
        .addOption(stack())
        .addOption(config())
        .addHelpText("after", "\nExits with 1 if anything failed on the way.")
        .action(async (program, options, own: Command) => {
            if (!options.events && !options.objects) {
                own.error("nothing to send: say --events NAME=FILE, --objects PREFIX=FOLDER, or both");
            }
            exitCode = await run(program, options, out);
        });
    command
        .command("dev")
        .description("keep the pipeline running and print every event, query run and report as it happens")
        .argument("<program>", "folder or file of the Pulumi program")
        .addOption(bufferSeconds())
        .addOption(faults())
        .addOption(stack())
        .addOption(config())
        .action(async (program, options) => {
            exitCode = await dev(program, options, out, interrupted());
        });
    command
        .command("check")
        .description("check the plan and print it, without running anything")
        .argument("<program>", "folder or file of the Pulumi program")
        .option("--json", "print one JSON document")
        .addOption(stack())
        .addOption(config())
        .action(async (program, options) => {
            exitCode = await check(program, options, out);
        });
    command
        .command("generate")
        .description("make events from a JSON spec: post them, write them to a file, or run a program with them")
        .argument("<spec>", "JSON file that describes the events")
        .argument("[program]", "with --ingest: folder or file of the Pulumi program")
        .addOption(new Option("--to <url>", "post them as newline-delimited JSON").argParser(httpUrl))
        .addOption(new Option("--out <file>", "write them to a file, gzipped if it ends in .gz; - is standard output"))
        .addOption(new Option("--ingest <name>", "run the program on this machine with them, as `run` does"))
        .option(
            "--seed <integer>",
            "other events of the same kind (default: the spec's, or 1)",
            integer(-Number.MAX_SAFE_INTEGER),
        )
        .addOption(
            new Option("--count <number>", "how many events (default: the spec's)")
                .argParser(integer(0))
                .conflicts("for"),
        )
        .option("--for <duration>", "how much time the events cover, e.g. 30m, 7d (default: the spec's)")
        .option("--start <time>", "when the events start, or now (default: the spec's)")
        .option("--batch <lines>", "with --to: lines of a request", integer(1, 50_000), 100)
        .option("--rate <lines>", "lines a second (default: as fast as possible)", positive)
        .addOption(
            new Option("--key <key>", "with --to: the collector's write key, sent as x-api-key").env(
                "EVENTPIPELINE_KEY",
            ),
        )
        .option("--gzip", "with --to: compress the requests")
        .option(
            "--connections <number>",
            "with --to: requests at a time; more than one does not keep the order",
            integer(1, 1000),
            1,
        )
        .option("--step <duration>", "with --ingest: how much is sent at once, e.g. 30m, 1h, 1d", duration, 3_600_000)
        .option("--at <time>", "with --ingest: where the clock starts, UTC (default: when the events start)", time)
        .option("--json", "print one JSON document instead of tables")
        .addOption(bufferSeconds())
        .addOption(stack())
        .addOption(config())
        .addHelpText("after", generateHelp)
        .action(async (spec, program, options, self: Command) => {
            checkDestination(self, program);
            exitCode = await generate(spec, program, options, { out, error, interrupted: interrupted() });
        });
    command
        .command("replay")
        .description("send again what was lost, came too early for a mended function, or failed")
        .argument("[pipeline]", "stack that is deployed, or program that `eventpipeline dev` runs")
        .option("--prefix <prefix...>", "objects whose keys start with it (default: all that somebody reacts to)")
        .option("--since <time>", "objects that were written then or later, UTC", time)
        .option("--until <time>", "objects that were written before, UTC", time)
        .addOption(new Option("--keys <file>", "objects whose keys the file lists, one a line; - is standard input"))
        .addOption(new Option("--dead-letters <queue>", "messages of a dead-letter queue, back into their queue"))
        .addOption(new Option("--failed <ingest>", "the failed store of an ingest, back onto its delivery stream"))
        .option("--to <subscriber>", "one query, rollup or processor (default: all, through the topic)")
        .option("--again", "handle also what was handled; with --failed, put back also what was")
        .option("--dry-run", "print what it would send, and what that costs at most")
        .option("--rate <number>", "how many a second (default: 100; records of the failed store 1,000)", positive)
        .option("--resume <file>", "go on with a replay, from its journal")
        .addOption(
            new Option("--outputs <file>", "the stack's outputs as JSON instead of its name; - is standard input"),
        )
        .option("--pipeline <name>", "which of several pipelines of the stack")
        .option("--json", "print one JSON document")
        .addHelpText("after", replayHelp)
        .action(async (target, options, self: Command) => {
            checkSelection(self);
            exitCode = await replay(target, options, { out, interrupted: interrupted() });
        });
    command
        .command("reconcile")
        .description("compare the objects of a pipeline with its ledger, and announce again what is missing")
        .argument("[pipeline]", "stack that is deployed, or program that `eventpipeline dev` runs")
        .addOption(
            new Option("--outputs <file>", "the stack's outputs as JSON instead of its name; - is standard input"),
        )
        .option("--pipeline <name>", "which of several pipelines of the stack")
        .option("--dry-run", "announce nothing")
        .option("--json", "print one JSON document")
        .addHelpText("after", "\nExits with 1 if something is not accounted for. docs/reconciliation.md")
        .action(async (target, options) => {
            exitCode = await reconcile(target, options, out);
        });
    command
        .command("books")
        .description("print what became of the events that a pipeline accepted, by ingest and hour")
        .argument("[pipeline]", "stack that is deployed, or program that `eventpipeline dev` runs")
        .option("--ingest <name...>", "which ingests (default: all)")
        .option("--from <time>", "first hour, UTC (default: 24 hours before the end)", time)
        .option("--to <time>", "end, UTC (default: now); the books of an hour are closed some time after it", time)
        .addOption(
            new Option("--outputs <file>", "the stack's outputs as JSON instead of its name; - is standard input"),
        )
        .option("--pipeline <name>", "which of several pipelines of the stack")
        .option("--json", "print one JSON document")
        .addHelpText("after", "\nExits with 1 if an event is missing. docs/books.md")
        .action(async (target, options, self: Command) => {
            if (options.from !== undefined && options.to !== undefined && options.from >= options.to)
                self.error("error: --from is not before --to");
            exitCode = await books(target, options, out);
        });
    return complete(command, args);

    async function complete(all: Command, given: string[]): Promise<number> {
        for (const each of [all, ...all.commands]) {
            each.exitOverride().configureOutput({
                writeOut: (text) => out.write(text),
                writeErr: (text) => error.write(text),
            });
        }
        try {
            await all.parseAsync(given, { from: "user" });
            return exitCode;
        } catch (failure) {
            if (failure instanceof CommanderError) return failure.exitCode === 0 ? 0 : 2;
            error.write(`${(failure as Error).message}\n`);
            return failure instanceof ProgramError ? 1 : 2;
        }
    }
}

const { version } = JSON.parse(readFileSync(require.resolve("eventpipeline/package.json"), "utf8")) as {
    version: string;
};
const programHelp = "\nPROGRAM is the folder of a Pulumi program (with Pulumi.yaml or index.ts), or its main file.";
const generateHelp = `
Examples:
  $ eventpipeline generate clicks.json --out clicks.ndjson.gz
  $ eventpipeline generate clicks.json --to "$URL" --key "$KEY" --batch 100 --rate 400
  $ eventpipeline generate clicks.json --ingest click examples/shop

The same spec and seed make the same bytes. Each request is sent once: what is not taken is counted, not sent again.
Exits with 1 if anything was not taken, or failed on the way and was not asked for, and with 130 if interrupted.
The spec: docs/generator.md`;

const replayHelp = `
Examples:
  $ eventpipeline replay production --prefix raw/v0/click/2026/11/21/ --dry-run
  $ eventpipeline replay production --since 2026-11-21T04:00:00Z --until 2026-11-21T07:00:00Z
  $ eventpipeline replay production --to pagehour --keys keys.txt --again
  $ eventpipeline replay production --dead-letters run-query
  $ eventpipeline replay production --failed click

What was handled is not handled again, unless --again says so. Exits with 1 if something was not sent, and with 130 if
interrupted. The program has to export \`pipeline.operations\`: docs/replay.md`;

/** What a replay selects by: options of one line only go together. */
const selections = [
    ["prefix", "since", "until"],
    ["keys", "since", "until"],
    ["deadLetters"],
    ["failed", "since", "until"],
];
const replayModifiers: Record<string, string[]> = {
    to: ["prefix", "keys", "since", "until"],
    again: ["prefix", "keys", "since", "until", "failed"],
};

function checkSelection(command: Command): void {
    const options = command.opts();
    const flag = (name: string) => command.options.find((option) => option.attributeName() === name)!.long;
    const list = (names: string[]) => names.map(flag).join(" and ");
    const given = [...new Set(selections.flat())].filter((name) => options[name] !== undefined);
    const modifiers = Object.keys(replayModifiers).filter((name) => options[name] !== undefined);
    if (options.resume !== undefined) {
        const others = [...given, ...modifiers];
        if (others.length > 0) command.error(`error: --resume knows what is replayed: leave out ${list(others)}`);
        return;
    }
    if (given.length === 0) {
        command.error(
            "error: say what is replayed: --prefix, --since, --until, --keys, --dead-letters, --failed, or --resume",
        );
    }
    if (!selections.some((together) => given.every((name) => together.includes(name))))
        command.error(`error: ${list(given)} do not go together`);
    for (const name of modifiers) {
        if (!given.some((each) => replayModifiers[name]!.includes(each)))
            command.error(`error: ${flag(name)} does not go with ${list(given)}`);
    }
    if (options.since !== undefined && options.until !== undefined && options.since >= options.until)
        command.error("error: --since is not before --until");
    if (options.keys === "-" && options.outputs === "-")
        command.error("error: --keys and --outputs can't both be standard input");
}

/** Options that mean something for one destination only. */
const destinationOf: Record<string, string> = {
    batch: "to",
    key: "to",
    gzip: "to",
    connections: "to",
    step: "ingest",
    at: "ingest",
    bufferSeconds: "ingest",
    stack: "ingest",
    config: "ingest",
};

/** Events go to one place, and options that would do nothing there are refused. */
function checkDestination(command: Command, program: string | undefined): void {
    const options = command.opts();
    const destinations = ["to", "out", "ingest"].filter((name) => options[name] !== undefined);
    if (destinations.length !== 1)
        command.error("error: say where the events go: --to, --out or --ingest, one of them");
    const [destination] = destinations;
    for (const { attribute, flag } of command.options.map((option) => ({
        attribute: option.attributeName(),
        flag: option.long,
    }))) {
        const needed = destinationOf[attribute] ?? destination;
        if (needed !== destination && command.getOptionValueSource(attribute) === "cli")
            command.error(`error: ${flag} goes with --${needed}`);
    }
    if (destination === "ingest" && options.rate !== undefined)
        command.error("error: --rate goes with --to and --out: with --ingest the clock follows the events");
    if (destination === "ingest" && program === undefined)
        command.error("error: --ingest needs the program: eventpipeline generate SPEC --ingest NAME PROGRAM");
    if (destination !== "ingest" && program !== undefined)
        command.error(`error: a program goes with --ingest, not with --${destination}`);
}

function bufferSeconds(): Option {
    return new Option(
        "--buffer-seconds <seconds>",
        "flush delivery streams after this long instead of their own interval",
    ).argParser((text) => {
        const seconds = Number(text);
        if (!(seconds >= 0 && seconds <= 900)) throw new InvalidArgumentError("seconds from 0 to 900.");
        return seconds;
    });
}

function faults(): Option {
    return new Option("--faults <file>", "JSON file that says what shall go wrong (see docs/faults.md)").argParser(
        readFaults,
    );
}

/** What the file says; the rules themselves are checked against the program. */
function readFaults(file: string): Faults {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        throw new InvalidArgumentError(`the file can't be read (${(error as NodeJS.ErrnoException).code}).`);
    }
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new InvalidArgumentError(`not JSON: ${(error as Error).message}.`);
    }
}

function stack(): Option {
    return new Option("--stack <name>", "whose configuration to read (default: the only Pulumi.<stack>.yaml, or dev)");
}

function config(): Option {
    return new Option("--config <key=value...>", "configuration values, as `pulumi config set` takes them")
        .argParser(collectConfig)
        .default({}, "none");
}

function integer(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
    return (text) => {
        const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
        if (!(value >= least && value <= most)) throw new InvalidArgumentError(`an integer from ${least} to ${most}.`);
        return value;
    };
}

function positive(text: string): number {
    const value = Number(text);
    if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError("a number above 0.");
    return value;
}

function httpUrl(text: string): string {
    if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
        throw new InvalidArgumentError("expected an address such as https://…/click.");
    return text;
}

function collectSources(text: string, sources: EventSource[] = []): EventSource[] {
    const [ingest, file] = split(text, "NAME=FILE");
    return [...sources, { ingest, file }];
}

function collectObjects(text: string, sources: ObjectSource[] = []): ObjectSource[] {
    const [prefix, folder] = split(text, "PREFIX=FOLDER");
    if (!prefix.endsWith("/")) throw new InvalidArgumentError("the prefix must end in /.");
    return [...sources, { prefix, folder }];
}

function collectConfig(text: string, values: Record<string, string>): Record<string, string> {
    const [key, value] = split(text, "KEY=VALUE");
    return { ...values, [key]: value };
}

function split(text: string, form: string): [string, string] {
    const at = text.indexOf("=");
    if (at < 1 || at === text.length - 1) throw new InvalidArgumentError(`expected ${form}.`);
    return [text.slice(0, at), text.slice(at + 1)];
}

function duration(text: string): number {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) throw new InvalidArgumentError("expected a number and s, m, h or d, e.g. 6h.");
    return milliseconds;
}

function time(text: string): Date {
    const milliseconds = parseTime(text);
    if (milliseconds === undefined) throw new InvalidArgumentError("expected a time such as 2026-11-21T04:00:00Z.");
    return new Date(milliseconds);
}
