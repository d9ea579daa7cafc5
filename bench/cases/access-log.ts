import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventReader } from "../../handlers/parse-access-log/event";
import { LogEvents } from "../../handlers/parse-access-log/log-events";
import type { Case, Size } from "../case";
import { differingLines } from "../compare-lines";
import { documentedReader } from "../contestants/documented-expression";
import { columns, eventPath, eventsFile, logFile, makeAccessLog } from "../data/access-log";
import { madeOnce } from "../data/files";

const lines: Record<Size, number> = { full: 400_000, short: 80_000 };
const chunkBytes = 64 * 1024;
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
        { name: "ours", load: (data, output) => reading(data, output, ours) },
        {
            name: "the documented regular expression",
            atLeast: 5,
            load: (data, output) => reading(data, output, byExpression),
        },
    ],
};

/** Makes lines of JSON of a log's chunks. */
type ReadLog = (chunks: Buffer[]) => (Buffer | string)[];

/** In memory: files would take much of the time. */
async function reading(data: string, output: string, read: ReadLog): Promise<() => Promise<void>> {
    const log = await readFile(join(data, logFile));
    const count = Math.ceil(log.length / chunkBytes);
    const chunks = Array.from({ length: count }, (_, index) =>
        log.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    );
    return () => writeFile(output, read(chunks));
}

function ours(chunks: Buffer[]): Buffer[] {
    const failed = {
        add(reason: string) {
            throw new Error(reason);
        },
    };
    const events = new LogEvents(eventReader(columns, settings), failed, settings.clientAddress);
    return [...chunks.map((chunk) => events.push(chunk)), events.end()];
}

function byExpression(chunks: Buffer[]): string[] {
    const readLine = documentedReader(columns, settings.path);
    let rest = "";
    return chunks.map((chunk) => {
        const lines = `${rest}${chunk.toString("latin1")}`.split("\n");
        rest = lines.pop()!;
        let events = "";
        for (const line of lines) {
            const event = readLine(line);
            if (event !== undefined) events += `${event}\n`;
        }
        return events;
    });
}
