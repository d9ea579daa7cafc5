import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

/** Processors that say what they are called with, and fail where a key tells them to. */
const steps = (source: string) =>
    new pulumi.asset.AssetArchive({
        "index.js": new pulumi.asset.StringAsset(`
            const { setTimeout: sleep } = require("node:timers/promises");
            const seen = new Set();
            exports.handler = async (event) => {
                console.log("called " + JSON.stringify(event));
                const keys = event.objects.map(({ key }) => key);
                ${source}
            };`),
    });
const node = { runtime: "nodejs24.x", handler: "index.handler" };

new EventPipeline("steps", {
    bucket: { forceDestroy: true },
    tables: { upload: { prefix: "uploads/", columns: [{ name: "id", type: "string" }] } },
    processors: {
        "uploads/": [
            {
                name: "picky",
                ...node,
                code: steps(`
                    const failed = keys.filter((key) => key.includes("always"));
                    failed.push(...keys.filter((key) => key.includes("once") && !seen.has(key)));
                    for (const key of keys) seen.add(key);
                    return { failed: failed.map((key) => ({ key, reason: "it does not like " + key })) };`),
            },
        ],
        "uploads/slow/": [{ name: "slow", ...node, timeout: 1, code: steps("await sleep(60_000);") }],
        "uploads/old/": [{ name: "old", ...node, code: steps("return { batchItemFailures: [] };") }],
        "uploads/snake/": [
            {
                name: "snake",
                runtime: "python3.13",
                handler: "main.handler",
                code: new pulumi.asset.AssetArchive({
                    "main.py": new pulumi.asset.StringAsset(
                        [
                            "def handler(event, context):",
                            "    for each in event['objects']:",
                            "        print('called', each['bucket'], each['key'], each['size'], sorted(each))",
                            "    if any('bad' in each['key'] for each in event['objects']):",
                            "        raise ValueError('no snake')",
                        ].join("\n"),
                    ),
                }),
            },
        ],
    },
});
