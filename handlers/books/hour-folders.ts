import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from "@aws-sdk/client-s3";

/** An object, as it is listed. */
export interface ListedObject {
    key: string;
    /** Bytes. */
    size: number;
}

/** Milliseconds. */
export const oneHour = 60 * 60 * 1000;

/** The begin of the hour that a time lies in. */
export function hourOf(time: number): number {
    return Math.floor(time / oneHour) * oneHour;
}

/** The objects below a prefix, hour by hour: folders sort as their times do, so one listing does for all of them. */
export class HourFolders {
    private page: ListedObject[] = [];
    private at = 0;
    private token: string | undefined;
    private isEnd = false;

    constructor(
        private readonly s3: Pick<S3Client, "send">,
        private readonly bucket: string,
        private readonly prefix: string,
        private readonly layout: string,
        /** Milliseconds since 1970; what lies before is not even listed. */
        private readonly from: number,
    ) {}

    /** Those of an hour, which is not before the one asked for the last time. */
    async take(hour: number): Promise<ListedObject[]> {
        const folder = this.folderOf(hour);
        const found: ListedObject[] = [];
        for (;;) {
            const next = await this.peek();
            if (!next || (next.key > folder && !next.key.startsWith(folder))) return found;
            if (next.key.startsWith(folder)) found.push(next);
            this.at++;
        }
    }

    private async peek(): Promise<ListedObject | undefined> {
        while (this.at === this.page.length) {
            if (this.isEnd) return undefined;
            const output: ListObjectsV2CommandOutput = await this.s3.send(
                new ListObjectsV2Command({
                    ...{ Bucket: this.bucket, Prefix: this.prefix },
                    ...(this.token === undefined
                        ? { StartAfter: this.folderOf(this.from).slice(0, -1) }
                        : { ContinuationToken: this.token }),
                }),
            );
            this.page = (output.Contents ?? []).map(({ Key, Size }) => ({ key: Key!, size: Size! }));
            this.at = 0;
            this.token = output.NextContinuationToken;
            this.isEnd = this.token === undefined;
        }
        return this.page[this.at];
    }

    private folderOf(hour: number): string {
        const [year, month, day, hours] = new Date(hour).toISOString().split(/[-T:]/);
        return this.layout === "hive_hour"
            ? `${this.prefix}year=${year}/month=${month}/day=${day}/hour=${hours}/`
            : `${this.prefix}${year}/${month}/${day}/${hours}/`;
    }
}

const stamp = /^(.*-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d))-[^/]+$/;

/** When the oldest event of an object arrived, in milliseconds, as Firehose says in its name; undefined if it is not of Firehose. */
export function arrivalOf(key: string): number | undefined {
    const [, , year, month, day, hours, minutes, seconds] = stamp.exec(key) ?? [];
    return year === undefined ? undefined : Date.UTC(+year, +month! - 1, +day!, +hours!, +minutes!, +seconds!);
}

/** A key without what chance added to it. */
export function stemOf(key: string): string {
    return stamp.exec(key)?.[1] ?? key;
}
