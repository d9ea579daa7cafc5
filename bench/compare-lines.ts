import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

type Row = Record<string, unknown>;

/** How JSON lines differ from what they should be: a phrase for each way, with a count. */
export async function differingLines(reference: () => Readable, output: () => Readable): Promise<string[]> {
    const [expected, actual] = await Promise.all([digestOf(reference()), digestOf(output())]);
    if (expected === actual) return [];
    const counts = await countDifferences(linesOf(reference()), linesOf(output()));
    return [...counts].map(([what, count]) => `${what} (${count.toLocaleString("en")})`);
}

async function countDifferences(
    references: AsyncIterator<string>,
    outputs: AsyncIterator<string>,
): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (;;) {
        const [expected, actual] = [await references.next(), await outputs.next()];
        if (expected.done && actual.done) return counts;
        if (expected.done) add("lines too many");
        else if (actual.done) add("lines missing");
        else if (expected.value !== actual.value) compare(expected.value, actual.value);
    }

    function compare(expected: string, actual: string): void {
        const row = parsed(actual);
        if (!row) {
            add("lines that are no JSON");
            return;
        }
        const entries = Object.entries(JSON.parse(expected) as Row).filter(([name, value]) => row[name] !== value);
        for (const [name, value] of entries) add(differenceOf(value, row[name]));
        if (entries.length === 0) add("numbers spelled otherwise");
    }

    function add(what: string): void {
        counts.set(what, (counts.get(what) ?? 0) + 1);
    }
}

function differenceOf(expected: unknown, actual: unknown): string {
    if ((expected === null && actual === "") || (expected === "" && actual === null)) return 'NULL and "" are the same';
    if (typeof expected === "number" && typeof actual === "string") return "numbers as text";
    return "other values";
}

/** Undefined where it is none. */
function parsed(line: string): Row | undefined {
    try {
        return JSON.parse(line);
    } catch {
        return undefined;
    }
}

async function digestOf(stream: Readable): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(stream, hash);
    return hash.digest("hex");
}

function linesOf(input: Readable): AsyncIterator<string> {
    return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
}
