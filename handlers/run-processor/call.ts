import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { ProcessorEvent, ProcessorObject } from "../shared/processor-contract";
import { readAnswer } from "./answer";

/** Lambda takes 6 MB in one call. */
const payloadLimit = 6 * 1024 * 1024;
const frameBytes = Buffer.byteLength(JSON.stringify({ objects: [] } satisfies ProcessorEvent));

/**
 * Calls the user's function and waits; the keys that failed, with their reasons. Throws why all failed: an error of the
 * function, its timeout, an answer that says nothing, or a call that did not come about.
 */
export async function call(
    lambda: Pick<LambdaClient, "send">,
    functionArn: string,
    objects: ProcessorObject[],
): Promise<Map<string, string>> {
    const event: ProcessorEvent = { objects };
    const { FunctionError: error, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }),
    );
    const text = new TextDecoder().decode(Payload);
    if (error !== undefined) throw new Error(errorOf(text) ?? error);
    return readAnswer(text, objects);
}

/** Cuts a list so that each part fits into one call. */
export function parts<T extends { object: ProcessorObject }>(all: T[]): T[][] {
    const lists: T[][] = [];
    let bytes = Number.POSITIVE_INFINITY;
    for (const each of all) {
        const own = Buffer.byteLength(JSON.stringify(each.object)) + 1;
        if (bytes + own > payloadLimit) {
            lists.push([]);
            bytes = frameBytes;
        }
        lists.at(-1)!.push(each);
        bytes += own;
    }
    return lists;
}

/** The error as the function's runtime described it. */
function errorOf(text: string): string | undefined {
    const { errorType, errorMessage } = parsed(text);
    const words = [errorType, errorMessage].filter((each) => typeof each === "string" && each !== "");
    return words.length === 0 ? undefined : words.join(": ");
}

function parsed(text: string): { errorType?: unknown; errorMessage?: unknown } {
    try {
        return Object(JSON.parse(text));
    } catch {
        return {};
    }
}
