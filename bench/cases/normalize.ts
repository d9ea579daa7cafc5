import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
    FirehoseTransformationEvent,
    FirehoseTransformationEventRecord,
    FirehoseTransformationResult,
} from "aws-lambda";
import { Random } from "../../cli/generate/random";
import { validator } from "../../handlers/shared/validate";
import type { Case } from "../case";
import { differingLines } from "../compare-lines";
import { madeOnce } from "../data/files";
import { ping, pingColumns } from "../data/pings";

const recordsOfBatch = 500;
/** Also where little data is wanted: with less, most of the time goes into warming up. */
const batches = 800;
/** So many different ones, again and again. */
const differentBatches = 20;
const batchesFile = "batches.json";
const linesFile = "lines.ndjson";

/** Batches of Firehose, as senders of HTTP requests fill them: with times in ISO 8601, which tables do not read. */
export const normalizing: Case = {
    name: "normalize",
    about: "Firehose batches of 500 events with a time in ISO 8601",
    data: () => madeOnce("batches-1", make),
    differences: (data, output) =>
        differingLines(
            () => createReadStream(join(data, linesFile)),
            () => createReadStream(output),
        ),
    contestants: [
        { name: "ours", load: (data, output) => transforming(data, output, ours) },
        {
            name: "JSON.parse, ajv and JSON.stringify",
            atLeast: 2.5,
            load: (data, output) => transforming(data, output, byAjv),
        },
    ],
};

type Transform = (event: FirehoseTransformationEvent) => Promise<FirehoseTransformationResult>;

/** Transforms all batches; writes the lines of the last of each kind. */
async function transforming(
    data: string,
    output: string,
    load: () => Promise<Transform>,
): Promise<() => Promise<void>> {
    const events: FirehoseTransformationEvent[] = JSON.parse(await readFile(join(data, batchesFile), "utf8"));
    const transform = await load();
    return async () => {
        const results: FirehoseTransformationResult[] = [];
        for (let index = 0; index < batches; index++) {
            const place = index % events.length;
            results[place] = await transform(events[place]!);
        }
        const records = results.flatMap(({ records }) => records.map(({ data }) => Buffer.from(data!, "base64")));
        await writeFile(output, Buffer.concat(records));
    };
}

async function ours(): Promise<Transform> {
    const { normalize } = await import("../../handlers/normalize/normalize.js");
    const validate = validator(pingColumns);
    const client = { send: async () => undefined } as never;
    return (event) => normalize(event, validate, { client, bucket: "lake", prefix: "failed/" });
}

async function byAjv(): Promise<Transform> {
    const { Ajv } = await import("ajv");
    const isEvent = new Ajv().compile({
        type: "object",
        properties: {
            event_id: { type: "string" },
            device_id: { type: "string" },
            battery: { type: "number" },
            charging: { type: "boolean" },
            sent_at: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z?$" },
            firmware: { type: "string" },
            signal: { type: "integer" },
        },
        additionalProperties: false,
    });
    return async ({ records }) => ({
        records: records.map(({ recordId, data }) => {
            const event = JSON.parse(Buffer.from(data, "base64").toString());
            if (!isEvent(event)) return { recordId, result: "Dropped", data: "" };
            const sent_at = (event as { sent_at: string }).sent_at.replace("T", " ").replace("Z", "");
            const line = `${JSON.stringify({ ...(event as object), sent_at })}\n`;
            return { recordId, result: "Ok", data: Buffer.from(line).toString("base64") };
        }),
    });
}

async function make(folder: string): Promise<void> {
    const random = new Random(1, "batches");
    const lines: string[] = [];
    const events = Array.from({ length: differentBatches }, (_, batch) => ({
        invocationId: "invocation",
        deliveryStreamArn: "arn:aws:firehose:eu-central-1:123456789012:deliverystream/pings",
        region: "eu-central-1",
        records: Array.from({ length: recordsOfBatch }, (_, record) => recordOf(batch * recordsOfBatch + record)),
    }));
    await writeFile(join(folder, batchesFile), JSON.stringify(events));
    await writeFile(join(folder, linesFile), lines.join(""));

    function recordOf(number: number): FirehoseTransformationEventRecord {
        const time = Date.UTC(2026, 10, 21) + 1_000 * number;
        const sent = `${JSON.stringify(ping(random, time, "T"))}\n`;
        lines.push(sent.replace(/(\d)T(\d\d:[\d:.]+)Z/, "$1 $2"));
        const data = Buffer.from(sent).toString("base64");
        return { recordId: String(number), approximateArrivalTimestamp: time, data };
    }
}
