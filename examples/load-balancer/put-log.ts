/**
 * Puts a log from standard input where the load balancer's own lie, as Elastic Load Balancing does: packed, below the
 * prefix, under a name that says when its five minutes ended.
 * Usage: ts-node -T examples/load-balancer/put-log.ts BUCKET < access.log
 */
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const account = "123456789012";
const region = "us-east-1";

/** Puts a log into the bucket, and returns its key. */
export async function putLog(client: S3Client, bucket: string, log: string | Buffer, end = new Date()) {
    const time = `${end.toISOString().slice(0, 16).replace(/[-:]/g, "")}Z`;
    const folder = `${account}/elasticloadbalancing/${region}/${end.toISOString().slice(0, 10).replaceAll("-", "/")}`;
    const owner = `${account}_elasticloadbalancing_${region}_app.site.50dc6c495c0c9188`;
    const name = `${owner}_${time}_192.0.2.1_${randomBytes(4).toString("hex")}.log.gz`;
    const key = `alb/pageview/AWSLogs/${folder}/${name}`;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: gzipSync(log) }));
    return key;
}

async function main(): Promise<void> {
    const bucket = process.argv[2];
    if (!bucket) throw new Error("usage: ts-node -T put-log.ts BUCKET < access.log");
    const key = await putLog(new S3Client({}), bucket, await text(process.stdin));
    process.stderr.write(`s3://${bucket}/${key}\n`);
}

if (require.main === module) void main();
