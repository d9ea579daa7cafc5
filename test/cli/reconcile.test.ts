import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { type ReconcileOptions, reconcile } from "../../cli/reconcile";
import { findReconciler } from "../../cli/reconcile/find";
import { invokeFunction } from "../../cli/reconcile/invoke";
import type { ReconcileReport, ReconcileRequest } from "../../handlers/reconcile/contract";
import { rejection } from "../local/support";
import { afterTest } from "../setup";

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
                "web-reconcile: objects written from 2026-11-19T04:00:00.000Z to 2026-11-21T03:00:00.000Z\n",
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

    describe("finds the function", () => {
        it("by its name, or in a stack's outputs, alone or within another", async () => {
            expect(await findReconciler(undefined, { function: "f" })).to.equal("f");
            expect(await findReconciler(undefined, { outputs: outputs({ reconcileFunctionName: "g" }) })).to.equal("g");
            const within = { bucket: "b", operations: { reconcileFunctionName: "h" }, nothing: null };
            expect(await findReconciler(undefined, { outputs: outputs(within) })).to.equal("h");
        });

        for (const [what, stack, options, message] of [
            [
                "is not said",
                undefined,
                {},
                "say which pipeline, in one way: a stack's name, --outputs FILE, or --function NAME",
            ],
            ["is said twice", "dev", { function: "f" }, "say which pipeline, in one way"],
            [
                "is no output",
                undefined,
                { outputs: () => outputs({ url: "x" }) },
                "has no output `reconcileFunctionName`: put `export const { reconcileFunctionName } = pipeline;` into the program",
            ],
            [
                "is several",
                undefined,
                { outputs: () => outputs({ a: { reconcileFunctionName: "f" }, b: { reconcileFunctionName: "g" } }) },
                "has several pipelines: say --function f or --function g",
            ],
            ["is in no file", undefined, { outputs: () => "missing.json" }, "--outputs missing.json: ENOENT"],
        ] as const) {
            it(`or says that it ${what}`, async () => {
                const file = "outputs" in options ? { outputs: options.outputs() } : options;

                const failure = await findReconciler(stack, file).catch((error) => error);

                expect(failure.message).to.include(message);
            });
        }

        it("by a stack's name, as Pulumi's command line tells", async () => {
            const outputsOf = (script: string) => withPulumi(script, () => findReconciler("org/web/dev", {}));

            expect(await outputsOf(`[ "$5" = org/web/dev ] && echo '{"reconcileFunctionName":"f"}'`)).to.equal("f");
            expect((await outputsOf("echo no such stack >&2; exit 1")).toString()).to.include(
                "the outputs of the stack org/web/dev: no such stack",
            );
            expect((await outputsOf("")).toString()).to.include("Pulumi's command line has to be installed");
        });
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
            ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" },
        });

        expect(await invokeFunction("f", { dryRun: true })).to.deep.equal({ examples: [] });
        const failure = await rejection(invokeFunction("f", {}));

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
    const exitCode = await reconcile(undefined, { function: "web-reconcile", ...options }, out, async (_, request) => {
        requests.push(request);
        return answers.shift();
    });
    return { exitCode, text, requests };
}

function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "reconcile-"));
    afterTest(() => rmSync(made, { recursive: true }));
    return made;
}

function outputs(value: object): string {
    const file = join(folder(), "outputs.json");
    writeFileSync(file, JSON.stringify(value));
    return file;
}

/** With a `pulumi` that is this script, or none. */
async function withPulumi(script: string, act: () => Promise<string>): Promise<string | Error> {
    const bin = folder();
    if (script) writeFileSync(join(bin, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    setEnvironment({ PATH: script ? `${bin}:${process.env.PATH}` : bin });
    return act().catch((error) => error);
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
