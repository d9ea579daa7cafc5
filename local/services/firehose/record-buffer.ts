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

/** Collects records until there are enough bytes or enough time has passed; an empty buffer waits for nothing. */
export class RecordBuffer {
    private records: StreamRecord[] = [];
    private bytes = 0;
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

    private flush(): void {
        this.cancel?.();
        const records = this.records;
        this.records = [];
        this.bytes = 0;
        void this.runtime.work.track(() => this.empty(records));
    }
}
