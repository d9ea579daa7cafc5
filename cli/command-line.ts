import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ProgramError } from "../local";
import { check } from "./check";
import { dev } from "./dev";
import { type EventSource, parseDuration } from "./events";
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
        .requiredOption("--events <name=file...>", "events for an ingest: NDJSON, a JSON array, or CSV", collectSources)
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
        .addOption(stack())
        .addOption(config())
        .addHelpText("after", "\nExits with 1 if anything failed on the way.")
        .action(async (program, options) => {
            exitCode = await run(program, options, out);
        });
    command
        .command("dev")
        .description("keep the pipeline running and print every event, query run and report as it happens")
        .argument("<program>", "folder or file of the Pulumi program")
        .addOption(bufferSeconds())
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

function stack(): Option {
    return new Option("--stack <name>", "whose configuration to read (default: the only Pulumi.<stack>.yaml, or dev)");
}

function config(): Option {
    return new Option("--config <key=value...>", "configuration values, as `pulumi config set` takes them")
        .argParser(collectConfig)
        .default({}, "none");
}

function collectSources(text: string, sources: EventSource[] = []): EventSource[] {
    const [ingest, file] = split(text, "NAME=FILE");
    return [...sources, { ingest, file }];
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
    const date = new Date(
        /[zZ]|[+-]\d\d:\d\d$/.test(text) || !text.includes(":") ? text : `${text.replace(" ", "T")}Z`,
    );
    if (Number.isNaN(date.getTime())) throw new InvalidArgumentError("expected a time such as 2026-11-21T04:00:00Z.");
    return date;
}
