import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventReader } from "../../handlers/parse-access-log/event";
import { LogEvents } from "../../handlers/parse-access-log/log-events";
import type { Case, Size } from "../case";
import { differingLines } from "../compare-lines";
import { documentedReader } from "../contestants/documented-expression";
import { columns, eventPath, eventsFile, logFile, makeAccessLog } from "../data/access-log";
import { madeOnce } from "../data/files";

const lines: Record<Size, number> = { full: 400_000, short: 80_000 };
/** As much as the function unpacks at once. */
const chunkBytes = 256 * 1024;
const settings = { path: eventPath, beacons: false, clientAddress: "keep" };

/** A load balancer's log to events. */
export const accessLog: Case = {
    name: "access-log",
    about: "a load balancer's log to JSON lines, neither of them compressed",
    data: (size) => madeOnce(`access-log-${size}-1`, (folder) => makeAccessLog(folder, lines[size])),
    differences: (data, output) =>
        differingLines(
            () => createReadStream(join(data, eventsFile)),
            () => createReadStream(output),
        ),
    contestants: [
        { name: "ours", load: (data, output) => reading(data, output, ours()) },
        {
            name: "the documented regular expression",
            atLeast: 5,
            load: (data, output) => reading(data, output, byExpression()),
        },
    ],
};

/** Makes lines of JSON of a chunk, and of what is left of the chunk before it. */
type ReadChunk = (chunk: Buffer) => Buffer | string;

/** The log is in memory, where reading files takes no time; what is made of it is handed on at once, as the function does. */
async function reading(data: string, output: string, readChunk: ReadChunk): Promise<() => void> {
    const log = await readFile(join(data, logFile));
    const file = openSync(output, "w");
    return () => {
        for (let at = 0; at < log.length; at += chunkBytes) {
            const lines = readChunk(log.subarray(at, at + chunkBytes));
            // One call for bytes, one for text.
            if (typeof lines === "string") writeSync(file, lines);
            else writeSync(file, lines);
        }
        closeSync(file);
    };
}

function ours(): ReadChunk {
    const failed = {
        add(reason: string) {
            throw new Error(reason);
        },
    };
    const events = new LogEvents(eventReader(columns, settings), failed);
    return (chunk) => events.push(chunk);
}

function byExpression(): ReadChunk {
    const readLine = documentedReader(columns, settings.path);
    let rest = "";
    return (chunk) => {
        const lines = `${rest}${chunk.toString("latin1")}`.split("\n");
        rest = lines.pop()!;
        let events = "";
        for (const line of lines) {
            const event = readLine(line);
            if (event !== undefined) events += `${event}\n`;
        }
        return events;
    };
}
