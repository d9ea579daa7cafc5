import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { refuseOthers } from "../refusal";

/** A stream as far as it is modelled. */
export interface StreamConfiguration {
    name: string;
    arn: string;
    mode: "ON_DEMAND" | "PROVISIONED";
    shards: number;
    retentionHours: number;
    /** What encrypts its records; absent where nothing does. */
    keyId?: string;
}

/** What Kinesis gives an on-demand stream to begin with. */
const onDemandShards = 4;
const defaultRetentionHours = 24;
const known = [
    ...["name", "shardCount", "streamModeDetails", "retentionPeriod", "encryptionType", "kmsKeyId"],
    ...["enforceConsumerDeletion", "shardLevelMetrics", "tags", "region"],
];

/** The streams that a program registers, and those that its delivery streams read and that exist already. */
export function readStreams(program: CapturedProgram): StreamConfiguration[] {
    const registered = ofType(program, "aws:kinesis/stream:Stream").map(readStream);
    const adopted = sourceArns(program).filter((arn) => !registered.some((stream) => stream.arn === arn));
    return [...registered, ...[...new Set(adopted)].map(adoptedStream)];
}

function readStream({ name: logicalName, inputs, outputs }: CapturedResource): StreamConfiguration {
    refuseOthers(`Kinesis stream "${logicalName}": `, inputs, known);
    const { streamMode: mode = "PROVISIONED" } = (inputs.streamModeDetails ?? {}) as {
        streamMode?: StreamConfiguration["mode"];
    };
    const encrypted = inputs.encryptionType === "KMS";
    return {
        name: String(outputs.name),
        arn: String(outputs.arn),
        mode,
        shards: mode === "ON_DEMAND" ? onDemandShards : Number(inputs.shardCount ?? 1),
        retentionHours: Number(inputs.retentionPeriod ?? defaultRetentionHours),
        ...(encrypted && { keyId: String(inputs.kmsKeyId) }),
    };
}

/** What is not known of a stream that exists is as Kinesis has it by default. */
function adoptedStream(arn: string): StreamConfiguration {
    const name = arn.slice(arn.indexOf("/") + 1);
    return { name, arn, mode: "ON_DEMAND", shards: onDemandShards, retentionHours: defaultRetentionHours };
}

function sourceArns(program: CapturedProgram): string[] {
    return ofType(program, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream").flatMap(({ inputs }) => {
        const source = inputs.kinesisSourceConfiguration as { kinesisStreamArn?: string } | undefined;
        return source?.kinesisStreamArn ?? [];
    });
}
