import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterTest } from "../../../setup";

/** A request as it came over the network. */
export interface Received {
    method: string;
    /** With its query, as it was sent. */
    url: string;
    headers: Record<string, string>;
    body: Buffer;
    /** Of the connection. */
    port: number;
}

/** What is answered: an HTTP response, a connection that breaks, or nothing at all. */
export type Given =
    | "broken"
    | "never"
    | { status?: number; headers?: Record<string, string>; body?: string | Buffer; cut?: boolean };

/** How a service treats bodies that are announced. */
export interface Manners {
    /** `undefined`: it doesn't say. */
    wantsBody?: boolean;
}

/** AWS on this machine, for the running test: answers by a function, which is told how many requests there were. */
export async function loopback(
    answer: (received: Received, number: number) => Given = () => ({}),
    { wantsBody }: Manners = { wantsBody: true },
) {
    const received: Received[] = [];
    const server = createServer(take);
    server.on("checkContinue", (request, response) => {
        if (wantsBody) response.writeContinue();
        return take(request, response, wantsBody !== false);
    });
    async function take(request: IncomingMessage, response: ServerResponse, isWhole = true) {
        const each = await receive(request, isWhole);
        received.push(each);
        const given = answer(each, received.length);
        if (given === "never") return;
        if (given === "broken") return request.socket.destroy();
        const { status = 200, headers = {}, body = "", cut = false } = given;
        response.writeHead(status, headers);
        if (!cut) return response.end(body);
        return response.write(body, () => request.socket.destroy());
    }
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    afterTest(() => {
        server.closeAllConnections();
        server.close();
    });
    return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function receive(request: IncomingMessage, isWhole: boolean): Promise<Received> {
    const { method, url, rawHeaders } = request;
    const headers: Record<string, string> = {};
    for (let at = 0; at < rawHeaders.length; at += 2) headers[rawHeaders[at]!.toLowerCase()] = rawHeaders[at + 1]!;
    return {
        method: method!,
        url: url!,
        headers,
        body: isWhole ? await buffer(request) : Buffer.alloc(0),
        port: request.socket.remotePort!,
    };
}

/** Sets the environment of the running test. */
export function setEnvironment(values: Record<string, string | undefined>): void {
    for (const [name, value] of Object.entries(values)) {
        const before = process.env[name];
        afterTest(() => set(name, before));
        set(name, value);
    }
}

function set(name: string, value: string | undefined): void {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}

/** What Lambda gives a function. */
export const lambda = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    AWS_SESSION_TOKEN: "token/of+the=session",
};
