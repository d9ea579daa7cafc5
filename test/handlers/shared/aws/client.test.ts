import { expect } from "chai";
import { DynamoDBClient, paginateQuery } from "../../../../handlers/shared/aws/dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "../../../../handlers/shared/aws/s3";
import { afterTest } from "../../../setup";
import { both } from "./both";
import { type Given, lambda, loopback, type Received, setEnvironment } from "./loopback";

const object = { Bucket: "lake", Key: "raw/a" };
const minutes = 60_000;

describe("a client of the functions' own", () => {
    it("refuses what it doesn't know", async () => {
        const { s3, received } = await clients();
        const input = { ...object, Body: Buffer.from("a"), ACL: "public-read" };

        const sent = await s3.send(new PutObjectCommand(input)).catch(String);

        expect(sent).to.equal("Error: PutObject: ACL is not known here");
        expect(received).to.deep.equal([]);
    });

    it("does not list a bucket in place of an object without a name", async () => {
        const { s3 } = await clients();

        const got = await s3.send(new GetObjectCommand({ ...object, Key: "" })).catch(String);

        expect(got).to.equal("Error: GetObject: the key is empty");
    });

    it("reads an object's bytes at once where that is asked for", async () => {
        const { s3 } = await clients(() => ({ body: Buffer.from([0, 255]) }));

        const { Body } = await s3.send(new GetObjectCommand(object));

        expect(await Body!.transformToByteArray()).to.deep.equal(new Uint8Array([0, 255]));
    });

    it("reads all pages of a query", async () => {
        const { dynamoDb, received } = await clients((_, number) => ({
            body: JSON.stringify({
                Items: [{ n: { N: String(number) } }],
                ...(number < 3 && { LastEvaluatedKey: { n: { N: String(number) } } }),
            }),
        }));

        const found: unknown[] = [];
        for await (const { Items = [] } of paginateQuery({ client: dynamoDb }, { TableName: "t" }))
            found.push(...Items);

        expect(found).to.deep.equal([{ n: { N: "1" } }, { n: { N: "2" } }, { n: { N: "3" } }]);
        expect(received.map(({ body }) => JSON.parse(body.toString()).ExclusiveStartKey)).to.deep.equal([
            undefined,
            { n: { N: "1" } },
            { n: { N: "2" } },
        ]);
    });

    it("signs with the credentials of now", async () => {
        const { s3, received } = await clients();

        await s3.send(new GetObjectCommand(object));
        setEnvironment({ AWS_ACCESS_KEY_ID: "OTHER" });
        await s3.send(new GetObjectCommand(object));

        const ids = received.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization!)![1]);
        expect(ids).to.deep.equal([lambda.AWS_ACCESS_KEY_ID, "OTHER"]);
    });

    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
        it(`asks nobody without ${name}`, async () => {
            const { s3, received } = await clients();
            setEnvironment({ [name]: undefined });

            const got = await s3.send(new GetObjectCommand(object)).catch(String);

            expect(got).to.equal("Error: Unable to find environment variable credentials.");
            expect(received).to.deep.equal([]);
        });
    }

    it("asks with TLS where the endpoint wants it, as the SDK does", async () => {
        const { url } = await loopback();
        const environment = { AWS_ENDPOINT_URL: url.replace("http:", "https:") }; // which answers without

        const { sdk, own } = await both({ operation: "PutRecordBatch", input: {}, maxAttempts: 1, environment });

        expect(own.error).to.include({ code: "EPROTO" });
        expect(own).to.deep.equal(sdk);
    });

    it("asks nobody who isn't there, as the SDK does", async () => {
        const environment = { AWS_ENDPOINT_URL: "http://[::1]:1" };

        const { sdk, own } = await both({ operation: "PutRecordBatch", input: {}, maxAttempts: 1, environment });

        expect(own.error).to.have.property("code").that.is.oneOf(["ECONNREFUSED", "EADDRNOTAVAIL"]);
        expect(own).to.deep.equal(sdk);
    });

    it("uses its connections again", async () => {
        const { s3, received } = await clients(() => ({ body: "<R/>" }));

        for (let call = 0; call < 3; call++) await s3.send(new PutObjectCommand({ ...object, Body: Buffer.from("a") }));

        expect(new Set(received.map(({ port }) => port)).size).to.equal(1);
    });

    describe("that is told to stop", () => {
        for (const [when, signal] of [
            ["before it asks", () => AbortSignal.abort()],
            ["while it waits for an answer", () => AbortSignal.timeout(50)],
        ] as const) {
            it(`stops as the SDK does, ${when}`, async () => {
                const call = { operation: "PutRecordBatch", input: {}, maxAttempts: 3, signal } as const;

                const { sdk, own } = await both(call, () => "never");

                expect(own.error).to.include({ name: "AbortError", message: "Request aborted" });
                expect(own).to.deep.equal(sdk);
            });
        }
    });

    describe("whose clock is wrong", () => {
        for (const [what, ahead, requests] of [
            ["an hour behind", 60 * minutes, 2],
            ["an hour ahead", -60 * minutes, 2],
            ["a minute behind", minutes, 1],
        ] as const) {
            it(`signs anew where that helps, as the SDK does: ${what}`, async () => {
                const { sdk, own } = await both(
                    { operation: "GetItem", input: {} },
                    refusing(ahead, "InvalidSignatureException"),
                );

                expect(own.requests).to.have.length(requests);
                expect(own).to.deep.equal(sdk);
            });
        }

        it("believes S3's own word for the time", async () => {
            const { sdk, own } = await both({ operation: "GetObject", input: object }, (received) => {
                const time = new Date(Date.now() + 60 * minutes);
                if (Math.abs(dateOf(received) - time.getTime()) < minutes) return { body: "a" };
                const said = `<ServerTime>${time.toISOString()}</ServerTime>`;
                return { status: 403, body: `<Error><Code>RequestTimeTooSkewed</Code>${said}</Error>` };
            });

            expect(own.requests).to.have.length(2);
            expect(own).to.deep.equal(sdk);
        });

        for (const [what, headers] of [
            ["an answer from a cache", { age: "10" }],
            ["no time", { date: "yesterday" }],
        ] as const) {
            it(`learns nothing from ${what}, as the SDK does`, async () => {
                const { sdk, own } = await both(
                    { operation: "GetItem", input: {} },
                    refusing(60 * minutes, "Odd", headers),
                );

                expect(own.requests).to.have.length(1);
                expect(own).to.deep.equal(sdk);
            });
        }

        it("learns from a success, too", async () => {
            const { s3, received } = await clients(() => ({
                headers: { date: new Date(Date.now() + 60 * minutes).toUTCString() },
            }));

            await s3.send(new GetObjectCommand(object));
            await s3.send(new GetObjectCommand(object));

            expect(dateOf(received[1]!) - dateOf(received[0]!)).to.be.within(59 * minutes, 61 * minutes);
        });

        it("learns nothing from an answer that took longer than anything", async () => {
            const { now } = Date;
            afterTest(() => setClock(now));
            const { s3, received } = await clients((_, number) => {
                setClock(() => now() + (number === 1 ? 16 * minutes : 0));
                return { headers: { date: new Date(now() + 60 * minutes).toUTCString() } };
            });

            await s3.send(new GetObjectCommand(object));
            setClock(now);
            await s3.send(new GetObjectCommand(object));

            expect(dateOf(received[1]!) - dateOf(received[0]!)).to.be.below(minutes);
        });
    });

    describe("with a large body", () => {
        const large = { operation: "PutObject", input: { ...object, Body: Buffer.alloc(3_000_000) } } as const;

        it("does not send what is not wanted, as the SDK doesn't", async () => {
            const refusal: Given = { status: 412, body: "<Error><Code>PreconditionFailed</Code></Error>" };

            const { sdk, own } = await both(large, () => refusal, { wantsBody: false });

            expect(own.error).to.include({ name: "PreconditionFailed" });
            expect(own.requests).to.have.length(1);
            expect(own).to.deep.equal(sdk);
        });

        it("sends it after a while to who doesn't say", async () => {
            const { setTimeout: start } = globalThis;
            afterTest(() => {
                globalThis.setTimeout = start;
            });
            const sixSeconds = (action: () => void, milliseconds?: number) =>
                start(action, milliseconds === 6_000 ? 60 : milliseconds);
            globalThis.setTimeout = sixSeconds as never;
            const { sdk, own } = await both(large, undefined, { wantsBody: undefined });

            expect(own.requests).to.have.length(1);
            expect(own).to.deep.equal(sdk);
        });
    });
});

/** Ours, against a service. */
async function clients(answer?: (received: Received, number: number) => Given) {
    const { url, received } = await loopback(answer);
    setEnvironment({ ...lambda, AWS_ENDPOINT_URL: url });
    return {
        received,
        s3: new S3Client({ responseChecksumValidation: "WHEN_REQUIRED" }),
        dynamoDb: new DynamoDBClient(),
    };
}

/** A service that takes only requests of its own time. */
function refusing(ahead: number, name: string, headers: Record<string, string> = {}) {
    return (received: Received): Given => {
        const time = Date.now() + ahead;
        const date = new Date(time).toUTCString();
        if (Math.abs(dateOf(received) - time) < minutes / 2) return { headers: { date }, body: "{}" };
        return { status: 400, headers: { date, ...headers }, body: `{"__type":"${name}","message":"no"}` };
    };
}

function dateOf({ headers }: Received): number {
    return Date.parse(headers["x-amz-date"]!.replace(/^(....)(..)(..T..)(..)/, "$1-$2-$3:$4:"));
}

function setClock(now: () => number): void {
    Date.now = now;
}
