import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deployment } from "./surroundings";

/**
 * A function whose bundle is in that folder, deployed beside a process that answers as AWS does, which has these
 * arguments. What is returned imports it and calls it once.
 */
export async function deployed(fakeAws: string[], folder: string): Promise<() => Promise<void>> {
    const aws = fork(join(__dirname, "fake-aws.js"), fakeAws);
    const [{ assetFile, asset, environment, event, answered = "", endpoint }] = (await once(aws, "message")) as [
        Deployment,
    ];
    if (assetFile !== undefined) await writeFile(join(folder, assetFile), JSON.stringify(asset));
    Object.assign(process.env, environment, {
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_ENDPOINT_URL: endpoint,
    });
    const context = { awsRequestId: "invocation", getRemainingTimeInMillis: () => 60_000 };
    const loaded = Object.keys(require.cache).find((file) => file.includes("@aws-sdk"));
    if (loaded) throw new Error(`${loaded} is loaded already`);
    return async () => {
        const answer = await require(join(folder, "index.js")).handler(event, context);
        const text = JSON.stringify(answer);
        if (answer.batchItemFailures?.length > 0 || answer.statusCode >= 400 || !text.includes(answered)) {
            throw new Error(text);
        }
    };
}
