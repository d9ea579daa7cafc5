import type { FirehoseTransformationResult } from "aws-lambda";
import { expect } from "chai";
import { columnsFile } from "../../../handlers/normalize/contract";
import { batch } from "../../handlers/normalize/batches";
import type { Account } from "./account";
import { BundledFunction } from "./function";

/** `normalize` over an emulator's S3. */
export function describeNormalize(on: () => Account): void {
    describe("normalize", () => {
        it("lets good lines through and keeps nothing", async () => {
            const { transform, account, bucket } = await deploy(on());

            expect(await transform(['{"page":"/a"}\n{"page":"/b"}\n'])).to.deep.equal([
                ["Ok", '{"page":"/a"}\n{"page":"/b"}\n'],
            ]);
            expect(await account.keys(bucket)).to.deep.equal([]);
        });

        it("keeps bad lines, with what is wrong with them, and lets the good ones beside them through", async () => {
            const { transform, account, bucket } = await deploy(on());

            const answers = await transform(['{"page":"/a"}\n{"page":5}\n', "no JSON\n", '{"page":"/c"}']);

            expect(answers).to.deep.equal([
                ["Ok", '{"page":"/a"}\n'],
                ["Dropped", ""],
                ["Ok", '{"page":"/c"}\n'],
            ]);
            const kept = await account.lines(bucket, "failed/click/normalize/2026/11/21/04/");
            expect(kept.map(({ line }) => line)).to.have.members(['{"page":5}', "no JSON"]);
            expect(kept.map(({ reason }) => reason)).to.satisfy((reasons: string[]) => reasons.every(Boolean));
        });

        it("keeps a batch that comes again in the same objects", async () => {
            const { transform, account, bucket } = await deploy(on());
            const contents = ["bad 1\n", 'bad 2\n{"page":"/"}\n', "bad 3\nbad 4\n"];

            const first = await transform(contents);
            const keys = await account.keys(bucket);
            const again = await transform(contents);

            expect(again).to.deep.equal(first);
            expect(keys).to.have.length(3);
            expect(await account.keys(bucket)).to.deep.equal(keys);
            expect(await account.lines(bucket, "failed/")).to.have.length(4);
        });

        it("fails when it can't keep a bad line, so that Firehose comes again", async () => {
            const { transform } = await deploy(on(), { FAILED_BUCKET: "no-such-bucket" });

            const error = await transform(["bad\n"]).then(
                () => "",
                (thrown) => String(thrown),
            );

            expect(error).to.match(
                /failed store: could not write s3:\/\/no-such-bucket\/failed\/click\/.*: NoSuchBucket/,
            );
        });
    });
}

async function deploy(account: Account, settings: object = {}) {
    const bucket = await account.bucket();
    const normalize = new BundledFunction({
        bundle: "normalize",
        asset: [columnsFile, [{ name: "page", type: { kind: "string" } }]],
        environment: { FAILED_BUCKET: bucket, FAILED_PREFIX: "failed/click/", ...settings },
        url: account.url,
    });
    return {
        account,
        bucket,
        async transform(contents: string[]) {
            const { records } = await normalize.invoke<FirehoseTransformationResult>(batch(contents));
            return records.map(({ result, data }) => [result, Buffer.from(data!, "base64").toString()]);
        },
    };
}
