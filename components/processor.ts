import * as pulumi from "@pulumi/pulumi";
import type { RunProcessorEnvironment } from "../handlers/run-processor/contract";
import {
    checked,
    checkProcessorBatch,
    checkProcessorTimeout,
    type ProcessorOutputArgs,
    processorMargin,
} from "../plan";
import { bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import { createFunction, type FunctionParts } from "./internal/function";
import { allow, readObjects, useTable, writeObjects } from "./internal/policies";
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
    /** Seconds for one call, 1 to 870. @default 60 */
    timeout?: pulumi.Input<number>;
    /** Environment variables. `BUCKET` and `OUTPUT_PREFIX` are added. @default none */
    environment?: Record<string, pulumi.Input<string>>;
    /** Most messages in one call, 1 to 10; each tells of one new object, as a rule. @default 10 */
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
    /** What it is called in the ledger and in reasons. @default the component's name */
    name?: string;
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects. */
    topicArn: pulumi.Input<string>;
    /** Name of the ledger's table. */
    ledgerName: pulumi.Input<string>;
    /** Start of the keys of the objects it is called for, and may read. */
    trigger: string;
    /** Start of the keys of the objects it may write. */
    outputPrefix: string;
}

/**
 * A function of one's own that is called for new objects: it gets `{ objects: [{ bucket, key, size, … }] }`
 * (`ProcessorEvent` of `eventpipeline/processor`), and either answers with those that failed
 * (`{ failed: [{ key, reason }] }`), or throws, and then all of them come again. A function that ships with the package
 * calls it, and writes into the ledger how each version of an object ended: one that is done is not called for again.
 *
 * @example
 * ```ts
 * new Processor("forecast", {
 *     bucketName: lake.bucketName, topicArn: fanOut.topicArn, ledgerName: ledger.tableName,
 *     trigger: "processed/v0/battery/", outputPrefix: "processed/v0/forecast/",
 *     runtime: "python3.13", handler: "forecast.handler", code: new pulumi.asset.FileArchive("./forecast"),
 * });
 * ```
 */
export class Processor extends pulumi.ComponentResource {
    /** ARN of the function of one's own. */
    readonly functionArn: pulumi.Output<string>;
    /** Name of that function's role, for what else it may do. */
    readonly roleName: pulumi.Output<string>;
    /** ARN of the queue of new objects. */
    readonly queueArn: pulumi.Output<string>;
    /** URL of the queue of new objects. */
    readonly queueUrl: pulumi.Output<string>;
    /** URL of the dead-letter queue: objects that it failed for. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: ProcessorComponentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Processor", name, {}, opts);
        checked((report) => {
            checkProcessorTimeout(args.timeout, "timeout", report);
            checkProcessorBatch(args, "", report);
        });
        const parent = this;
        const timeout = pulumi.output(args.timeout ?? defaultTimeout);
        const callerTimeout = timeout.apply((seconds) => seconds + processorMargin);
        const account = currentAccount(parent);
        const { lambda, role } = createLambda();
        const subscription = subscribe(createCaller());
        this.functionArn = lambda.arn;
        this.roleName = role.name;
        this.queueArn = subscription.queueArn;
        this.queueUrl = subscription.queueUrl;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            functionArn: this.functionArn,
            roleName: this.roleName,
            queueArn: this.queueArn,
            queueUrl: this.queueUrl,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createLambda() {
            const bucket = bucketArn(account, args.bucketName);
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

        /** Stands between the queue and the function: it mostly waits, so it is as small as can be. */
        function createCaller() {
            const environment: EnvironmentOf<RunProcessorEnvironment> = {
                PROCESSOR: args.name ?? name,
                FUNCTION_ARN: lambda.arn,
                FUNCTION_TIMEOUT: pulumi.interpolate`${timeout}`,
                LEDGER_TABLE: args.ledgerName,
                BUCKET: args.bucketName,
                TRIGGER: args.trigger,
            };
            return bundledFunction(
                `${name}-run`,
                {
                    bundle: "run-processor",
                    files: {},
                    environment,
                    memorySize: 128,
                    timeout: callerTimeout,
                    statements: [
                        allow("lambda:InvokeFunction", lambda.arn),
                        useTable(account, args.ledgerName, ["GetItem", "UpdateItem"]),
                    ],
                },
                parent,
            );
        }

        function subscribe(caller: FunctionParts) {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: [args.trigger],
                    functionArn: caller.lambda.arn,
                    functionRole: caller.role.name,
                    functionTimeout: callerTimeout,
                    batchSize: args.batchSize,
                    maximumConcurrency: args.maximumConcurrency,
                },
                { parent },
            );
        }
    }
}
