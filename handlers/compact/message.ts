import { type CreatedObject, createdObjects } from "../shared/s3-events";

/** A message that the function sends itself: to see to an interval. */
export interface Wake {
    /** As `intervalOf` names it. */
    interval: string;
    /** When, in milliseconds since 1970. */
    at: number;
}

/** What a message of the queue tells: of new objects, or that an interval is to be seen to. */
export type Content = { objects: CreatedObject[] } | { wake: Wake };

/** Reads a message's body; throws what is wrong with one that it can't read. */
export function readMessage(body: string): Content {
    const wake = wakeIn(body);
    if (wake === undefined) return { objects: createdObjects(body) };
    const { interval, at } = Object(wake) as Partial<Wake>;
    if (typeof interval !== "string" || typeof at !== "number") {
        throw new Error("the message wakes nothing: it names no interval or no time");
    }
    return { wake: { interval, at } };
}

function wakeIn(body: string): unknown {
    try {
        return Object(JSON.parse(body)).wake;
    } catch {
        return undefined; // as announcements are read, that is said
    }
}
