import type { FirehoseTransformationEvent } from "aws-lambda";

/** When all records arrive. */
export const arrival = Date.UTC(2026, 10, 21, 4, 59, 59, 999);

/** A batch as Firehose hands it over, with a record for each of the contents; their ids start with `prefix`. */
export function batch(contents: (string | Uint8Array)[], prefix = "record"): FirehoseTransformationEvent {
    return {
        invocationId: "invocation",
        deliveryStreamArn: "arn:aws:firehose:eu-central-1:123456789012:deliverystream/pings",
        region: "eu-central-1",
        records: contents.map((content, index) => ({
            recordId: `${prefix}-${index}`,
            approximateArrivalTimestamp: arrival,
            data: Buffer.from(content as string).toString("base64"),
        })),
    };
}
