import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { parseEntry } from "../../handlers/parse-access-log/entry";
import { LocalPipeline } from "../../local";
import type { CapturedResource } from "../../local/program";
import { LoadBalancers } from "../../local/services/load-balancer";
import { S3 } from "../../local/services/s3";
import { afterTest, arn, bucket, programFolder, resource, settle, start, testRuntime } from "./support";

const fixed = (fixedResponse: object) => [{ type: "fixed-response", fixedResponse }];
const noContent = fixed({ contentType: "text/plain", statusCode: "204" });

const loadBalancer = (inputs: object = {}) =>
    resource("aws:lb/loadBalancer:LoadBalancer", "pixel", {
        loadBalancerType: "application",
        accessLogs: { bucket: "lake", prefix: "alb/view", enabled: true },
        ...inputs,
    });

const listener = (of: CapturedResource, inputs: object = {}) =>
    resource("aws:lb/listener:Listener", "pixel", {
        loadBalancerArn: arn(of),
        port: 80,
        protocol: "HTTP",
        defaultActions: noContent,
        ...inputs,
    });

/** A started load balancer and the bucket that it logs into. */
async function prepare({ lb = {}, on = {}, logSeconds }: { lb?: object; on?: object; logSeconds?: number } = {}) {
    const balancer = loadBalancer(lb);
    const runtime = testRuntime([bucket("lake"), balancer, listener(balancer, on)]);
    const s3 = new S3(runtime);
    const service = new LoadBalancers(runtime, s3, { logSeconds });
    afterTest(() => service.stop());
    await service.start();
    return { runtime, s3, url: service.urls.pixel!, service };
}

async function logLines({ s3 }: { s3: S3 }): Promise<string[]> {
    const logs = await Promise.all(s3.list("lake", "alb/").map(async (object) => gunzipSync(await s3.read(object))));
    return logs.flatMap((log) => log.toString().trimEnd().split("\n"));
}

