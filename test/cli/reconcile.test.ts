import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { type ReconcileOptions, reconcile } from "../../cli/reconcile";
import { invokeReconciler } from "../../cli/reconcile/invoke";
import type { ReconcileReport, ReconcileRequest } from "../../handlers/reconcile/contract";
import { rejection } from "../local/support";
import { afterTest } from "../setup";
import { startPipeline, targetOf, temporaryFolder } from "./replay/world";

const none = {
    subscriber: "rollup/pings",
    objects: 0,
    done: 0,
    failed: 0,
    inWork: 0,
    missing: 0,
    republished: 0,
    givenUp: 0,
};
const window = { from: "2026-11-19T04:00:00.000Z", to: "2026-11-21T03:00:00.000Z" };
const example = {
    subscriber: "rollup/pings",
    key: "raw/a",
    version: "v",
    reason: "nothing in the ledger",
    republished: 0,
};

const operations = {
    ...{ pipeline: "web", region: "eu-west-1", bucketName: "web-lake" },
    ...{ ingests: {}, queues: {}, subscribers: {} },
};

describe("eventpipeline reconcile", () => {
    it("says that the books balance, and goes on where a call ran out of time", async () => {
        const next = { prefix: "raw/", after: "raw/x" };

        const { exitCode, text, requests } = await call({}, [
            { window, subscribers: [{ ...none, objects: 1000, done: 1000 }], examples: [], next },
            { window, subscribers: [{ ...none, objects: 2, done: 1, failed: 1 }], examples: [] },
        ]);

        expect(exitCode).to.equal(0);
        expect(requests).to.deep.equal([{ dryRun: false }, { dryRun: false, from: next }]);
        expect(text).to.equal(
            [
                "web: objects written from 2026-11-19T04:00:00.000Z to 2026-11-21T03:00:00.000Z\n",
                "subscriber    objects   done  failed  in work  missing  republished  given up",
                "rollup/pings    1,002  1,001       1        0        0            0         0\n",
                "The books balance.\n",
            ].join("\n"),
        );
    });

    it("names what is missing, and exits with 1", async () => {
        const subscribers = [{ ...none, objects: 1, missing: 1, republished: 1 }];

        const { exitCode, text } = await call({ dryRun: true }, [
            { window, subscribers, examples: Array.from({ length: 21 }, () => example) },
        ]);

        expect(exitCode).to.equal(1);
        expect(text).to.match(/^rollup\/pings {2}raw\/a {3}nothing in the ledger +0$/m);
        expect(text).to.include("… and more (--json prints them)");
        expect(text).to.include("The books do not balance: 1 object missing, 1 republished, 0 given up.");
    });

    it("prints one JSON document", async () => {
        const report = { window, subscribers: [none], examples: [] };

        const { text, requests } = await call({ json: true, dryRun: true }, [report]);

        expect(JSON.parse(text)).to.deep.equal(report);
        expect(requests).to.deep.equal([{ dryRun: true }]);
    });

    it("takes a pipeline that keeps no books for what it is", async () => {
        const failure = await rejection(invokeReconciler({ operations: { ...operations, pipeline: "bare" } }, {}));

        expect(failure.message).to.equal("bare keeps no books: it has no query, rollup or processor");
    });

    it("reconciles a program that runs on this machine, and has what was lost made good", async () => {
        const pipeline = await startPipeline({
            faults: { notifications: [{ fault: "drop", probability: 1, to: "2026-11-21T00:30:00Z" }] },
        });
        await pipeline.send("ping", [{ id: "a", value: 1, sent_at: "2026-11-21 00:00:00" }]);
        await pipeline.settle();
        await pipeline.advanceTo("2026-11-21T03:00:00Z");
        const target = targetOf(pipeline);

        const before = (await invokeReconciler(target, {})) as ReconcileReport;
        await pipeline.settle();
        await pipeline.advanceTo("2026-11-21T06:00:00Z");
        const after = (await invokeReconciler(target, { dryRun: true })) as ReconcileReport;

        const missing = ({ subscribers }: ReconcileReport) => subscribers.map((each) => each.missing);
        expect(missing(before)).to.include(1);
        expect(missing(after).every((count) => count === 0)).to.equal(true);
        expect(pipeline.counters("pings")).to.have.length(1);
    });

    it("calls the function with the user's credentials, and says how it failed", async () => {
        const answers = [
            { headers: {}, body: { examples: [] } },
            { headers: { "x-amz-function-error": "Unhandled" }, body: { errorType: "Error", errorMessage: "no luck" } },
        ];
        const asked: unknown[] = [];
        const server = createServer(async (request, response) => {
            const chunks: Buffer[] = [];
            for await (const chunk of request) chunks.push(chunk);
            asked.push([request.url, JSON.parse(Buffer.concat(chunks).toString())]);
            const { headers, body } = answers.shift()!;
            response.writeHead(200, headers).end(JSON.stringify(body));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        afterTest(() => new Promise((resolve) => server.close(resolve)));
        setEnvironment({
            AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            ...{ AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" },
        });
        const target = { operations: { ...operations, reconcileFunctionName: "f" } };

        expect(await invokeReconciler(target, { dryRun: true })).to.deep.equal({ examples: [] });
        const failure = await rejection(invokeReconciler(target, {}));

        expect(failure.message).to.equal("the function f failed: Error: no luck");
        expect(asked[0]).to.deep.equal(["/2015-03-31/functions/f/invocations", { dryRun: true }]);
    });
});

async function call(options: ReconcileOptions, answers: ReconcileReport[]) {
    let text = "";
    const requests: ReconcileRequest[] = [];
    const out = new Writable({
        write(chunk, _encoding, done) {
            text += chunk;
            done();
        },
    });
    const exitCode = await reconcile(
        undefined,
        { outputs: outputs({ operations }), ...options },
        out,
        async (_, request) => {
            requests.push(request);
            return answers.shift();
        },
    );
    return { exitCode, text, requests };
}

function outputs(value: object): string {
    const file = join(temporaryFolder(), "outputs.json");
    writeFileSync(file, JSON.stringify(value));
    return file;
}

function setEnvironment(values: Record<string, string>): void {
    const before = { ...process.env };
    Object.assign(process.env, values);
    afterTest(() => {
        for (const name of Object.keys(values)) {
            if (before[name] === undefined) delete process.env[name];
            else process.env[name] = before[name];
        }
    });
}
