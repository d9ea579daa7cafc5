import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const bundles = readdirSync("dist/functions").map((name) => join("dist/functions", name, "index.js"));

describe("the functions' bundles", () => {
    let firehose: Server;
    before(async () => {
        firehose = createServer((request, response) => {
            request.resume().on("end", () => {
                response.setHeader("content-type", "application/x-amz-json-1.1");
                response.end('{"FailedPutCount":0,"RequestResponses":[{"RecordId":"1"}]}');
            });
        });
        await new Promise<void>((resolve) => firehose.listen(0, "127.0.0.1", resolve));
    });
    after(() => firehose.close());

    it("import nothing as a module: with node:http, that loads fetch and all of undici", () => {
        for (const bundle of bundles) expect(readFileSync(bundle, "utf8"), bundle).not.to.match(/\bimport\(/);
    });

    it("have clients of our own where they call none but S3, DynamoDB and Firehose", () => {
        const own = bundles.filter((bundle) => !/AWS_SDK_UA_APP_ID/.test(readFileSync(bundle, "utf8")));

        const { files } = JSON.parse(readFileSync("tsconfig.own-clients.json", "utf8"));
        expect(own.map((bundle) => `handlers/${basename(dirname(bundle))}/index.ts`)).to.deep.equal(files);
    });

    it("are passed on with the licenses of what is in them", () => {
        const licenses = readFileSync("dist/THIRD-PARTY-LICENSES.txt", "utf8");

        for (const name of ["@smithy/core", "@aws-sdk/client-athena", "hyparquet"]) {
            expect(licenses).to.match(new RegExp(`^${name} [\\d.]+ \\((Apache-2.0|MIT)\\)$`, "m"));
        }
        expect(licenses).to.include("Apache License").and.to.include("Permission is hereby granted");
        expect(licenses).not.to.include("GPL");
    });

    it("answer a first request without undici, and without TLS where none is asked for", async () => {
        const folder = mkdtempSync(join(tmpdir(), "collect-"));
        try {
            writeFileSync(join(folder, "index.js"), readFileSync("dist/functions/collect/index.js"));
            writeFileSync(join(folder, "columns.json"), '[{"name":"a","type":{"kind":"string"}}]');
            const { port } = firehose.address() as AddressInfo;

            const { stdout } = await promisify(execFile)(process.execPath, ["-e", firstRequest], {
                cwd: folder,
                env: {
                    ...{ DELIVERY_STREAM: "stream", KEY_HASHES: "{}", OPEN: "true", AWS_REGION: "eu-west-1" },
                    ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
                    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
                },
            });

            const { statusCode, loaded } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
            expect(statusCode).to.equal(204);
            expect(
                loaded.filter((name: string) => /undici\/undici|NativeModule (https|tls)$/.test(name)),
            ).to.deep.equal([]);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

const firstRequest = `
    const request = {
        body: '{"a":"x"}',
        headers: { "content-type": "application/json" },
        requestContext: { timeEpoch: Date.now(), http: { method: "POST" } },
    };
    require("./index.js")
        .handler(request, { getRemainingTimeInMillis: () => 10000 })
        .then(({ statusCode }) => console.log(JSON.stringify({ statusCode, loaded: process.moduleLoadList })));
`;
