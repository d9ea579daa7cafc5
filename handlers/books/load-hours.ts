import type { BookedIngest } from "./contract";
import { arrivalOf, HourFolders, type ListedObject, oneHour, stemOf } from "./hour-folders";
import { readFailed } from "./read-failed";
import { type Content, digestOf, type Place, readEvents } from "./read-object";
import { readParquet } from "./read-parquet";
import type { Events, FoundHour } from "./tally";
import { Tokens } from "./tokens";

/** What was found in the folders of an hour, and what there is to say of it. */
export interface LoadedHour extends FoundHour {
    /** Keys of the backup's objects. */
    backup: string[];
    notes: string[];
}

/** Time has run out. */
export class OutOfTime extends Error {}

/** More of an hour than the function's memory holds. */
export class TooMany extends Error {}

/** Objects at once: few large ones, or many small ones. */
const [lanes, failedLanes] = [4, 32];
const mostNotes = 20;
/** The names of records are long, and a part of each tells them apart. */
const nameLength = 20;

/** Reads the folders of an ingest, hour by hour. */
export class HourLoader {
    private readonly accepted: HourFolders;
    private readonly delivered: HourFolders;
    private readonly refused: HourFolders;
    private readonly undelivered: HourFolders[];
    /** Records that Firehose gave up, of this hour and the one before. */
    private givenUp: Set<string>[] = [];

    constructor(
        private readonly place: Place,
        private readonly ingest: BookedIngest,
        /** The first hour. */
        from: number,
        private readonly checkTime: () => void,
    ) {
        const { prefix, layout, backupPrefix, failedPrefix } = ingest;
        const folders = (start: string, its = "arrival_hour") =>
            new HourFolders(place.s3, place.bucket, start, its, from);
        this.accepted = folders(backupPrefix);
        this.delivered = folders(prefix, layout);
        this.refused = folders(`${failedPrefix}normalize/`);
        this.undelivered = ["processing-failed", "format-conversion-failed"].map((each) =>
            folders(`${failedPrefix}${each}/`),
        );
    }

    /** What was found in an hour's folders; the hours are asked for in their order. */
    async load(hour: number): Promise<LoadedHour> {
        this.checkTime();
        const notes: string[] = [];
        const backup = await this.withoutTwins(await this.accepted.take(hour), notes);
        const table = await this.withoutTwins((await this.delivered.take(hour)).filter(this.isOfFirehose), notes);
        const accepted = new Collected(hour, this.ingest, this.place.mostEvents, notes);
        const delivered = new Collected(hour, this.ingest, this.place.mostEvents, notes);
        const failed = new Collected(hour, this.ingest, this.place.mostEvents, notes);
        const read =
            this.ingest.format === "parquet"
                ? readParquet
                : (place: Place, { key }: ListedObject) => readEvents(place, key);
        let twice = 0;
        await this.each(backup.objects, lanes, async ({ key }) => accepted.add(key, await readEvents(this.place, key)));
        await this.each(table.objects, lanes, async (object) =>
            delivered.add(object.key, await read(this.place, object)),
        );
        await this.each(table.twins, lanes, async (object) => {
            twice += (await read(this.place, object)).events;
        });
        await this.loadFailed(hour, failed);
        return {
            ...{ accepted: accepted.events(), delivered: delivered.events(), failed: failed.events() },
            ...{ twice, notes, backup: backup.objects.map(({ key }) => key) },
        };
    }

    /**
     * Records that Firehose gave up after `normalize` had kept their bad lines are in the failed store twice: they count
     * as a whole.
     */
    private async loadFailed(hour: number, failed: Collected): Promise<void> {
        const names = new Set<string>();
        this.givenUp = [...this.givenUp.slice(-1), names];
        const add = async ({ key }: ListedObject) =>
            failed.add(key, await readFailed(this.place, key, (name) => names.add(name.slice(0, nameLength))));
        for (const folders of this.undelivered) await this.each(await folders.take(hour), failedLanes, add);
        const isCounted = ({ key }: ListedObject) => {
            const name = key.slice(key.lastIndexOf("/") + 1).slice(0, nameLength);
            return this.givenUp.some((each) => each.has(name));
        };
        const refused = (await this.refused.take(hour)).filter((object) => !isCounted(object));
        await this.each(refused, failedLanes, add);
    }

    /** In the folders of an ingest with a load balancer lie also the events of its log. */
    private readonly isOfFirehose = ({ key }: ListedObject): boolean =>
        this.ingest.loadBalancer !== true || arrivalOf(key) !== undefined;

    /** Parts objects from those that Firehose wrote twice: of the same time, and the same in all their bytes. */
    private async withoutTwins(listed: ListedObject[], notes: string[]) {
        const objects: ListedObject[] = [];
        const twins: ListedObject[] = [];
        for (const alike of Map.groupBy(listed, ({ key }) => stemOf(key)).values()) {
            const digests = new Set<string>();
            for (const object of alike) {
                const digest = alike.length === 1 ? "" : await digestOf(this.place, object.key);
                (digests.has(digest) ? twins : objects).push(object);
                digests.add(digest);
            }
        }
        if (twins.length > 0) notes.push(`written twice by Firehose: ${twins.map(({ key }) => key).join(", ")}`);
        return { objects, twins };
    }

    private async each(
        objects: ListedObject[],
        most: number,
        work: (object: ListedObject) => Promise<unknown>,
    ): Promise<void> {
        const waiting = objects.values();
        const lane = async () => {
            for (const object of waiting) {
                this.checkTime();
                await work(object);
            }
        };
        await Promise.all(Array.from({ length: Math.min(most, objects.length) }, lane));
    }
}

/** What comes together of one place and hour. */
class Collected {
    private readonly tokens = new Tokens();
    private anonymous = 0;
    private atBorder = 0;
    /** From when on an object may reach into the next hour. */
    private readonly border: number;

    constructor(
        hour: number,
        { bufferSeconds }: BookedIngest,
        private readonly mostEvents: number,
        private readonly notes: string[],
    ) {
        this.border = hour + oneHour - bufferSeconds * 1000;
    }

    add(key: string, { tokens, anonymous, note }: Content): void {
        this.tokens.addAll(tokens);
        if (this.tokens.count > this.mostEvents) throw new TooMany(`more than ${this.mostEvents} events in one place`);
        this.anonymous += anonymous;
        if ((arrivalOf(key) ?? 0) >= this.border) this.atBorder += anonymous;
        if (note !== undefined && this.notes.length < mostNotes) this.notes.push(note);
    }

    events(): Events {
        return { tokens: this.tokens.sorted(), anonymous: this.anonymous, atBorder: this.atBorder };
    }
}
