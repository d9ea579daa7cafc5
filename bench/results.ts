import { table } from "../cli/print";
import type { Case, Size } from "./case";
import type { Outcome } from "./measure";

/** What a case came to. Ratios, since machines differ. */
export interface Result {
    case: string;
    about: string;
    contestants: Row[];
}

export interface Row {
    name: string;
    isLimit?: true;
    isUnsteady?: true;
    /** How many times as fast ours is, by the clock. */
    faster: number;
    /** The same by the processors' time, which hardly depends on what else the machine does. */
    lessCpu: number;
    /** What `faster` must be. */
    atLeast?: number;
    /** Most memory that the process had, in MB. */
    memory: number;
    /** The most that the processes had together that it started, where they count. */
    childrenMemory?: number;
    /** Length of the output, in ours. */
    output: number;
    figure?: string;
    differences: string[];
}

/** A case's outcomes, compared to the first of them. */
export function resultOf({ name, about, figure }: Case, size: Size, outcomes: Outcome[]): Result {
    const ours = outcomes[0]!;
    return {
        case: name,
        about,
        contestants: outcomes.map((outcome) => {
            const { contestant, memory, childrenMemory, bytes, differences } = outcome;
            const { name, isLimit, isUnsteady, atLeast } = contestant;
            return {
                name,
                ...(isLimit && { isLimit }),
                ...(isUnsteady && { isUnsteady }),
                faster: rounded(eachOf(outcome).seconds / eachOf(ours).seconds),
                lessCpu: rounded(eachOf(outcome).cpuSeconds / eachOf(ours).cpuSeconds),
                ...(atLeast !== undefined && { atLeast: rounded(atLeast) }),
                memory: Math.round(memory / 1e6),
                ...(childrenMemory !== undefined && { childrenMemory: Math.round(childrenMemory / 1e6) }),
                output: bytes === 0 || bytes === ours.bytes ? 1 : rounded(bytes / ours.bytes),
                ...(figure && { figure: figure(eachOf(outcome), size) }),
                differences,
            };
        }),
    };
}

/** What one thing took. */
function eachOf({ contestant: { things = 1 }, seconds, cpuSeconds }: Outcome) {
    return { seconds: seconds / things, cpuSeconds: cpuSeconds / things };
}

/** To three digits. */
function rounded(ratio: number): number {
    return Number(ratio.toPrecision(3));
}

/** As the terminal shows it. */
export function printed({ case: name, about, contestants }: Result): string {
    const { head, rows } = cells(contestants);
    return `${name}: ${about}\n\n${table(head, rows)}\n`;
}

/** As `results.md` shows them, in this order of cases; those that were not run this time stay as they were before. */
export function markdown(results: Result[], order: string[], before = ""): string {
    const sections = new Map(before.split(/^(?=## )/m).map((text) => [text.slice(3, text.indexOf("\n")), text.trim()]));
    for (const { case: name, about, contestants } of results) {
        const { head, rows } = cells(contestants);
        const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
        sections.set(name, `## ${name}\n\n${about}\n\n${lines.join("\n")}`);
    }
    const texts = order.flatMap((name) => sections.get(name) ?? []);
    return `${[`# Results\n\nWritten by \`npm run bench -- --write\`. ${legend}`, ...texts].join("\n\n")}\n`;
}

const legend = `Each contestant runs in a process of its own, in turn with the others, and the medians are
compared. **faster** says how many times as long as ours it takes by the clock, **less CPU** by the time of all processors; **at
least** is what must be reached. **Memory** is the most that its process had; where processes that it starts do a part of the work,
their time counts, and **children** is the most that these had together. A contestant in brackets does only the part that
nobody can do without.`;

/** Columns that say nothing are left out. */
function cells(contestants: Row[]): { head: string[]; rows: string[][] } {
    const columns: [head: string, cell: (row: Row) => string][] = [
        ["contestant", ({ name, isLimit }) => (isLimit ? `(${name})` : name)],
        ["faster", ({ faster }) => `${faster}`],
        ["at least", ({ atLeast }) => `${atLeast ?? ""}`],
        ["less CPU", ({ lessCpu }) => `${lessCpu}`],
        ["memory", ({ memory }) => `${memory} MB`],
        ["children", ({ childrenMemory }) => (childrenMemory === undefined ? "" : `${childrenMemory} MB`)],
        ["output", ({ output }) => (output === 1 ? "" : `${output}`)],
        ["figure", ({ figure }) => figure ?? ""],
        ["differs", ({ differences }) => differences.join("; ")],
    ];
    const shown = columns.filter(([, cell]) => contestants.some((row) => cell(row) !== ""));
    return { head: shown.map(([head]) => head), rows: contestants.map((row) => shown.map(([, cell]) => cell(row))) };
}
