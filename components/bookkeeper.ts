import * as pulumi from "@pulumi/pulumi";
import {
    type BookedIngest,
    type BooksEnvironment,
    booksMetrics,
    booksNamespace,
    ingestsFile,
} from "../handlers/books/contract";
import { type IngestFormat, type IngestPartitions, planBooks } from "../plan";
import { arnOf, bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import type { FunctionParts } from "./internal/function";
import { alarmAboveZero, callHourly, errorsOf } from "./internal/hourly";
import { workgroupPrefix } from "./internal/names";
import { allow, readObjects, type Statement } from "./internal/policies";

const defaultAfterMinutes = 60;
const defaultBufferSeconds = 300;
/** What an event may wait beside Firehose's buffer: for the function, and some more. */
const moreSeconds = 180;
const timeoutSeconds = 900;
/** A whole core of its own, and room for the ids of some sixty million events. */
const memorySize = 1792;

/** How accepted events are compared with what became of them. */
export interface BooksArgs {
    /**
     * Whether that is done every hour, and an alarm tells of what is missing. Otherwise only `eventpipeline books` does it.
     * @default true
     */
    hourly?: boolean;
    /** Minutes after the end of an hour at which its books are closed, 30 to 1,440 (a day). @default 60 */
    afterMinutes?: pulumi.Input<number>;
}

/** An ingest whose books are kept. */
export interface BookedIngestArgs {
    /** Its name. */
    name: string;
    /** Where its events lie, ending in `/`. */
    prefix: string;
    /** What their objects hold. @default "json" */
    format?: IngestFormat;
    /** How the hours' folders are called. @default "hour" */
    partitions?: IngestPartitions;
    /** Where what failed is kept, ending in `/`. @default `failed/<name>/` */
    errorPrefix?: string;
    /** Where the records are kept as they came, ending in `/`. @default `backup/<name>/` */
    backupPrefix?: string;
    /** Seconds after which Firehose writes an object. @default 300 */
    bufferSeconds?: pulumi.Input<number>;
    /** Whether a load balancer's log makes events of this ingest, too: of these there are no books. @default false */
    loadBalancer?: boolean;
}

/** Arguments of `Bookkeeper`. */
export interface BookkeeperArgs extends BooksArgs {
    /** Name of the pipeline, which its metrics are called after. @default the component's name */
    pipeline?: string;
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** Name of the ledger's table. */
    ledgerName: pulumi.Input<string>;
    /** Whose books are kept. */
    ingests: BookedIngestArgs[];
    /**
     * ARN of the topic that the alarms notify; if it is encrypted, its key must let CloudWatch use it.
     * @default none: the alarms are seen in CloudWatch
     */
    alarmTopicArn?: pulumi.Input<string>;
}

/**
 * Makes up the books of events, by ingest and hour: what Firehose accepted, by its own backup, is delivered, failed or a
 * duplicate. What is neither is counted in a metric that an alarm watches.
 *
 * @example
 * ```ts
 * new Bookkeeper("books", {
 *     pipeline: "web", bucketName: lake.bucketName, ledgerName: ledger.tableName, alarmTopicArn: topic.arn,
 *     ingests: [{ name: "clicks", prefix: "raw/v0/clicks/" }],
 * });
 * ```
 */
export class Bookkeeper extends pulumi.ComponentResource {
    /** Name of the function: `eventpipeline books` calls it. */
    readonly functionName: pulumi.Output<string>;
    /** Name of the alarm on missing events; absent unless `hourly`. */
    readonly alarmName?: pulumi.Output<string>;

    constructor(name: string, args: BookkeeperArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Bookkeeper", name, {}, opts);
        const parent = this;
        const pipeline = workgroupPrefix(args.pipeline ?? name).slice(0, -1); // with the stack
        const { alarmTopicArn } = args;
        const isHourly = planBooks(args);
        const { lambda: books } = createBooks();
        const alarms = isHourly ? [alarmOnMissing(), alarmOnErrors()] : [];
        if (isHourly) callHourly(name, books, `Makes up the books of ${pipeline}`, parent);
        this.functionName = books.name;
        this.alarmName = alarms[0]?.name;
        this.registerOutputs({ functionName: this.functionName, alarmName: this.alarmName });

        function createBooks(): FunctionParts {
            const environment: EnvironmentOf<BooksEnvironment> = {
                PIPELINE: pipeline,
                BUCKET: args.bucketName,
                LEDGER_TABLE: args.ledgerName,
                AFTER_MINUTES: pulumi.interpolate`${args.afterMinutes ?? defaultAfterMinutes}`,
            };
            const files = pulumi
                .output(args.ingests.map(bookedIngest))
                .apply((file): Record<string, unknown> => ({ [ingestsFile]: file }));
            return bundledFunction(
                name,
                { bundle: "books", files, environment, memorySize, timeout: timeoutSeconds, statements: statements() },
                parent,
            );
        }

        function statements(): Statement[] {
            const account = currentAccount(parent);
            const bucket = bucketArn(account, args.bucketName);
            const prefixes = args.ingests.flatMap((ingest) => {
                const { backupPrefix, failedPrefix } = placesOf(ingest);
                return [ingest.prefix, backupPrefix, failedPrefix];
            });
            return [
                allow("s3:ListBucket", bucket, {
                    StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) },
                }),
                readObjects(bucket, prefixes),
                allow(
                    ["dynamodb:Query", "dynamodb:PutItem"],
                    arnOf(account, "dynamodb", pulumi.interpolate`table/${args.ledgerName}`),
                ),
            ];
        }

        function alarmOnMissing() {
            const metric = {
                namespace: booksNamespace,
                metricName: booksMetrics.missing,
                dimensions: { Pipeline: pipeline },
            };
            return alarmAboveZero(name, `Accepted events of ${pipeline} are missing`, metric, alarmTopicArn, parent);
        }

        /** Who fails to look would find nothing. */
        function alarmOnErrors() {
            const description = `The books of ${pipeline} could not be made up`;
            return alarmAboveZero(`${name}-errors`, description, errorsOf(books), alarmTopicArn, parent);
        }
    }
}

function bookedIngest(ingest: BookedIngestArgs): { [Name in keyof BookedIngest]: pulumi.Input<BookedIngest[Name]> } {
    const { name, prefix, format = "json", partitions, bufferSeconds, loadBalancer } = ingest;
    const layout = partitions === "hive" ? "hive_hour" : "arrival_hour";
    const seconds = pulumi.output(bufferSeconds ?? defaultBufferSeconds).apply((each) => each + moreSeconds);
    return {
        ...{ name, prefix, layout, format, ...placesOf(ingest), bufferSeconds: seconds },
        ...(loadBalancer && { loadBalancer }),
    };
}

function placesOf({ name, backupPrefix, errorPrefix }: BookedIngestArgs) {
    return { backupPrefix: backupPrefix ?? `backup/${name}/`, failedPrefix: errorPrefix ?? `failed/${name}/` };
}
