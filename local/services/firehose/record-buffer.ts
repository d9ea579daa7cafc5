import type { Runtime } from "../../runtime";
import type { KinesisRecord } from "../kinesis";
import type { BufferingHints } from "./configuration";

/** A record on its way. */
export interface StreamRecord {
    id: string;
    /** Milliseconds since 1970. */
    arrival: number;
    data: Buffer;
    /** The record as it was read from a Kinesis stream. */
    source?: KinesisRecord;
}

/** So many bytes may be handed on and not yet be dealt with before who sends more has to wait. */
const mostUnderWay = 16 * 1024 * 1024;

/** Collects records until there are enough bytes or enough time has passed; an empty buffer waits for nothing. */
export class RecordBuffer {
    private records: StreamRecord[] = [];
    private bytes = 0;
    private bytesUnderWay = 0;
    private readonly underWay = new Set<Promise<void>>();
    private cancel?: () => void;

    constructor(
        private readonly runtime: Pick<Runtime, "clock" | "work">,
        private readonly hints: BufferingHints,
        private readonly empty: (records: StreamRecord[]) => Promise<void>,
    ) {}

    add(record: StreamRecord): void {
        if (this.records.length === 0) {
            const { clock } = this.runtime;
            this.cancel = clock.at(clock.now() + this.hints.milliseconds, () => this.flush());
        }
        this.records.push(record);
        this.bytes += record.data.length;
        if (this.bytes >= this.hints.bytes) this.flush();
    }

    /** Waits while much of what was handed on is not dealt with yet. */
    async room(): Promise<void> {
        while (this.bytesUnderWay > mostUnderWay) await Promise.race(this.underWay);
    }

    private flush(): void {
        this.cancel?.();
        const { records, bytes } = this;
        this.records = [];
        this.bytes = 0;
        this.bytesUnderWay += bytes;
        const emptied = this.runtime.work
            .track(() => this.empty(records))
            .finally(() => {
                this.bytesUnderWay -= bytes;
                this.underWay.delete(emptied);
            });
        this.underWay.add(emptied);
    }
}
