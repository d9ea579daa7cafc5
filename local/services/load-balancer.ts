import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Runtime } from "../runtime";
import { AccessLog } from "./load-balancer/access-log";
import { type Listener, type LoadBalancer, readListeners } from "./load-balancer/configuration";
import type { S3 } from "./s3";

/** Elastic Load Balancing publishes logs every five minutes. */
const logSeconds = 300;

/** Application Load Balancers without targets: a server on this machine for each listener, HTTPS ones too without TLS. */
export class LoadBalancers {
    /** Where each listener answers, by its logical name. */
    readonly urls: Record<string, string> = {};
    private readonly listeners: Listener[];
    private readonly logs = new Map<LoadBalancer, AccessLog>();
    private readonly servers: Server[] = [];

    constructor(
        private readonly runtime: Runtime,
        s3: Pick<S3, "put">,
        options: { logSeconds?: number } = {},
    ) {
        this.listeners = readListeners(runtime.program);
        const seconds = Math.max(1, options.logSeconds ?? logSeconds);
        for (const { loadBalancer } of this.listeners) {
            this.logs.set(loadBalancer, new AccessLog(runtime, s3, loadBalancer, seconds));
        }
    }

    async start(): Promise<void> {
        for (const listener of this.listeners) {
            const server = createServer((incoming, outgoing) => {
                void this.runtime.work.track(() => this.serve(listener, incoming, outgoing));
            });
            this.servers.push(server.listen(0, "127.0.0.1"));
            await once(server, "listening");
            this.urls[listener.logicalName] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        }
    }

    async stop(): Promise<void> {
        for (const server of this.servers.splice(0)) {
            const closed = once(server, "close");
            server.close();
            server.closeAllConnections();
            await closed;
        }
    }

    private async serve(listener: Listener, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
        const bodyBytes = await bytesOf(incoming);
        if (bodyBytes === undefined) return;
        const { method = "", url: target = "", httpVersion, headers, socket } = incoming;
        const { status, contentType, body, allowedOrigin } = listener;
        const hasBody = status !== 204 && method !== "HEAD";
        const answer = {
            server: "awselb/2.0",
            ...(hasBody && {
                "content-type": `${contentType}; charset=utf-8`,
                "content-length": Buffer.byteLength(body),
            }),
            ...(allowedOrigin && { "access-control-allow-origin": allowedOrigin }),
        };
        this.logs.get(listener.loadBalancer)!.write({
            listener,
            method,
            target,
            httpVersion,
            host: (headers.host ?? listener.loadBalancer.dnsName).replace(/:\d+$/, ""),
            userAgent: headers["user-agent"],
            traceId: headers["x-amzn-trace-id"] as string | undefined,
            client: `${socket.remoteAddress}:${socket.remotePort}`,
            receivedBytes: `${method} ${target} HTTP/1.1`.length + headerBytes(incoming.rawHeaders) + bodyBytes,
            sentBytes: headerBytes(Object.entries(answer).flat().map(String)) + (hasBody ? Buffer.byteLength(body) : 0),
        });
        this.runtime.journal.write({ kind: "request", method, path: target.split("?")[0]!, status });
        outgoing.writeHead(status, answer).end(hasBody ? body : undefined);
    }
}

/** The length of a request's body, which nobody reads; undefined if the client left. */
async function bytesOf(incoming: IncomingMessage): Promise<number | undefined> {
    let bytes = 0;
    try {
        for await (const chunk of incoming as AsyncIterable<Buffer>) bytes += chunk.length;
        return bytes;
    } catch {
        return undefined;
    }
}

/** Names and values with what stands between them. */
function headerBytes(headers: string[]): number {
    return headers.reduce((sum, text) => sum + text.length + 2, 0);
}
