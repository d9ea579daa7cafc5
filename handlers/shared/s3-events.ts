/** An object that S3 says was created. */
export interface CreatedObject {
    bucket: string;
    /** The key as it is, not as events encode it. */
    key: string;
    /** Bytes. */
    size: number;
    /** Absent where the bucket keeps no versions. */
    versionId?: string;
    eTag?: string;
    /** Orders the events of one key. */
    sequencer?: string;
    eventTime?: string;
    /** Of a replay that is to be handled although the ledger says that it was: id of the replay. */
    again?: string;
    /** Of a replay for one query only: its name. */
    query?: string;
}

/**
 * The created objects that a queue's message tells of: S3's event, delivered raw or in SNS's envelope, or the same
 * records made from an EventBridge event. None for the test event and for other events; throws what is wrong with a
 * message that it can't read.
 */
export function createdObjects(body: string): CreatedObject[] {
    const event = withoutEnvelope(parse(body));
    if (event.Event === "s3:TestEvent") return [];
    if (!Array.isArray(event.Records)) throw new Error("the message is no S3 event: it has no Records");
    return event.Records.filter(isCreation).map(createdObject);
}

/** What is used of a message. All of it may be missing: whoever may write to the queue may write anything. */
interface S3Event {
    Type?: string;
    Message?: string;
    Event?: string;
    Records?: (S3EventRecord | null)[];
}

interface S3EventRecord {
    eventSource?: string;
    eventName?: string;
    eventTime?: string;
    s3?: {
        bucket?: { name?: string };
        object?: { key?: string; size?: number | string; versionId?: string; eTag?: string; sequencer?: string };
    };
    /** Beside S3's own, where the event is a replay. */
    eventpipeline?: { replay?: unknown; again?: unknown; query?: unknown };
}

function withoutEnvelope(message: S3Event): S3Event {
    return message.Type === "Notification" && typeof message.Message === "string" ? parse(message.Message) : message;
}

function parse(text: string): S3Event {
    try {
        return Object(JSON.parse(text));
    } catch {
        throw new Error("the message is no S3 event: its body is not JSON"); // the parser's message would quote the body
    }
}

/** `ObjectCreated:Put` and its like in S3's events, `Object Created` in EventBridge's. */
function isCreation(record: S3EventRecord | null): boolean {
    return /^(ObjectCreated:|Object Created$)/.test(record?.eventName ?? "");
}

function createdObject(record: S3EventRecord | null): CreatedObject {
    const bucket = record?.s3?.bucket?.name;
    const { key, size, versionId, eTag, sequencer } = record?.s3?.object ?? {};
    if (typeof bucket !== "string" || typeof key !== "string") {
        throw new Error("the message is no S3 event: a record names no bucket or no key");
    }
    return {
        bucket,
        key: record?.eventSource === "aws:events" ? key : decoded(key),
        size: Number(size),
        // EventBridge's input transformer writes an empty string for what the event does not have.
        versionId: versionId || undefined,
        eTag: eTag || undefined,
        sequencer: sequencer || undefined,
        eventTime: record?.eventTime,
        ...replayOf(record),
    };
}

function replayOf(record: S3EventRecord | null): Pick<CreatedObject, "again" | "query"> {
    const { replay, again, query } = Object(record?.eventpipeline);
    return {
        ...(again === true && typeof replay === "string" && { again: replay }),
        ...(typeof query === "string" && { query }),
    };
}

/** S3 encodes keys as forms do: `+` is a space. */
function decoded(key: string): string {
    try {
        return decodeURIComponent(key.replaceAll("+", " "));
    } catch {
        throw new Error(`the key ${JSON.stringify(key)} is not validly percent-encoded`);
    }
}
