import http, { type Agent } from "node:http";
import type { Answer, Outgoing } from "./message";

/** From so many bytes on, the service is asked whether it wants them. */
const largeBody = 2 * 1024 * 1024;
/** Milliseconds after which a service that doesn't say gets them. */
const longestPause = 6_000;

/** The connections of a client, which are kept for its next requests. */
export class Connections {
    private agent?: Agent;

    /** Sends a request; the answer is there when its headers are. */
    exchange(request: Outgoing, signal?: AbortSignal): Promise<Answer> {
        const { protocol, port, method, path, query, headers, body } = request;
        const host = request.hostname.replace(/^\[|\]$/g, "");
        // TLS is not even loaded for an endpoint without it.
        const { request: send, Agent } = protocol === "https:" ? process.getBuiltinModule("node:https") : http;
        this.agent ??= new Agent({ keepAlive: true, maxSockets: 50 });
        const isLarge = Buffer.byteLength(body ?? "") >= largeBody;
        return new Promise((resolve, reject) => {
            const sent = send({
                ...{ host, port, method, path: path + queryOf(query), signal },
                headers: isLarge ? { ...headers, expect: "100-continue" } : headers,
                agent: isLarge ? false : this.agent, // a connection whose body was not wanted is of no further use
            });
            sent.on("error", (error) => reject(signal?.aborted ? aborted(signal) : named(error)));
            sent.once("response", (answer) => {
                resolve({ statusCode: answer.statusCode!, headers: answer.headers, body: answer });
            });
            if (!isLarge) sent.end(body);
            else whenWanted(sent, () => sent.end(body));
        });
    }
}

function whenWanted(sent: http.ClientRequest, write: () => void): void {
    const timer = setTimeout(write, longestPause);
    for (const event of ["response", "error"]) sent.once(event, () => clearTimeout(timer));
    sent.once("response", (answer) => answer.once("close", () => sent.destroy()));
    sent.once("continue", () => {
        clearTimeout(timer);
        write();
    });
}

function queryOf(query: Record<string, string>): string {
    const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
    return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

/** Percent-encodes all that a signature wants encoded. */
export function encode(text: string): string {
    const code = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
    return encodeURIComponent(text).replace(/[!'()*]/g, code);
}

function aborted({ reason }: AbortSignal): Error {
    return Object.assign(new Error("Request aborted", { cause: reason }), { name: "AbortError" });
}

/** The SDK's name for connections that end early: what is logged of them is this. */
function named(error: NodeJS.ErrnoException): Error {
    return /^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(error.code!) ? Object.assign(error, { name: "TimeoutError" }) : error;
}
