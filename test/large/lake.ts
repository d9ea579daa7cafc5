import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { unzstd } from "../../handlers/shared/unzstd";
import type { GivenResponse, SentRequest } from "../handlers/shared/fake-service";
import type { LargeResult } from "./result";

/** S3 with one large CSV, which takes one object in parts and compares it as it comes; other services answer by `other`. */
export class Lake {
    /** Of the object. */
    bytes = 0;
    private readonly object = new PassThrough();
    private readonly compared: Promise<void>;
    private readonly server: Server = createServer((request, response) => {
        this.answer(request, response).catch((error: Error) => response.destroy(error));
    });

    constructor(
        private readonly result: LargeResult,
        isZstd: boolean,
        private readonly other: (request: SentRequest) => GivenResponse | Promise<GivenResponse>,
    ) {
        this.compared = pipeline(this.object, isZstd ? unzstd : createGunzip(), (lines: AsyncIterable<Buffer>) =>
            result.compare(lines),
        );
        this.compared.catch(() => {}); // `check` tells
    }

    async listen(): Promise<string> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    /** Fails where the object is not the result. */
    async check(): Promise<void> {
        this.object.end();
        await this.compared;
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "", headers } = request;
        const { pathname, searchParams } = new URL(request.url!, "http://localhost");
        if (headers["x-amz-target"]) {
            const query = Object.fromEntries(searchParams);
            const body = await buffer(request);
            const sent = { method, path: pathname, query, headers: headers as Record<string, string>, body };
            const answered = await this.other(sent);
            response.writeHead(answered.statusCode, answered.headers);
            response.end(answered.body as string | Uint8Array);
        } else if (method === "HEAD") {
            response.writeHead(404).end(); // no result is there yet
        } else if (method === "GET") {
            response.writeHead(200, { "content-length": this.result.bytes, etag: '"csv"' });
            await pipeline(this.result.csv(), response);
        } else if (searchParams.has("partNumber")) {
            // One after the other: that is how they are sent.
            for await (const chunk of request as AsyncIterable<Buffer>) {
                this.bytes += chunk.length;
                if (!this.object.write(chunk)) await new Promise((resolve) => this.object.once("drain", resolve));
            }
            response.writeHead(200, { etag: '"part"' }).end();
        } else {
            await buffer(request);
            const step = searchParams.has("uploads") ? "InitiateMultipartUpload" : "CompleteMultipartUpload";
            response.end(`<?xml version="1.0"?><${step}Result><UploadId>upload</UploadId></${step}Result>`);
        }
    }
}
