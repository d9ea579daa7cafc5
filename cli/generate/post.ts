import { gzipSync } from "node:zlib";
import type { Line } from "./faults";

/** Where and how batches are posted. */
export interface PostOptions {
    url: string;
    /** Sent as `x-api-key`. */
    key?: string;
    gzip?: boolean;
    /** Requests at a time. */
    connections: number;
    /** Milliseconds to wait for an answer. @default 60,000 */
    timeout?: number;
}

/** The requests that had the same end. */
export interface Answer {
    /** Status code or, where no answer came, what happened instead. */
    status: number | string;
    requests: number;
    lines: number;
    /** Beginning of the first answer's body, where it was none of the 200s. */
    body?: string;
}

/** What came of all requests. */
export interface Posted {
    answers: Answer[];
    /** Whether the rest was not sent because nobody answered. */
    gaveUp: boolean;
}

/** So many requests in a row without an answer, and nothing more is sent. */
const mostSilence = 5;
/** Characters of a body that are shown. */
const shownBody = 200;

/**
 * Posts every batch once, as newline-delimited JSON over connections that stay open: nothing is sent again, so that the
 * answers' lines are all that was sent. Gives up when nobody answers.
 */
export async function post(batches: AsyncIterable<Line[]>, options: PostOptions): Promise<Posted> {
    const answers = new Map<number | string, Answer>();
    const iterator = {
        [Symbol.asyncIterator]: (
            (all) => () =>
                all
        )(batches[Symbol.asyncIterator]()),
    };
    let silence = 0;
    await Promise.all(Array.from({ length: options.connections }, work));
    return { answers: [...answers.values()], gaveUp: silence >= mostSilence };

    async function work(): Promise<void> {
        for await (const batch of iterator) {
            const { status, body } = await postOne(batch, options);
            const answer = answers.get(status) ?? { status, requests: 0, lines: 0, ...(body && { body }) };
            answers.set(status, { ...answer, requests: answer.requests + 1, lines: answer.lines + batch.length });
            silence = typeof status === "number" ? 0 : silence + 1;
            if (silence >= mostSilence) return;
        }
    }
}

/** Whether everything that was sent was taken. */
export function allTaken({ answers }: Posted): boolean {
    return answers.every(({ status }) => isTaken(status));
}

function isTaken(status: number | string): boolean {
    return typeof status === "number" && status >= 200 && status < 300;
}

async function postOne(
    lines: Line[],
    { url, key, gzip, timeout = 60_000 }: PostOptions,
): Promise<{ status: number | string; body?: string }> {
    const text = lines.map((line) => `${line.text}\n`).join("");
    try {
        const response = await fetch(url, {
            method: "POST",
            headers: {
                "content-type": "application/x-ndjson",
                ...(gzip && { "content-encoding": "gzip" }),
                ...(key !== undefined && { "x-api-key": key }),
            },
            body: gzip ? gzipSync(text) : text,
            redirect: "manual",
            signal: AbortSignal.timeout(timeout),
        });
        // A body that is not read would keep its connection from being used again.
        const body = (await response.text()).slice(0, shownBody);
        return { status: response.status, ...(!isTaken(response.status) && { body }) };
    } catch (error) {
        return { status: reasonOf(error as Error) };
    }
}

/** `ECONNREFUSED`, say: what fetch was told by the system. */
function reasonOf({ name, message, cause }: Error): string {
    if (name === "TimeoutError") return "timeout";
    const { code, message: reason = message } = (cause ?? {}) as NodeJS.ErrnoException;
    return code ?? reason;
}
