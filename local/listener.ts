import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { type AddressInfo, createServer as createTcp, type Socket, type Server as TcpServer } from "node:net";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** How every HTTP/2 connection without TLS begins, and no request of HTTP/1. */
const http2Start = "PRI";

/**
 * One port of the loopback interface for HTTP/1.1 and for HTTP/2 without TLS: the JavaScript SDK's client of Kinesis
 * speaks the latter, and asks nobody before.
 */
export class Listener {
    private readonly http1 = createHttp1({ keepAliveTimeout: 60_000, requestTimeout: 0 });
    private readonly http2 = createHttp2();
    private readonly sockets = new Set<Socket>();

    /** Its address. */
    readonly url: string;

    private constructor(private readonly tcp: TcpServer) {
        this.url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
        tcp.on("connection", (socket) => this.connect(socket));
    }

    /** Listens on a free port. */
    static async start(): Promise<Listener> {
        const tcp = createTcp();
        await new Promise<void>((resolve, reject) => {
            tcp.on("error", reject);
            tcp.listen(0, "127.0.0.1", resolve);
        });
        return new Listener(tcp);
    }

    /** Has every request answered; those of HTTP/2 come with the interface of HTTP/1. */
    onRequest(answer: Answer): void {
        this.http1.on("request", answer);
        this.http2.on("request", answer as unknown as (...of: [Http2ServerRequest, Http2ServerResponse]) => void);
    }

    /** Closes the port and all connections. */
    async stop(): Promise<void> {
        const closed = new Promise((resolve) => this.tcp.close(resolve));
        for (const socket of this.sockets) socket.destroy();
        await closed;
    }

    private connect(socket: Socket): void {
        this.sockets.add(socket);
        socket.once("close", () => this.sockets.delete(socket));
        socket.on("error", () => socket.destroy()); // the caller hung up
        socket.once("data", (start: Buffer) => {
            socket.pause();
            socket.unshift(start);
            const isHttp2 = start.toString("latin1").startsWith(http2Start);
            (isHttp2 ? this.http2 : this.http1).emit("connection", socket);
            if (!isHttp2) socket.resume(); // an HTTP/2 session reads by itself
        });
    }
}
