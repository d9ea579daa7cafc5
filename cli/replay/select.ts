import type { Operations } from "../../plan";
import { nearest, quoted } from "../../plan/suggestion";
import { inLanes } from "./batches";
import type { Cloud, ListedObject } from "./cloud";
import type { Destination } from "./destination";

/** Which objects are meant. */
export interface ObjectSelection {
    /** Starts of their keys. @default whatever the destination reacts to */
    prefixes?: string[];
    /** Their keys. */
    keys?: string[];
    /** Written at or after this time; milliseconds since 1970. */
    since?: number;
    /** Written before this time. */
    until?: number;
}

/** What was found, in the order of the keys. */
export interface Selected {
    objects: ListedObject[];
    /** Keys of no object. */
    missing: string[];
}

const lanes = 16;

/** Finds the objects, of those that the destination reacts to. */
export async function selectObjects(
    cloud: Cloud,
    { subscribers }: Operations,
    destination: Destination,
    { prefixes, keys, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: ObjectSelection,
): Promise<Selected> {
    const heard = distinct(destination.subscribers.map((name) => subscribers[name]!.prefix));
    const { objects, missing } = keys ? await named(distinct(keys)) : await listed();
    const inTime = objects.filter(({ lastModified }) => lastModified >= since && lastModified < until);
    if (inTime.length === 0 && objects.length > 0) {
        throw new Error(
            `nothing is selected: of ${objects.length} objects none was written at that time: the last one was at ` +
                new Date(Math.max(...objects.map(({ lastModified }) => lastModified))).toISOString(),
        );
    }
    return { objects: inTime, missing };

    async function named(keys: string[]): Promise<Selected> {
        if (keys.length === 0) throw new Error("nothing is selected: the list of keys is empty");
        const unheard = keys.filter((key) => !isHeard(key));
        if (unheard.length > 0) {
            throw new Error(`${unheard.length} of ${keys.length} keys: ${nobody(unheard[0]!)}`);
        }
        const found = new Map<string, ListedObject>();
        await inLanes(keys, lanes, async (key) => {
            const object = await cloud.head(key);
            if (object) found.set(key, object);
        });
        if (found.size === 0) throw new Error(`nothing is selected: there is no object \`${keys[0]}\``);
        const missing = keys.filter((key) => !found.has(key));
        return { objects: keys.flatMap((key) => found.get(key) ?? []), missing };
    }

    async function listed(): Promise<Selected> {
        const objects: ListedObject[] = [];
        for (const prefix of placesOf(prefixes ?? heard)) {
            for await (const object of cloud.list(prefix)) if (isHeard(object.key)) objects.push(object);
        }
        if (objects.length > 0) return { objects, missing: [] };
        const asked = prefixes ?? heard;
        const meant = prefixes?.map((prefix) => nearest(prefix, heard)).find((each) => each && !asked.includes(each));
        throw new Error(
            `nothing is selected: there is no object under ${quoted(asked)}${meant ? `: did you mean \`${meant}\`?` : ""}`,
        );
    }

    /** The prefixes to list: the narrower of what is asked for and what is heard of, none inside another. */
    function placesOf(asked: string[]): string[] {
        const places = asked.flatMap((prefix) => {
            const own = heard.filter((each) => each.startsWith(prefix) || prefix.startsWith(each));
            if (own.length === 0) throw new Error(nobody(prefix));
            return own.map((each) => (each.length > prefix.length ? each : prefix));
        });
        return distinct(places).filter((place) => !places.some((other) => other !== place && place.startsWith(other)));
    }

    /** Athena writes a second file beside each result, which is announced to nobody. */
    function isHeard(key: string): boolean {
        return heard.some((prefix) => key.startsWith(prefix) && (prefix !== "athena/" || key.endsWith(".csv")));
    }

    function nobody(place: string): string {
        const meant = nearest(place, heard);
        const who = destination.topicArn === undefined ? destination.name : "nobody in this pipeline";
        const does = destination.topicArn === undefined ? "does not react" : "reacts";
        const hint = meant === undefined ? `there is ${quoted(heard)}` : `did you mean \`${meant}\`?`;
        return `${who} ${does} to \`${place}\`: ${hint}`;
    }
}

function distinct(texts: string[]): string[] {
    return [...new Set(texts)].sort();
}
