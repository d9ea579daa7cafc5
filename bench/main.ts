import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Progress } from "../cli/progress";
import type { Case, Size } from "./case";
import { cases } from "./cases";
import { measure } from "./measure";
import { fallsOf, read, record } from "./record";
import { markdown, printed, type Result, resultOf } from "./results";

const usage = `Usage: npm run bench [-- NAME… --short --json FILE --write]

Compares the functions' inner loops with what else there is to do the same, and with what nobody can do without. NAME is a
case's name, or how several begin:

${cases.map(({ name, about }) => `  ${name.padEnd(26)} ${about}`).join("\n")}

  --short      over little data; fails if a ratio is more than a fifth below what bench/recorded.json says
  --json FILE  writes the ratios to FILE, too
  --write      writes bench/results.md; with --short, bench/recorded.json instead
  --help       prints this
`;

interface Options {
    wanted: Case[];
    size: Size;
    json?: string;
    write: boolean;
}

async function main(): Promise<void> {
    const { wanted, size, json, write } = optionsOrUsage();
    const results: Result[] = [];
    const falls: string[] = [];
    for (const each of wanted) {
        const result = await compared(each, size);
        process.stdout.write(`${printed(result)}\n`);
        results.push(result);
        if (size === "short" && !write) falls.push(...(await lastingFalls(each, result)));
    }
    if (json) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
    if (write && size === "full") writeResults(results);
    if (write && size === "short") record(results);
    for (const fall of falls) process.stderr.write(`${fall}\n`);
    process.exitCode = falls.length > 0 ? 1 : 0;
}

function writeResults(results: Result[]): void {
    const file = "bench/results.md";
    const before = existsSync(file) ? readFileSync(file, "utf8") : "";
    const order = cases.map(({ name }) => name);
    writeFileSync(file, markdown(results, order, before));
}

function optionsOrUsage(): Options {
    try {
        return readOptions();
    } catch (error) {
        process.stderr.write(`${(error as Error).message}\n\n${usage}`);
        process.exit(2);
    }
}

function readOptions(): Options {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            short: { type: "boolean", default: false },
            json: { type: "string" },
            write: { type: "boolean", default: false },
            help: { type: "boolean", default: false },
        },
    });
    if (values.help) {
        process.stdout.write(usage);
        process.exit();
    }
    for (const given of positionals) {
        if (!cases.some(({ name }) => name.startsWith(given))) throw new Error(`there is no case ${given}`);
    }
    const wanted = cases.filter(
        ({ name }) => positionals.length === 0 || positionals.some((given) => name.startsWith(given)),
    );
    return { wanted, size: values.short ? "short" : "full", json: values.json, write: values.write };
}

async function compared(wanted: Case, size: Size): Promise<Result> {
    const progress = new Progress();
    try {
        const outcomes = await measure(wanted, size, (text) => progress.say(text));
        return resultOf(wanted, size, outcomes);
    } finally {
        progress.done();
    }
}

/** What is below the record twice. */
async function lastingFalls(wanted: Case, result: Result): Promise<string[]> {
    const recorded = read();
    if (fallsOf(result, recorded).length === 0) return [];
    return fallsOf(await compared(wanted, "short"), recorded);
}

main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
