import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExtendedS3DestinationConfiguration } from "@aws-sdk/client-firehose";
import { CreateEventSourceMappingCommand, CreateFunctionCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { columnsFile } from "../../../handlers/collect/contract";
import { rollupFile } from "../../../handlers/count-events/contract";
import { queryMapFile } from "../../../handlers/run-query/contract";
import { request } from "../../handlers/collect/requests";
import { pings } from "../../handlers/count-events/world";
import { type Account, eventually } from "./account";

const columns = [
    { name: "device", type: { kind: "string" } },
    { name: "at", type: { kind: "timestamp" } },
    { name: "volts", type: { kind: "float", bits: 64 } },
    { name: "event_id", type: { kind: "string" } },
    { name: "received_at", type: { kind: "timestamp" } },
];
const queries = [{ name: "all", trigger: "raw/", sql: ["SELECT 1 AS n"] }];

/** The functions in an emulator's own Lambda, called by its other services. */
export function describeChain(on: () => Account): void {
    describe("in its own Lambda", () => {
        it("events are taken, checked, stored, counted and queried", async () => {
            const account = on();
            const { bucket, counters } = await deployAll(account);

            const answer = await post(account, '{"device":"a","at":"2026-11-21T04:00:00Z","volts":1.5}');

            expect(answer).to.deep.equal({ statusCode: 204 });
            await eventually(async () => (await account.items(counters)).length > 0);
            const [counted] = await account.items(counters);
            expect(counted).to.include({ name: "a", timestamp: "2026-11-21T04:00:00Z", count: "1", sum_volts: "1.5" });
            const [line] = await account.lines(bucket, "raw/");
            expect(line).to.include({ device: "a", at: "2026-11-21 04:00:00" });
            await eventually(async () => (await account.runs(`${bucket}-all`)).length === 1);
        });
    });
}

async function post(account: Account, body: string): Promise<unknown> {
    const Payload = JSON.stringify(request({ body }));
    const answer = await account.lambda.send(new InvokeCommand({ FunctionName: "collect", Payload }));
    return JSON.parse(Buffer.from(answer.Payload!).toString());
}

/** What components make of an ingest, a rollup and a query. */
async function deployAll(account: Account): Promise<{ bucket: string; counters: string }> {
    const bucket = await account.bucket();
    const [LEDGER_TABLE, counters] = [await account.table(), await account.table("name", "timestamp")];
    const topic = await account.announcing(bucket, "raw/");
    await account.workgroup(`${bucket}-all`, bucket, "all");
    const normalize = await deploy(account, "normalize", columnsFile, columns, {
        FAILED_BUCKET: bucket,
        FAILED_PREFIX: "failed/",
    });
    await deploy(account, "collect", columnsFile, columns, {
        DELIVERY_STREAM: await account.deliveryStream(bucket, transformedBy(normalize)),
        KEY_HASHES: "{}",
        OPEN: "true",
    });
    await subscribe("count-events", rollupFile, pings, {
        BUCKET: bucket,
        TABLE: counters,
        LEDGER_TABLE,
        TRIGGER: "raw/",
        FAILED_PREFIX: "failed/",
        MAXIMUM_BYTES: "1000000",
    });
    await subscribe(
        "run-query",
        queryMapFile,
        { queries },
        {
            PIPELINE: "chain",
            BUCKET: bucket,
            DATABASE: "default",
            WORKGROUP_PREFIX: `${bucket}-`,
            LEDGER_TABLE,
            FAILURES_TOPIC: await account.topic(),
        },
    );
    return { bucket, counters };

    async function subscribe(bundle: string, file: string, content: unknown, environment: Record<string, string>) {
        const FunctionName = await deploy(account, bundle, file, content, environment);
        const { arn: EventSourceArn } = await account.subscribed(topic);
        const FunctionResponseTypes = ["ReportBatchItemFailures" as const];
        const mapping = { EventSourceArn, FunctionName, FunctionResponseTypes, BatchSize: 10 };
        await account.lambda.send(new CreateEventSourceMappingCommand(mapping));
    }
}

/** Without compression, since a name that promises it is all that there is of it. */
function transformedBy(ParameterValue: string): Partial<ExtendedS3DestinationConfiguration> {
    const Parameters = [{ ParameterName: "LambdaArn" as const, ParameterValue }];
    return {
        CompressionFormat: "UNCOMPRESSED",
        FileExtension: ".json",
        ProcessingConfiguration: { Enabled: true, Processors: [{ Type: "Lambda", Parameters }] },
    };
}

/** A function of a bundle and the file beside it; its ARN. */
async function deploy(
    { lambda, url }: Account,
    bundle: string,
    file: string,
    content: unknown,
    environment: Record<string, string>,
): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), `${bundle}-`));
    try {
        cpSync(join("dist", "functions", bundle), folder, { recursive: true });
        writeFileSync(join(folder, file), JSON.stringify(content));
        execFileSync("python3", ["-m", "zipfile", "-c", "code.zip", "index.js", file], { cwd: folder });
        const command = new CreateFunctionCommand({
            FunctionName: bundle,
            Runtime: "nodejs24.x",
            Handler: "index.handler",
            Role: "arn:aws:iam::000000000000:role/function",
            Timeout: 60,
            Code: { ZipFile: readFileSync(join(folder, "code.zip")) },
            Environment: { Variables: { ...environment, AWS_ENDPOINT_URL: url } },
        });
        return (await lambda.send(command)).FunctionArn!;
    } finally {
        rmSync(folder, { recursive: true });
    }
}