describe("load balancers", () => {
    it("answer every request as the listener says", async () => {
        const { url } = await prepare();

        for (const [method, path] of [
            ["GET", "/view?a=1"],
            ["POST", "/"],
            ["HEAD", "/x"],
        ] as const) {
            const answer = await fetch(url + path, { method });

            expect(answer.status).to.equal(204);
            expect(await answer.text()).to.equal("");
            expect(answer.headers.get("access-control-allow-origin")).to.equal(null);
        }
    });

    it("answer with the listener's body and origin", async () => {
        const defaultActions = fixed({ contentType: "application/json", messageBody: '{"ok":true}' });
        const origin = "https://app.example.com";
        const { url } = await prepare({
            on: { defaultActions, routingHttpResponseAccessControlAllowOriginHeaderValue: origin },
        });

        const answer = await fetch(url);

        expect(answer.status).to.equal(200);
        expect(answer.headers.get("access-control-allow-origin")).to.equal(origin);
        expect(await answer.json()).to.deep.equal({ ok: true });
        expect(await (await fetch(url, { method: "HEAD" })).text()).to.equal("");
    });

    it("write an interval's requests as one log, named as AWS names it", async () => {
        const { runtime, s3, url } = await prepare();

        await fetch(`${url}/view?n=1`);
        await fetch(`${url}/view?n=2`);
        await settle(runtime);

        expect(s3.list("lake").map(({ key }) => key)).to.have.length(1);
        expect(s3.list("lake")[0]!.key).to.match(
            /^alb\/view\/AWSLogs\/000000000000\/elasticloadbalancing\/us-east-1\/2026\/11\/21\/000000000000_elasticloadbalancing_us-east-1_app\.pixel\.[0-9a-f]{16}_20261121T0405Z_127\.0\.0\.1_[0-9a-z]{8}\.log\.gz$/,
        );
        expect(runtime.clock.now()).to.equal(start + 300_000);
        expect((await logLines({ s3 })).map((line) => /\?n=\d/.exec(line)?.[0])).to.deep.equal(["?n=1", "?n=2"]);
    });

    it("write every interval its own log, and none without requests", async () => {
        const { runtime, s3, url } = await prepare();

        await fetch(url);
        await settle(runtime);
        await fetch(url);
        await settle(runtime);

        const names = s3.list("lake").map(({ key }) => /_(\d{8}T\d{4}Z)_/.exec(key)?.[1]);
        expect(names).to.deep.equal(["20261121T0405Z", "20261121T0410Z"]);
    });

    it("write them sooner on request", async () => {
        const { runtime, s3, url } = await prepare({ logSeconds: 0 });

        await fetch(url);
        await settle(runtime);

        expect(runtime.clock.now()).to.equal(start + 1000);
        expect(s3.list("lake")).to.have.length(1);
    });

    it("log a request field by field as documented", async () => {
        const { runtime, s3, url } = await prepare();

        await fetch(`${url}/view?page=a%20b`, { headers: { "user-agent": 'Bot "best"' } });
        await settle(runtime);

        const [line] = await logLines({ s3 });
        expect(line).to.match(
            /^http 2026-11-21T04:00:00\.000000Z app\/pixel\/[0-9a-f]{16} 127\.0\.0\.1:\d+ - -1 -1 -1 204 - \d+ \d+ "GET http:\/\/127\.0\.0\.1:80\/view\?page=a%20b HTTP\/1\.1" "Bot \\x22best\\x22" - - - "Root=1-[0-9a-f]{8}-[0-9a-f]{24}" "-" "-" 0 2026-11-21T04:00:00\.000000Z "fixed-response" "-" "-" "-" "-" "-" "-" TID_[0-9a-f]{32} "-" "-" "-"$/,
        );
        expect(parseEntry(line!)).to.include({ userAgent: 'Bot "best"', status: "204" });
    });

    it("log HTTPS listeners' requests as such, the sender's trace with an own part, no user agent as a dash", async () => {
        const certificateArn = "arn:aws:acm:us-east-1:000000000000:certificate/1";
        const { runtime, s3, url } = await prepare({ on: { protocol: "HTTPS", port: undefined, certificateArn } });

        await new Promise((resolve) =>
            httpRequest(url, { headers: { "x-amzn-trace-id": "Root=1-made-up" } }, resolve).end(),
        );
        await settle(runtime);

        expect((await logLines({ s3 }))[0]).to.match(
            /^https .* "GET https:\/\/127\.0\.0\.1:443\/ HTTP\/1\.1" "-" TLS_AES_128_GCM_SHA256 TLSv1\.3 - "Self=1-[0-9a-f-]+;Root=1-made-up" "pixel\.us-east-1\.elb\.amazonaws\.com" "arn:aws:acm:us-east-1:000000000000:certificate\/1" 0 /,
        );
    });

    it("log at the top of the bucket without a prefix, and nothing where logs are off", async () => {
        const plain = await prepare({ lb: { accessLogs: { bucket: "lake", enabled: true } } });
        const off = await prepare({ lb: { accessLogs: { bucket: "lake", enabled: false } } });
        for (const { url, runtime } of [plain, off]) {
            await fetch(url);
            await settle(runtime);
        }

        expect(plain.s3.list("lake").map(({ key }) => key.slice(0, 8))).to.deep.equal(["AWSLogs/"]);
        expect(off.s3.list("lake")).to.deep.equal([]);
    });

    it("tell of requests as they come", async () => {
        const { runtime, url } = await prepare();

        await fetch(`${url}/view?secret=1`);

        expect(runtime.journal.of("request")).to.deep.equal([
            { kind: "request", method: "GET", path: "/view", status: 204 },
        ]);
    });

    it("forget a request whose sender left in its middle", async () => {
        const { runtime, s3, url } = await prepare();

        await new Promise<void>((resolve) => {
            const socket = connect(Number(new URL(url).port), "127.0.0.1", () => {
                socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\npart", () => socket.destroy());
            });
            socket.on("close", () => resolve());
        });
        await new Promise((resolve) => setTimeout(resolve, 50));
        await settle(runtime);

        expect(s3.list("lake")).to.deep.equal([]);
    });

    for (const [title, lb, on, message] of [
        [
            "another kind of load balancer",
            { loadBalancerType: "network" },
            {},
            'load balancer "pixel": loadBalancerType "network" is not modelled on this machine, only "application" is',
        ],
        [
            "logs of connections",
            { connectionLogs: { bucket: "lake", enabled: true } },
            {},
            'load balancer "pixel": connectionLogs is not modelled on this machine: leave it out',
        ],
        [
            "a listener of another protocol",
            {},
            { protocol: "TCP" },
            'listener "pixel": protocol "TCP" is not modelled on this machine, only "HTTP" and "HTTPS" are',
        ],
        [
            "a listener that forwards",
            {},
            { defaultActions: [{ type: "forward", targetGroupArn: "arn" }] },
            'listener "pixel": defaultActions other than one "fixed-response" are not modelled on this machine',
        ],
        [
            "a listener of another's load balancer",
            {},
            { loadBalancerArn: "arn:aws:elasticloadbalancing:other" },
            'listener "pixel": its load balancer is not one of the program\'s',
        ],
    ] as const) {
        it(`refuse ${title}`, () => {
            const balancer = loadBalancer(lb);
            const runtime = testRuntime([bucket("lake"), balancer, listener(balancer, on)]);

            expect(() => new LoadBalancers(runtime, new S3(runtime))).to.throw(message);
        });
    }

    it("have listeners whose answer is left to the defaults", async () => {
        const { url } = await prepare({ on: { protocol: undefined, defaultActions: [{ type: "fixed-response" }] } });

        expect((await fetch(url)).status).to.equal(200);
    });

    it("take part in a pipeline, from the request to the rows", async () => {
        const program = programFolder({
            "Pulumi.yaml": "name: site\nruntime: nodejs\nmain: index.ts\n",
            "index.ts": `
                import { EventPipeline } from "${process.cwd()}";
                const columns = [{ name: "page", type: "string" }, { name: "n", type: "bigint" }];
                new EventPipeline("site", { ingest: { view: { columns, loadBalancer: {}, http: { open: true } } } });
            `,
        });
        const local = await LocalPipeline.start({ program, at: new Date(start) });
        afterTest(() => local.stop());
        const url = local.urls["site-view-pixel"]!;

        await fetch(`${url}/view?page=log&n=9007199254740993`);
        await fetch(`${url}/other?page=log`);
        await fetch(`${url}/view?n=many`);
        await local.send("view", [{ page: "stream" }]);
        const posted = await fetch(`${local.urls["site-view-http"]}/view`, { method: "POST", body: '{"page":"http"}' });
        await local.settle();

        expect(posted.status).to.equal(204);
        expect(local.routes.map(({ method }) => method).sort()).to.deep.equal(["ANY", "POST"]);
        const rows = await local.rows("raw/v0/view/");
        expect(rows.map(({ page }) => page).sort()).to.deep.equal(["http", "log", "stream"]);
        expect(rows.find(({ page }) => page === "log")).to.include({
            n: 9007199254740993n,
            client_address: "127.0.0.1",
        });
        expect((await local.report()).failed).to.deep.equal([
            { stage: "parse-access-log", reason: "column n: expected bigint, got a string", count: 1 },
        ]);
    });
});
