import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import fc from "fast-check";
import { openObject } from "../../../handlers/shared/open-object";

const noWaits = [0, 0, 0, 0, 0];

describe("openObject", () => {
    let server: BreakingServer;
    beforeEach(async () => {
        server = new BreakingServer();
        await server.listen();
    });
    afterEach(() => server.close());

    it("reads an object as it comes", async () => {
        const { version, length, bytes } = await openObject(server.place);

        expect(version).to.equal('"first"');
        expect(length).to.equal(server.content.length);
        expect((await buffer(bytes)).equals(server.content)).to.equal(true);
        expect(server.requests).to.deep.equal([{}]);
    });

    it("says the version where the bucket keeps them", async () => {
        server.headers = { "x-amz-version-id": "v1" };

        expect((await openObject(server.place)).version).to.equal("v1");
    });

    it("reads an empty object", async () => {
        server.content = Buffer.alloc(0);

        const { length, bytes } = await openObject(server.place);

        expect(length).to.equal(0);
        expect((await buffer(bytes)).length).to.equal(0);
    });

    it("reads all bytes once, wherever and however often the connection breaks", async () => {
        const breaks = fc.array(fc.integer({ min: 0, max: 1_500_000 }), { maxLength: 5 });

        await fc.assert(
            fc.asyncProperty(breaks, async (lengths) => {
                server.requests = [];
                server.lengths = [...lengths];

                const { bytes } = await openObject(server.place, noWaits);
                const read = await buffer(bytes);

                expect(read.equals(server.content)).to.equal(true);
                for (const { match, range } of server.requests.slice(1)) {
                    expect(match).to.equal('"first"');
                    expect(range).to.match(/^bytes=\d+-$/);
                }
            }),
            { numRuns: 30 },
        );
    });

    it("waits before it asks for the rest", async () => {
        server.lengths = [1_000];
        const { bytes } = await openObject(server.place);
        const start = performance.now();

        await buffer(bytes);

        expect(performance.now() - start).to.be.greaterThan(95);
    });

    for (const [what, change] of [
        ["replaced", { eTag: '"second"' }],
        ["deleted", { isGone: true }],
    ] as const) {
        it(`fails where the object is ${what} meanwhile: two versions' bytes are nobody's`, async () => {
            server.lengths = [1_000];
            const { bytes } = await openObject(server.place, noWaits);
            Object.assign(server, change);

            const error = await failure(buffer(bytes));

            expect(error.message).to.equal("s3://lake/key was replaced or deleted while it was read");
        });
    }

    it("gives up when the connection breaks over and over", async () => {
        server.lengths = Array(9).fill(10);
        const { bytes } = await openObject(server.place, noWaits);

        const error = await failure(buffer(bytes));

        expect(error).to.have.property("code", "ECONNRESET");
        expect(server.requests).to.have.length(6);
    });

    it("fails where the rest is refused", async () => {
        server.lengths = [1_000];
        const { bytes } = await openObject(server.place, noWaits);
        server.refusal = "AccessDenied";

        expect((await failure(buffer(bytes))).name).to.equal("AccessDenied");
    });

    it("fails where it gets other bytes than it asked for", async () => {
        server.lengths = [1_000];
        const { bytes } = await openObject(server.place, noWaits);
        server.ignoresRanges = true;

        const error = await failure(buffer(bytes));

        expect(error.message).to.equal("s3://lake/key: asked for the bytes from 1000, S3 sent all");
    });

    it("asks for the rest where the bytes end early without a word", async () => {
        const bodies = [
            { Body: Readable.from([Buffer.from("ab")]), ContentLength: 4, ETag: "e" },
            { Body: Readable.from([Buffer.from("cd")]), ContentRange: "bytes 2-3/4" },
        ];
        const s3 = { send: async () => bodies.shift() } as never;

        const { bytes } = await openObject({ s3, bucket: "lake", key: "key" }, noWaits);

        expect((await buffer(bytes)).toString()).to.equal("abcd");
    });

    it("says that an object is cut off where it can't ask for the rest", async () => {
        const s3 = { send: async () => ({ Body: Readable.from([Buffer.from("ab")]), ContentLength: 4 }) } as never;
        const { bytes } = await openObject({ s3, bucket: "lake", key: "key" });

        expect((await failure(buffer(bytes))).message).to.equal("s3://lake/key is cut off");
    });

    it("closes the connection when its reader stops or fails, and asks for nothing more", async () => {
        server.isStuck = true;
        const readers = [
            async (bytes: AsyncIterable<Buffer>) => {
                for await (const _ of bytes) break;
            },
            async (bytes: AsyncIterable<Buffer>) => {
                for await (const _ of bytes) throw new Error("full");
            },
        ];
        for (const reader of readers) {
            const { bytes } = await openObject(server.place, noWaits);
            const closed = once(server.responses.at(-1)!, "close");

            await pipeline(bytes, reader).catch(() => {});

            await closed;
        }
        expect(server.requests).to.have.length(2);
    });

    it("takes a reader's failure for no broken connection", async () => {
        const { bytes } = await openObject(server.place, noWaits);
        await bytes.next();

        const error = await failure(bytes.throw(new Error("full")));

        expect(error.message).to.equal("full");
        expect(server.requests).to.have.length(1);
    });
});

/** One object, `lake/key`, over connections that break. */
class BreakingServer {
    content = randomBytes(1_500_000);
    eTag = '"first"';
    headers: Record<string, string> = {};
    isGone = false;
    ignoresRanges = false;
    /** Sends only the first bytes, and waits. */
    isStuck = false;
    refusal?: string;
    /** After so many bytes the next connections break. */
    lengths: number[] = [];
    requests: { range?: string; match?: string }[] = [];
    readonly responses: ServerResponse[] = [];
    private readonly server: Server = createServer((request, response) => this.answer(request, response));

    async listen(): Promise<void> {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    get place() {
        const { port } = this.server.address() as AddressInfo;
        const s3 = new S3Client({
            region: "eu-west-1",
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
            endpoint: `http://127.0.0.1:${port}`,
            forcePathStyle: true,
            responseChecksumValidation: "WHEN_REQUIRED",
        });
        return { s3, bucket: "lake", key: "key" };
    }

    private answer({ headers }: IncomingMessage, response: ServerResponse): unknown {
        const { range, "if-match": match } = headers;
        this.requests.push({ ...(range && { range }), ...(match && { match }) });
        this.responses.push(response);
        if (this.refusal) return refuse(response, 403, this.refusal);
        if (this.isGone) return refuse(response, 404, "NoSuchKey");
        if (match && match !== this.eTag) return refuse(response, 412, "PreconditionFailed");
        const isPart = range !== undefined && !this.ignoresRanges;
        const start = isPart ? Number(/\d+/.exec(range)![0]) : 0;
        const rest = this.content.subarray(start);
        response.writeHead(isPart ? 206 : 200, {
            "content-length": rest.length,
            etag: this.eTag,
            ...this.headers,
            ...(isPart && { "content-range": `bytes ${start}-${this.content.length - 1}/${this.content.length}` }),
        });
        if (this.isStuck) return response.write(rest.subarray(0, 1_000));
        const length = this.lengths.shift() ?? rest.length;
        if (length >= rest.length) return response.end(rest);
        response.flushHeaders();
        return response.write(rest.subarray(0, length), () => response.destroy());
    }
}

function refuse(response: ServerResponse, status: number, code: string): void {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

async function failure(promise: Promise<unknown>): Promise<Error> {
    return promise.then(
        () => expect.fail("it did not fail"),
        (error) => error,
    );
}
