import type { PipelineShape } from "../../../plan/arguments";

// biome-ignore lint/suspicious/noExplicitAny: a mistake may be of any type
type Inputs = Record<string, any>;

/** Who refuses a mistake. */
export type Catcher = "plan" | "provider" | "policy";

/** A deliberate mistake, in a pipeline's arguments or in one of its resources. */
export interface Mistake {
    what: string;
    caughtBy: Catcher[];
    /** Arguments of a pipeline that has it. */
    args?: PipelineShape;
    /** Last part of the type of the resource that gets it, and the resource's name where several have the type. */
    in?: [type: string, name?: string];
    change?(inputs: Inputs): void;
}

const columns = [{ name: "page", type: "string" }];
const query = (sql: string, prefix: string) => ({ name: "pages", sql, output: { prefix, columns } });

export const mistakes: Mistake[] = [
    {
        what: "a buffer that Firehose does not take",
        caughtBy: ["plan"],
        args: { ingest: { click: { columns, bufferMegabytes: 500 } } },
    },
    {
        what: "a buffer's time that Firehose does not take",
        caughtBy: ["plan"],
        args: { ingest: { click: { columns, bufferSeconds: 1_000 } } },
    },
    {
        what: "a type that Glue does not know",
        caughtBy: ["plan"],
        args: { ingest: { click: { columns: [{ name: "page", type: "text" }] } } },
    },
    {
        what: "a rule's SQL without topics",
        caughtBy: ["plan"],
        args: { ingest: { click: { columns, iot: { sql: "SELECT *" } } } },
    },
    {
        what: "a query that starts itself",
        caughtBy: ["plan"],
        args: {
            ingest: { click: { columns } },
            queries: { "raw/v0/": [query("SELECT page FROM click", "raw/v0/pages/")] },
        },
    },
    {
        what: "a query over a table that is not there",
        caughtBy: ["plan"],
        args: {
            ingest: { click: { columns } },
            queries: { "raw/v0/click/": [query("SELECT page FROM clicks", "processed/v0/pages/")] },
        },
    },
    {
        what: "pages of everybody",
        caughtBy: ["plan"],
        args: { ingest: { click: { columns, http: { open: true, allowedOrigins: ["*"] } } } },
    },
    {
        what: "a topic rule's name with hyphens",
        caughtBy: ["provider"],
        in: ["TopicRule"],
        change: (inputs) => {
            inputs.name = "all-event-iot";
        },
    },
    {
        what: "a role's policy that is no JSON",
        caughtBy: ["provider"],
        in: ["RolePolicy"],
        change: (inputs) => {
            inputs.policy = inputs.policy.slice(0, -1);
        },
    },
    {
        what: "a bucket's policy that is no JSON",
        caughtBy: ["provider", "policy"],
        in: ["BucketPolicy", "all-policy"],
        change: (inputs) => {
            inputs.policy = inputs.policy.slice(1);
        },
    },
    {
        what: "a compression that Firehose does not know",
        caughtBy: ["provider"],
        in: ["FirehoseDeliveryStream"],
        change: (inputs) => {
            inputs.extendedS3Configuration.compressionFormat = "GZ";
        },
    },
    {
        what: "a schedule that EventBridge does not read",
        caughtBy: ["policy"],
        in: ["EventRule", "all-reconcile"],
        change: (inputs) => {
            inputs.scheduleExpression = "cron(0 * * * *)";
        },
    },
    {
        what: "a runtime that Lambda does not know",
        caughtBy: ["provider"],
        in: ["Function"],
        change: (inputs) => {
            inputs.runtime = "node24";
        },
    },
    {
        what: "less memory than Lambda has",
        caughtBy: ["provider"],
        in: ["Function"],
        change: (inputs) => {
            inputs.memorySize = 64;
        },
    },
    {
        what: "a timeout beyond Lambda's",
        caughtBy: ["provider"],
        in: ["Function", "all-event-http"],
        change: (inputs) => {
            inputs.timeout = 1_000;
        },
    },
    {
        what: "a filter policy that is no JSON",
        caughtBy: ["provider"],
        in: ["TopicSubscription"],
        change: (inputs) => {
            inputs.filterPolicy = inputs.filterPolicy.slice(0, -1);
        },
    },
    {
        what: "a filter of what SNS does not filter by",
        caughtBy: ["provider"],
        in: ["TopicSubscription"],
        change: (inputs) => {
            inputs.filterPolicyScope = "Body";
        },
    },
    {
        what: "a visibility timeout beyond SQS's",
        caughtBy: ["provider"],
        in: ["Queue", "all-run-query"],
        change: (inputs) => {
            inputs.visibilityTimeoutSeconds = 50_000;
        },
    },
    {
        what: "a visibility timeout that ends while the function works",
        caughtBy: ["policy"],
        in: ["Queue", "all-run-query"],
        change: (inputs) => {
            inputs.visibilityTimeoutSeconds = 60;
        },
    },
    {
        what: "a key that S3 may delete",
        caughtBy: ["policy"],
        in: ["Key", "all"],
        change: (inputs) => {
            inputs.policy = inputs.policy.replace('"kms:GenerateDataKey*"', '"kms:*"');
        },
    },
    {
        what: "a key's policy that is no JSON",
        caughtBy: ["provider"],
        in: ["Key", "all"],
        change: (inputs) => {
            inputs.policy = `${inputs.policy},`;
        },
    },
    {
        what: "a route without a path",
        caughtBy: ["policy"],
        in: ["Route"],
        change: (inputs) => {
            inputs.routeKey = "POST event";
        },
    },
    {
        what: "a log kept for a number of days that CloudWatch does not know",
        caughtBy: ["provider"],
        in: ["LogGroup"],
        change: (inputs) => {
            inputs.retentionInDays = 31;
        },
    },
    {
        what: "an alarm that compares in unknown words",
        caughtBy: ["provider"],
        in: ["MetricAlarm"],
        change: (inputs) => {
            inputs.comparisonOperator = "GreaterThan";
        },
    },
    {
        what: "an attribute of a table that is no key",
        caughtBy: ["provider"],
        in: ["Table"],
        change: (inputs) => {
            inputs.attributes = [...inputs.attributes, { name: "expires", type: "N" }];
        },
    },
    {
        what: "a stream kept longer than Kinesis does",
        caughtBy: ["provider"],
        in: ["Stream"],
        change: (inputs) => {
            inputs.retentionPeriod = 9_000;
        },
    },
    {
        what: "a cutoff below Athena's",
        caughtBy: ["provider", "policy"],
        in: ["Workgroup"],
        change: (inputs) => {
            inputs.configuration.bytesScannedCutoffPerQuery = 1024 ** 2;
        },
    },
    {
        what: "a rule for old versions that neither counts nor does not",
        caughtBy: ["provider", "policy"],
        in: ["BucketLifecycleConfiguration"],
        change: (inputs) => {
            for (const rule of inputs.rules) rule.status = "On";
        },
    },
    {
        what: "an answer of failed messages in unknown words",
        caughtBy: ["provider"],
        in: ["EventSourceMapping"],
        change: (inputs) => {
            inputs.functionResponseTypes = ["ReportFailures"];
        },
    },
    {
        what: "a listener on a port that is none",
        caughtBy: ["provider"],
        in: ["Listener"],
        change: (inputs) => {
            inputs.port = 80_000;
        },
    },
];
