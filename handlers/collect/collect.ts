import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { log } from "../shared/log";
import type { Validate } from "../shared/validate";
import { timestampOf } from "../shared/values";
import { bodyBytes, bodyText } from "./body";
import { splitEvents } from "./events";
import { linesOf } from "./lines";
import { refused, stored } from "./responses";
import { type DeliveryStream, store } from "./store";
import { identify, type WriteKey } from "./write-keys";

/** What a collector is made of. */
export interface Collector {
    /** Keys that are let in; absent: no key is needed. */
    keys?: WriteKey[];
    validate: Validate;
    stream: DeliveryStream;
}

/** What the log says of a request, beside the answer's status. */
interface RequestNote {
    key?: string;
    events: number;
    bytes: number;
}

/**
 * Takes a request: looks at its key, checks and completes its events and stores them. Answers 204 if all are stored;
 * 400, 401, 413 or 415 if none is; 429 or 503 if Firehose did not take them all. `remaining()` is the milliseconds left.
 */
export async function collect(
    request: APIGatewayProxyEventV2,
    remaining: () => number,
    collector: Collector,
): Promise<APIGatewayProxyStructuredResultV2> {
    const note: RequestNote = { events: 0, bytes: 0 };
    const response = await take(request, remaining, collector, note).catch(refused);
    log("info", "request", { stage: "collect", ...note, status: response.statusCode });
    return response;
}

async function take(
    request: APIGatewayProxyEventV2,
    remaining: () => number,
    { keys, validate, stream }: Collector,
    note: RequestNote,
): Promise<APIGatewayProxyStructuredResultV2> {
    if (keys) note.key = identify(request, keys);
    const body = bodyBytes(request);
    note.bytes = body.length;
    const events = splitEvents(bodyText(body));
    note.events = events.length;
    const lines = linesOf(events, validate, timestampOf(request.requestContext.timeEpoch));
    await store(lines, stream, remaining);
    return stored;
}
