import * as pulumi from "@pulumi/pulumi";
import type { ProcessorOutputArgs } from "../plan";
import { bucketArn, currentAccount } from "./internal/account";
import { createFunction } from "./internal/function";
import { readObjects, writeObjects } from "./internal/policies";
import { Subscription } from "./subscription";

const defaultArchitecture = "x86_64";
const defaultMemorySize = 512;
const defaultTimeout = 60;

/** A function of one's own, in any of Lambda's languages. */
export interface ProcessorCodeArgs {
    /** Lambda's runtime. @example "python3.13" */
    runtime: pulumi.Input<string>;
    /** What is called, as the runtime spells it. @example "forecast.handler" */
    handler: pulumi.Input<string>;
    /** The code with all it needs. @example new pulumi.asset.FileArchive("./forecast") */
    code: pulumi.asset.Archive;
    /** `x86_64` or `arm64`, which costs less; native modules must fit. @default "x86_64" */
    architecture?: pulumi.Input<string>;
    /** MB, 128 to 10,240; the processor's speed grows with it. @default 512 */
    memorySize?: pulumi.Input<number>;
    /** Seconds for one batch of messages, 1 to 900. @default 60 */
    timeout?: pulumi.Input<number>;
    /** Environment variables. `BUCKET` and `OUTPUT_PREFIX` are added. @default none */
    environment?: Record<string, pulumi.Input<string>>;
    /** Most messages in one call. @default 10 */
    batchSize?: pulumi.Input<number>;
    /** Most calls at the same time, 2 to 1,000. @default 10 */
    maximumConcurrency?: pulumi.Input<number>;
}

/** A processor of a pipeline. */
export interface ProcessorArgs extends ProcessorCodeArgs {
    /** Names the function and, if it has columns, its table. */
    name: string;
    /** Where it writes. @default `processed/v0/<name>/`, no table */
    output?: ProcessorOutputArgs;
}

/** Arguments of `Processor`. */
export interface ProcessorComponentArgs extends ProcessorCodeArgs {
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects. */
    topicArn: pulumi.Input<string>;
    /** Start of the keys of the objects it is called for, and may read. */
    trigger: string;
    /** Start of the keys of the objects it may write. */
    outputPrefix: string;
}

/**
 * A function of one's own that is called for new objects: it gets SQS messages with S3 events in their bodies, and
 * either answers with the ones that failed (`{ batchItemFailures: [{ itemIdentifier }] }`), or throws, and then all of
 * them come again.
 *
 * @example
 * ```ts
 * new Processor("forecast", {
 *     bucketName: lake.bucketName, topicArn: fanOut.topicArn,
 *     trigger: "processed/v0/battery/", outputPrefix: "processed/v0/forecast/",
 *     runtime: "python3.13", handler: "forecast.handler", code: new pulumi.asset.FileArchive("./forecast"),
 * });
 * ```
 */
export class Processor extends pulumi.ComponentResource {
    /** ARN of the function. */
    readonly functionArn: pulumi.Output<string>;
    /** Name of the function's role, for what else it may do. */
    readonly roleName: pulumi.Output<string>;
    /** URL of the dead-letter queue. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: ProcessorComponentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Processor", name, {}, opts);
        const parent = this;
        const timeout = args.timeout ?? defaultTimeout;
        const { lambda, role } = createLambda();
        const subscription = subscribe();
        this.functionArn = lambda.arn;
        this.roleName = role.name;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            functionArn: this.functionArn,
            roleName: this.roleName,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createLambda() {
            const bucket = bucketArn(currentAccount(parent), args.bucketName);
            return createFunction(
                name,
                {
                    runtime: args.runtime,
                    handler: args.handler,
                    code: args.code,
                    architecture: args.architecture ?? defaultArchitecture,
                    memorySize: args.memorySize ?? defaultMemorySize,
                    timeout,
                    environment: { ...args.environment, BUCKET: args.bucketName, OUTPUT_PREFIX: args.outputPrefix },
                    statements: [readObjects(bucket, [args.trigger]), writeObjects(bucket, [args.outputPrefix])],
                },
                parent,
            );
        }

        function subscribe() {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: [args.trigger],
                    functionArn: lambda.arn,
                    functionRole: role.name,
                    functionTimeout: timeout,
                    batchSize: args.batchSize,
                    maximumConcurrency: args.maximumConcurrency,
                },
                { parent },
            );
        }
    }
}
