import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A request of a service, before it is signed. */
export interface Outgoing {
    method: string;
    protocol: string;
    hostname: string;
    port?: number;
    /** As it is sent: encoded. */
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    body?: string | Uint8Array;
}

/** What a service answers. */
export interface Answer {
    statusCode: number;
    headers: IncomingHttpHeaders;
    body: IncomingMessage;
}

/** What every output has besides the service's own. */
export interface Output {
    $metadata: Metadata;
}

/** What the network said of an answer. */
export interface Metadata {
    httpStatusCode: number;
    requestId?: string;
    /** The error told how wrong this machine's clock is, and that is known now. */
    clockSkewCorrected?: boolean;
}

/** A request to a service's endpoint, without its body. */
export function outgoing(endpoint: URL, method: string): Outgoing {
    const { protocol, hostname, host, port, pathname } = endpoint;
    return {
        ...{ method, protocol, hostname, ...(port && { port: Number(port) }) },
        ...{ path: pathname.replace(/\/?$/, "/"), query: {}, headers: { host } },
    };
}

export function metadataOf({ statusCode, headers }: Answer): Metadata {
    const requestId = headers["x-amzn-requestid"] ?? headers["x-amz-request-id"];
    return { httpStatusCode: statusCode, requestId: requestId as string | undefined };
}
