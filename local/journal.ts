import { EventEmitter } from "node:events";

/** An object appeared in a bucket. */
export interface ObjectEntry {
    kind: "object";
    bucket: string;
    key: string;
    bytes: number;
    /** Lines of newline-delimited JSON in it, where it holds some. */
    events?: number;
}

/** A query run reached its end. */
export interface RunEntry {
    kind: "run";
    /** Last folder of the workgroup's output location, which is the query's name. */
    query: string;
    executionId: string;
    /** 1 for runs over ingested objects, one more for each result in between. */
    tier: number;
    /** Keys of the objects that started it. */
    trigger: string[];
    state: "SUCCEEDED" | "FAILED" | "CANCELLED";
    /** Why it failed. */
    reason?: string;
    rows: number;
    bytesScanned: number;
}

/** Something ended outside the good path: a dead letter, a rejected line, a failed run. */
export interface FailureEntry {
    kind: "failure";
    stage: string;
    reason: string;
    count: number;
}

/** A request to an HTTP API was answered. */
export interface RequestEntry {
    kind: "request";
    method: string;
    path: string;
    status: number;
}

/** A function wrote a line. */
export interface LogEntry {
    kind: "log";
    function: string;
    line: string;
}

/** A function of the program can't run on this machine. */
export interface SkipEntry {
    kind: "skip";
    function: string;
    reason: string;
}

/** A fault was injected. */
export interface FaultEntry {
    kind: "fault";
    /** Path of the rule, such as `calls[0]`. */
    rule: string;
    /** What happened, such as `drop`. */
    fault: string;
    /** Queue, function, action, query or delivery stream. */
    where: string;
}

/** Somebody called what no policy lets it. */
export interface DenialEntry {
    kind: "denial";
    /** Logical name of the role, or a service such as `sns.amazonaws.com`. */
    caller: string;
    /** Such as `s3:PutObject`. */
    action: string;
    /** ARN. */
    resource: string;
    reason: string;
}

export type Entry =
    | ObjectEntry
    | RunEntry
    | FailureEntry
    | RequestEntry
    | LogEntry
    | SkipEntry
    | FaultEntry
    | DenialEntry;

/** There may be one for each event, which must not fill the memory of a pipeline that runs for long. */
type Passing = RequestEntry | LogEntry;

/**
 * What happened, in order; listeners hear of each entry as it is written. Of requests and lines of functions, the newest
 * are kept, and of all else everything.
 */
export class Journal {
    private kept: Entry[] = [];
    private passing = 0;
    private readonly emitter = new EventEmitter();

    /** `mostPassing`: so many requests and lines are kept for sure. */
    constructor(private readonly mostPassing = 50_000) {}

    get entries(): Entry[] {
        return this.kept;
    }

    write(entry: Entry): void {
        this.kept.push(entry);
        if (isPassing(entry) && ++this.passing >= 2 * this.mostPassing) this.forget();
        this.emitter.emit("entry", entry);
    }

    listen(listener: (entry: Entry) => void): void {
        this.emitter.on("entry", listener);
    }

    of<K extends Entry["kind"]>(kind: K): Extract<Entry, { kind: K }>[] {
        return this.kept.filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind);
    }

    /** Half of them at once, so that it takes next to no time for each. */
    private forget(): void {
        let old = this.passing - this.mostPassing;
        this.kept = this.kept.filter((entry) => !isPassing(entry) || --old < 0);
        this.passing = this.mostPassing;
    }
}

function isPassing(entry: Entry): entry is Passing {
    return entry.kind === "request" || entry.kind === "log";
}
