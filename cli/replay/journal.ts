import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What a replay is about: whoever goes on with it does the same. */
export interface Header {
    /** Id of the replay. */
    replay: string;
    pipeline: string;
    bucket: string;
    /** What was selected, and where it goes, as the command line gave it. */
    request: unknown;
}

type Line = { sent: string[] } | { part: string; records: number };

/**
 * What a replay has sent so far, as newline-delimited JSON: its header, then a line for each batch, written when the batch
 * is sent. What a crash cut off is sent again.
 */
export class Journal {
    private readonly sentKeys = new Set<string>();
    private readonly parts = new Map<string, number>();

    private constructor(
        readonly file: string,
        readonly header: Header,
    ) {}

    static create(file: string, header: Header): Journal {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `${JSON.stringify(header)}\n`, { flag: "wx" });
        return new Journal(file, header);
    }

    /** Reads a journal to go on with it. */
    static open(file: string): Journal {
        let text: string;
        try {
            text = readFileSync(file, "utf8");
        } catch (error) {
            throw new Error(`--resume ${file}: can't be read (${(error as NodeJS.ErrnoException).code})`);
        }
        const whole = text.slice(0, text.lastIndexOf("\n") + 1);
        const [header, ...lines] = parse(whole, file) as [Header?, ...Line[]];
        if (typeof header?.replay !== "string") throw new Error(`--resume ${file}: is no journal of a replay`);
        const journal = new Journal(file, header);
        for (const line of lines) journal.note(line);
        if (whole !== text) truncateSync(file, Buffer.byteLength(whole));
        return journal;
    }

    has(key: string): boolean {
        return this.sentKeys.has(key);
    }

    /** How many records of an object were put. */
    recordsOf(key: string): number {
        return this.parts.get(key) ?? 0;
    }

    sent(keys: string[]): void {
        if (keys.length > 0) this.write({ sent: keys });
    }

    put(key: string, records: number): void {
        this.write({ part: key, records });
    }

    private write(line: Line): void {
        appendFileSync(this.file, `${JSON.stringify(line)}\n`);
        this.note(line);
    }

    private note(line: Line): void {
        if ("sent" in line) for (const key of line.sent) this.sentKeys.add(key);
        else this.parts.set(line.part, line.records);
    }
}

function parse(text: string, file: string): unknown[] {
    const lines = text.split("\n").filter((line) => line !== "");
    try {
        return lines.map((line) => JSON.parse(line));
    } catch {
        throw new Error(`--resume ${file}: is no journal of a replay`);
    }
}
