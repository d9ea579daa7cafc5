import * as kinesis from "@pulumi/aws/kinesis";
import * as pulumi from "@pulumi/pulumi";
import { checked, checkKinesis } from "../../plan";
import { policyDocument, putKinesisRecords } from "../internal/policies";

/** A week, in which a failure is noticed: what is not delivered by then is lost. */
const defaultRetentionHours = 168;

/** A Kinesis stream: how large it is, or which one. */
export interface KinesisStreamArgs {
    /** Number of shards, 1 to 10000, each for 1 MB or 1000 records a second. @default on-demand: Kinesis scales it */
    shards?: pulumi.Input<number>;
    /** Hours for which records can be read, 168 to 8760. @default 168 */
    retentionHours?: pulumi.Input<number>;
    /**
     * ARN of a stream that exists, in the same account and region; what else it is stays its owner's.
     * @default a stream is created
     */
    streamArn?: pulumi.Input<string>;
}

/**
 * A Kinesis stream, encrypted and kept for a week, for services that put events in order or read them again; a
 * `DeliveryStream` with its `kinesisStreamArn` collects them.
 *
 * @example
 * ```ts
 * const source = new KinesisStream("clicks", {});
 * new DeliveryStream("clicks", {
 *     bucketName: lake.bucketName,
 *     prefix: "raw/v0/clicks/",
 *     kinesisStreamArn: source.streamArn,
 * });
 * new aws.iam.RolePolicy("producer", { role: role.name, policy: source.putPolicy });
 * ```
 */
export class KinesisStream extends pulumi.ComponentResource {
    /** Name of the stream. */
    readonly streamName: pulumi.Output<string>;
    /** ARN of the stream. */
    readonly streamArn: pulumi.Output<string>;
    /** Policy document that lets a role put records on the stream. */
    readonly putPolicy: pulumi.Output<string>;

    constructor(name: string, args: KinesisStreamArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:KinesisStream", name, {}, opts);
        checked((report) => checkKinesis(args, "", report));
        const parent = this;
        this.streamArn = args.streamArn ? pulumi.output(args.streamArn) : createStream().arn;
        this.streamName = this.streamArn.apply((arn) => arn.slice(arn.indexOf("/") + 1));
        this.putPolicy = policyDocument(putKinesisRecords(this.streamArn));
        this.registerOutputs({ streamName: this.streamName, streamArn: this.streamArn, putPolicy: this.putPolicy });

        function createStream() {
            return new kinesis.Stream(
                name,
                {
                    ...capacity(args.shards),
                    retentionPeriod: args.retentionHours ?? defaultRetentionHours,
                    encryptionType: "KMS",
                    kmsKeyId: "alias/aws/kinesis",
                },
                { parent },
            );
        }
    }
}

function capacity(shardCount: pulumi.Input<number> | undefined): Partial<kinesis.StreamArgs> {
    return shardCount === undefined
        ? { streamModeDetails: { streamMode: "ON_DEMAND" } }
        : { streamModeDetails: { streamMode: "PROVISIONED" }, shardCount };
}
