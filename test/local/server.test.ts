import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { AwsError, type AwsRequest, type AwsResponse, type Endpoint } from "../../local/runtime";
import { afterTest, rejection, testRuntime, testServer } from "./support";

const signed = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=user/20261121/us-east-1/${service}/aws4_request, Signature=x`,
});

describe("loopback server", () => {
    it("finds the service by the request's signature, in its header or its query", async () => {
        const { url } = await prepare();

        const byHeader = await fetch(url, { headers: signed("echo") });
        const byQuery = await fetch(`${url}/?X-Amz-Credential=user%2F1%2Fus-east-1%2Fecho%2Faws4_request`);

        expect(byHeader.status).to.equal(200);
        expect(byQuery.status).to.equal(200);
        expect(byHeader.headers.get("x-amzn-requestid")).to.match(/^[0-9a-f-]{36}$/);
    });

    it("hands requests on as they were sent", async () => {
        const { url, requests } = await prepare();

        await raw(`${url}`, "/a/../b//%2e/c%20d?x=1+2&x=%2B", { ...signed("echo"), "X-Mixed": "Case" }, "body");

        expect(requests[0]).to.deep.include({ method: "POST", path: "/a/../b//%2e/c%20d", body: Buffer.from("body") });
        expect(requests[0]?.query.getAll("x")).to.deep.equal(["1 2", "+"]);
        expect(requests[0]?.headers).to.include({ "x-mixed": "Case" });
    });

    it("takes HTTP/2 without TLS on the same port, and ends open sessions when it stops", async () => {
        const { url, requests, server } = await prepare();
        const session = connect(url);
        const headers = { ...signed("echo"), ":method": "POST", ":path": "/a//b?x=1+2" };

        const stream = session.request(headers).end("body");
        const [{ ":status": status }] = await once(stream, "response");
        const answer = await text(stream);
        const closed = new Promise((resolve) => session.on("error", () => {}).on("close", resolve));
        await server.stop();
        await closed;

        expect([status, answer]).to.deep.equal([200, "ok"]);
        expect(requests[0]).to.deep.include({ method: "POST", path: "/a//b", body: Buffer.from("body") });
        expect(requests[0]?.query.get("x")).to.equal("1 2");
    });

    it("refuses unsigned requests and unknown services by name", async () => {
        const { url } = await prepare();

        const unsigned = await fetch(url);
        const unknown = await fetch(url, { headers: signed("dynamodb") });

        expect(unsigned.status).to.equal(403);
        expect(await unsigned.text()).to.include("<Code>AccessDenied</Code>");
        expect(unknown.status).to.equal(501);
        expect(await unknown.json()).to.deep.equal({
            __type: "NotImplemented",
            message: 'AWS service "dynamodb" is not modelled on this machine',
        });
    });

    it("renders errors in the service's protocol", async () => {
        const { url } = await prepare(() => {
            throw new AwsError("ThrottlingException", "slow down", 429);
        });

        const json = await fetch(url, { headers: signed("echo") });

        expect(json.status).to.equal(429);
        expect(json.headers.get("x-amzn-errortype")).to.equal("ThrottlingException");
        expect(await json.json()).to.deep.equal({ __type: "ThrottlingException", message: "slow down" });
    });

    it("reports defects of the local runtime instead of hiding them", async () => {
        const { url, runtime } = await prepare(() => {
            throw new TypeError("a defect");
        });

        const answer = await fetch(url, { headers: signed("echo") });

        expect(answer.status).to.equal(500);
        expect(runtime.journal.of("failure")[0]).to.include({ stage: "echo", count: 1 });
        expect(runtime.journal.of("failure")[0]?.reason).to.include("TypeError: a defect");
    });

    it("counts requests as work, and survives callers that hang up", async () => {
        let release = () => {};
        const { url, runtime } = await prepare(
            () => new Promise((resolve) => (release = () => resolve({ status: 204 }))),
        );
        const slow = fetch(url, { headers: signed("echo") });
        const aborted = request(url, { method: "POST", headers: { "content-length": 9 } }).on("error", () => {});
        aborted.write("part");
        await new Promise((resolve) => setTimeout(resolve, 50));
        let idle = false;
        const waiting = runtime.work.idle().then(() => (idle = true));

        aborted.destroy();
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(idle).to.equal(false);
        release();
        await waiting;

        expect((await slow).status).to.equal(204);
    });

    it("is silent to HEAD requests that fail", async () => {
        const { url } = await prepare();
        const client = new S3Client({
            endpoint: url,
            region: "us-east-1",
            credentials: { accessKeyId: "a", secretAccessKey: "b" },
            forcePathStyle: true,
        });
        afterTest(() => client.destroy());

        const answer = await fetch(url, { method: "HEAD" });
        const unserved = await rejection(client.send(new GetObjectCommand({ Bucket: "b", Key: "k" })));

        expect(answer.status).to.equal(403);
        expect(unserved.message).to.equal('AWS service "s3" is not modelled on this machine');
    });
});

async function prepare(handle: () => Promise<AwsResponse> | AwsResponse = () => ({ status: 200, body: "ok" })) {
    const runtime = testRuntime();
    const requests: AwsRequest[] = [];
    const echo: Endpoint = {
        name: "echo",
        handle: async (incoming) => {
            requests.push(incoming);
            return handle();
        },
    };
    const { server } = await testServer(runtime, () => [echo]);
    return { url: server.url, server, runtime, requests };
}

/** Sends a request line as it is; fetch would tidy it up. */
function raw(url: string, path: string, headers: Record<string, string>, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url);
        const sent = request({ hostname, port, path, headers, method: "POST" }, (answer) => {
            answer.resume().on("end", resolve);
        });
        sent.on("error", reject).end(body);
    });
}
