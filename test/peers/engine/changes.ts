/** Arguments of `EventPipeline`, each changed: what the engine is to make of it. */
import { asset } from "@pulumi/pulumi";
import type { Edit } from "./programs";

/** A change to the program in `everything/`. */
export interface ArgumentChange {
    /** The argument; list indexes and keys of records are left out. */
    path: string;
    edit: Edit;
    /** What follows from it. */
    does: string[];
}

const text = { type: "string" } as const;

/** Parts of the program: a change is tried on the one that has its argument, and all that it should leave alone. */
export const parts: Record<string, Edit> = {
    sources(args) {
        for (const reacting of ["queries", "processors", "rollups", "failures"] as const) delete args[reacting];
        delete args.ingest!.event!.compact;
    },
    readers(args) {
        for (const source of ["http", "iot", "kinesis", "loadBalancer"] as const) delete args.ingest!.event![source];
        delete args.streamApi;
    },
    bucket(args) {
        parts.readers!(args);
        args.bucket = { existing: "foreign-lake", eventBridge: true };
    },
};

/** The part of the program that has an argument. */
export function partOf(path: string): string {
    if (["bucket.topicArn", "bucket.ownNotifications"].includes(path)) return "bucket";
    const ofSources = /^(streamApi|tables|ingest\.(?!compact|buffer))/;
    return ofSources.test(path) ? "sources" : "readers";
}

export const changes: ArgumentChange[] = [
    {
        path: "bucket.existing",
        edit: (args) => (args.bucket = { existing: "foreign-lake", ownNotifications: true }),
        does: [
            "delete Bucket all",
            "delete Bucket all-logs",
            "delete BucketLifecycleConfiguration all-lifecycle",
            "delete BucketLifecycleConfiguration all-logs-lifecycle",
            "delete BucketLogging all-logging",
            "delete BucketOwnershipControls all-logs-ownership",
            "delete BucketOwnershipControls all-ownership",
            "delete BucketPolicy all-logs-policy",
            "delete BucketPolicy all-policy",
            "delete BucketPublicAccessBlock all-logs-public-access",
            "delete BucketPublicAccessBlock all-public-access",
            "delete BucketServerSideEncryptionConfiguration all-encryption",
            "delete BucketServerSideEncryptionConfiguration all-logs-encryption",
            "delete BucketVersioning all-logs-versioning",
            "delete BucketVersioning all-versioning",
            "replace BucketNotification all-notification: bucket",
            "update CatalogTable all-event",
            "update CatalogTable all-event_parquet",
            "update CatalogTable all-export",
            "update CatalogTable all-forecast",
            "update CatalogTable all-report",
            "update CatalogTable all-row",
            "update CatalogTable all-total",
            "update FirehoseDeliveryStream all-event",
            "update FirehoseDeliveryStream all-row",
            "update Function all-books",
            "update Function all-convert-result",
            "update Function all-counts",
            "update Function all-event-normalize",
            "update Function all-event_parquet",
            "update Function all-forecast",
            "update Function all-forecast-run",
            "update Function all-reconcile",
            "update Function all-row-normalize",
            "update Function all-run-query",
            "update Key all",
            "update RolePolicy all-books-policy",
            "update RolePolicy all-convert-result-policy",
            "update RolePolicy all-counts-policy",
            "update RolePolicy all-event-normalize-policy",
            "update RolePolicy all-event-policy",
            "update RolePolicy all-event_parquet-policy",
            "update RolePolicy all-forecast-policy",
            "update RolePolicy all-reconcile-policy",
            "update RolePolicy all-row-normalize-policy",
            "update RolePolicy all-row-policy",
            "update RolePolicy all-run-query-policy",
            "update TopicPolicy all-policy",
            "update Workgroup all-event_parquet",
            "update Workgroup all-run-query-report",
            "update Workgroup all-run-query-total",
        ],
    },
    {
        path: "bucket.eventBridge",
        edit: (args) => {
            args.bucket = { existing: "foreign-lake", eventBridge: true };
        },
        does: [
            "create EventRule all",
            "create EventTarget all-target",
            "delete Bucket all",
            "delete Bucket all-logs",
            "delete BucketLifecycleConfiguration all-lifecycle",
            "delete BucketLifecycleConfiguration all-logs-lifecycle",
            "delete BucketLogging all-logging",
            "delete BucketNotification all-notification",
            "delete BucketOwnershipControls all-logs-ownership",
            "delete BucketOwnershipControls all-ownership",
            "delete BucketPolicy all-logs-policy",
            "delete BucketPolicy all-policy",
            "delete BucketPublicAccessBlock all-logs-public-access",
            "delete BucketPublicAccessBlock all-public-access",
            "delete BucketServerSideEncryptionConfiguration all-encryption",
            "delete BucketServerSideEncryptionConfiguration all-logs-encryption",
            "delete BucketVersioning all-logs-versioning",
            "delete BucketVersioning all-versioning",
            "update CatalogTable all-event",
            "update CatalogTable all-event_parquet",
            "update CatalogTable all-export",
            "update CatalogTable all-forecast",
            "update CatalogTable all-report",
            "update CatalogTable all-row",
            "update CatalogTable all-total",
            "update FirehoseDeliveryStream all-event",
            "update FirehoseDeliveryStream all-row",
            "update Function all-books",
            "update Function all-convert-result",
            "update Function all-counts",
            "update Function all-event-normalize",
            "update Function all-event_parquet",
            "update Function all-forecast",
            "update Function all-forecast-run",
            "update Function all-reconcile",
            "update Function all-row-normalize",
            "update Function all-run-query",
            "update Key all",
            "update RolePolicy all-books-policy",
            "update RolePolicy all-convert-result-policy",
            "update RolePolicy all-counts-policy",
            "update RolePolicy all-event-normalize-policy",
            "update RolePolicy all-event-policy",
            "update RolePolicy all-event_parquet-policy",
            "update RolePolicy all-forecast-policy",
            "update RolePolicy all-reconcile-policy",
            "update RolePolicy all-row-normalize-policy",
            "update RolePolicy all-row-policy",
            "update RolePolicy all-run-query-policy",
            "update TopicPolicy all-policy",
            "update Workgroup all-event_parquet",
            "update Workgroup all-run-query-report",
            "update Workgroup all-run-query-total",
        ],
    },
    {
        path: "bucket.topicArn",
        edit: (args) => {
            args.bucket = { existing: "foreign-lake", topicArn: "arn:aws:sns:us-east-1:000000000000:foreign" };
        },
        does: [
            "delete Alias all-alias",
            "delete EventRule all",
            "delete EventTarget all-target",
            "delete Key all",
            "delete Topic all",
            "delete TopicPolicy all-policy",
            "replace TopicSubscription all-convert-result: topic",
            "replace TopicSubscription all-counts: topic",
            "replace TopicSubscription all-event_parquet: topic",
            "replace TopicSubscription all-forecast: topic",
            "replace TopicSubscription all-run-query: topic",
            "update QueuePolicy all-convert-result-dead-letters-policy",
            "update QueuePolicy all-convert-result-policy",
            "update QueuePolicy all-counts-dead-letters-policy",
            "update QueuePolicy all-counts-policy",
            "update QueuePolicy all-event_parquet-dead-letters-policy",
            "update QueuePolicy all-event_parquet-policy",
            "update QueuePolicy all-forecast-dead-letters-policy",
            "update QueuePolicy all-forecast-policy",
            "update QueuePolicy all-run-query-dead-letters-policy",
            "update QueuePolicy all-run-query-policy",
        ],
    },
    {
        path: "bucket.ownNotifications",
        edit: (args) => {
            args.bucket = { existing: "foreign-lake", ownNotifications: true };
        },
        does: [
            "create BucketNotification all-notification",
            "delete EventRule all",
            "delete EventTarget all-target",
            "update Key all",
            "update TopicPolicy all-policy",
        ],
    },
    {
        path: "bucket.forceDestroy",
        edit: (args) => (args.bucket = { forceDestroy: true }),
        does: ["update Bucket all", "update Bucket all-logs", "update Table all-counts", "update Table all-ledger"],
    },
    {
        path: "databaseName",
        edit: (args) => (args.databaseName = "another"),
        does: [
            "replace CatalogDatabase all: name",
            "replace CatalogTable all-event: databaseName",
            "replace CatalogTable all-event_parquet: databaseName",
            "replace CatalogTable all-export: databaseName",
            "replace CatalogTable all-forecast: databaseName",
            "replace CatalogTable all-report: databaseName",
            "replace CatalogTable all-row: databaseName",
            "replace CatalogTable all-total: databaseName",
            "update FirehoseDeliveryStream all-row",
            "update Function all-event_parquet",
            "update Function all-run-query",
            "update RolePolicy all-event_parquet-policy",
            "update RolePolicy all-row-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "failures.emails",
        edit: (args) => args.failures!.emails!.push("more@example.com"),
        does: ["create TopicSubscription all-failures-1"],
    },

    {
        path: "ingest.columns",
        edit: ({ ingest }) => ingest!.event!.columns.push({ name: "more", ...text }),
        does: [
            "replace Deployment all-stream-api-deployment: triggers",
            "update CatalogTable all-event",
            "update Function all-event-http",
            "update Function all-event-kinesis-normalize",
            "update Function all-event-normalize",
            "update Function all-event-pixel",
            "update Model all-stream-api-event-event",
            "update Model all-stream-api-event-events",
            "update Stage all-stream-api-stage",
        ],
    },
    {
        path: "ingest.columns.comment",
        edit: ({ ingest }) => (ingest!.row!.columns[0]!.comment = "a cell"),
        does: ["update CatalogTable all-row"],
    },
    {
        path: "ingest.columns.name",
        edit: ({ ingest }) => (ingest!.row!.columns[0]!.name = "box"),
        does: ["update CatalogTable all-row", "update Function all-row-normalize"],
    },
    {
        path: "ingest.columns.type",
        edit: ({ ingest }) => (ingest!.row!.columns[0]!.type = "bigint"),
        does: ["update CatalogTable all-row", "update Function all-row-normalize"],
    },
    {
        path: "ingest.prefix",
        edit: ({ ingest }) => (ingest!.row!.prefix = "raw/v1/row/"),
        does: [
            "update CatalogTable all-row",
            "update FirehoseDeliveryStream all-row",
            "update Function all-books",
            "update RolePolicy all-books-policy",
            "update RolePolicy all-row-policy",
        ],
    },
    {
        path: "ingest.format",
        edit: ({ ingest }) => Object.assign(ingest!.row!, { format: "json", prefix: "raw/v1/row/" }),
        does: [
            "update CatalogTable all-row",
            "update FirehoseDeliveryStream all-row",
            "update Function all-books",
            "update RolePolicy all-books-policy",
            "update RolePolicy all-row-policy",
        ],
    },
    {
        path: "ingest.partitions",
        edit: ({ ingest }) => Object.assign(ingest!.row!, { partitions: "hour", prefix: "raw/v1/row/" }),
        does: [
            "update CatalogTable all-row",
            "update FirehoseDeliveryStream all-row",
            "update Function all-books",
            "update RolePolicy all-books-policy",
            "update RolePolicy all-row-policy",
        ],
    },
    {
        path: "ingest.since",
        edit: ({ ingest }) => (ingest!.row!.since = "2025-01-01"),
        does: ["update CatalogTable all-row"],
    },
    {
        path: "ingest.compact.every",
        edit: ({ ingest }) => (ingest!.event!.compact = { every: "hour", prefix: "parquet/v1/event/" }),
        does: [
            "update CatalogTable all-event_parquet",
            "update Function all-event_parquet",
            "update RolePolicy all-event_parquet-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "ingest.compact.prefix",
        edit: ({ ingest }) => (ingest!.event!.compact!.prefix = "parquet/v1/event/"),
        does: [
            "update CatalogTable all-event_parquet",
            "update Function all-event_parquet",
            "update RolePolicy all-event_parquet-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "ingest.bufferMegabytes",
        edit: ({ ingest }) => (ingest!.event!.bufferMegabytes = 128),
        does: ["update FirehoseDeliveryStream all-event"],
    },
    {
        path: "ingest.bufferSeconds",
        edit: ({ ingest }) => (ingest!.event!.bufferSeconds = 600),
        does: [
            "update FirehoseDeliveryStream all-event",
            "update Function all-books",
            "update Function all-event_parquet",
            "update MetricAlarm all-alarms-event-late",
        ],
    },

    {
        path: "ingest.http.keys",
        edit: ({ ingest }) => (ingest!.event!.http!.keys = { web: "another-key-of-the-web" }),
        does: ["update Function all-event-http"],
    },
    {
        path: "ingest.http.open",
        edit: ({ ingest }) => (ingest!.event!.http = { open: true }),
        does: ["update Function all-event-http"],
    },
    {
        path: "ingest.http.allowedOrigins",
        edit: ({ ingest }) => (ingest!.event!.http!.allowedOrigins = ["https://app.example.com"]),
        does: ["update Api all-event-http"],
    },
    {
        path: "ingest.http.requestsPerSecond",
        edit: ({ ingest }) => (ingest!.event!.http!.requestsPerSecond = 5),
        does: ["update Stage all-event-http-stage"],
    },
    {
        path: "ingest.http.burst",
        edit: ({ ingest }) => (ingest!.event!.http!.burst = 10),
        does: ["update Stage all-event-http-stage"],
    },

    {
        path: "ingest.iot.sql",
        edit: ({ ingest }) => (ingest!.event!.iot!.sql = "SELECT * FROM 'other/#'"),
        does: ["update TopicRule all_event_iot"],
    },
    {
        path: "ingest.iot.batchMode",
        edit: ({ ingest }) => (ingest!.event!.iot!.batchMode = true),
        does: ["update TopicRule all_event_iot"],
    },
    {
        path: "ingest.iot.deadLetterQueue",
        edit: ({ ingest }) => (ingest!.event!.iot!.deadLetterQueue = false),
        does: [
            "delete MetricAlarm all-alarms-event-iot-dead-letters",
            "delete Queue all-event-iot-dead-letters",
            "delete QueuePolicy all-event-iot-dead-letters-policy",
            "update RolePolicy all-event-iot-policy",
            "update TopicRule all_event_iot",
        ],
    },

    {
        path: "ingest.kinesis.shards",
        edit: ({ ingest }) => (ingest!.event!.kinesis!.shards = 2),
        does: ["update Stream all-event-kinesis"],
    },
    {
        path: "ingest.kinesis.retentionHours",
        edit: ({ ingest }) => (ingest!.event!.kinesis!.retentionHours = 336),
        does: ["update Stream all-event-kinesis"],
    },
    {
        path: "ingest.kinesis.streamArn",
        edit: ({ ingest }) =>
            (ingest!.event!.kinesis = { streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/foreign" }),
        does: [
            "delete Stream all-event-kinesis",
            "replace Deployment all-stream-api-deployment: triggers",
            "replace FirehoseDeliveryStream all-event-kinesis: kinesisSourceConfiguration",
            "update Integration all-stream-api-event-get",
            "update Integration all-stream-api-event-record-put",
            "update Integration all-stream-api-event-records-put",
            "update MetricAlarm all-alarms-event-kinesis-late",
            "update MetricAlarm all-alarms-event-kinesis-unchecked",
            "update RolePolicy all-event-kinesis-policy",
            "update RolePolicy all-stream-api-policy",
            "update Stage all-stream-api-stage",
        ],
    },

    {
        path: "ingest.loadBalancer.vpcId",
        edit: ({ ingest }) => Object.assign(ingest!.event!.loadBalancer!, otherVpc),
        does: ["replace SecurityGroup all-event-pixel: vpcId", "update LoadBalancer all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.subnetIds",
        edit: ({ ingest }) =>
            Object.assign(ingest!.event!.loadBalancer!, { vpcId: "vpc-00000000", subnetIds: ["subnet-1", "subnet-2"] }),
        does: ["update LoadBalancer all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.path",
        edit: ({ ingest }) => (ingest!.event!.loadBalancer!.path = "/view"),
        does: ["update Function all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.certificateArn",
        edit: ({ ingest }) => (ingest!.event!.loadBalancer!.certificateArn = certificate),
        does: ["update Listener all-event-pixel", "update SecurityGroup all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.tlsPolicy",
        edit: ({ ingest }) =>
            Object.assign(ingest!.event!.loadBalancer!, {
                certificateArn: certificate,
                tlsPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06",
            }),
        does: ["update Listener all-event-pixel", "update SecurityGroup all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.allowedOrigin",
        edit: ({ ingest }) => (ingest!.event!.loadBalancer!.allowedOrigin = "https://app.example.com"),
        does: ["update Listener all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.clientAddress",
        edit: ({ ingest }) => (ingest!.event!.loadBalancer!.clientAddress = "truncate"),
        does: ["update Function all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.beacons",
        edit: ({ ingest }) => (ingest!.event!.loadBalancer!.beacons = true),
        does: ["update Function all-event-pixel"],
    },
    {
        path: "ingest.loadBalancer.deletionProtection",
        edit: ({ ingest }) => (ingest!.event!.loadBalancer!.deletionProtection = false),
        does: ["update LoadBalancer all-event-pixel"],
    },

    {
        path: "tables.prefix",
        edit: ({ tables }) => (tables!.export!.prefix = "others/"),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.format",
        edit: ({ tables }) => Object.assign(tables!.export!, { format: "json", csv: undefined }),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.columns",
        edit: ({ tables }) => tables!.export!.columns!.push({ name: "more", ...text }),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.csv.separator",
        edit: ({ tables }) => (tables!.export!.csv!.separator = "|"),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.csv.quote",
        edit: ({ tables }) => (tables!.export!.csv!.quote = "'"),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.csv.escape",
        edit: ({ tables }) => (tables!.export!.csv!.escape = "^"),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.csv.headerLines",
        edit: ({ tables }) => (tables!.export!.csv!.headerLines = 1),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.partition",
        edit: ({ tables }) => (tables!.export!.partition = "hive_hour"),
        does: ["update CatalogTable all-export"],
    },
    {
        path: "tables.since",
        edit: ({ tables }) => (tables!.export!.since = "2025-01-01"),
        does: ["update CatalogTable all-export"],
    },

    {
        path: "streamApi.keys",
        edit: (args) => (args.streamApi!.keys = { app: "another-key-of-the-app" }),
        does: ["replace ApiKey all-stream-api-app: value", "replace UsagePlanKey all-stream-api-app: keyId"],
    },
    {
        path: "streamApi.allowedOrigins",
        edit: (args) => (args.streamApi!.allowedOrigins = ["https://a.example.com"]),
        does: [
            "create Integration all-stream-api-event-options",
            "create Integration all-stream-api-event-record-options",
            "create Integration all-stream-api-event-records-options",
            "create Integration all-stream-api-streams-options",
            "create IntegrationResponse all-stream-api-event-options",
            "create IntegrationResponse all-stream-api-event-record-options",
            "create IntegrationResponse all-stream-api-event-records-options",
            "create IntegrationResponse all-stream-api-streams-options",
            "create Method all-stream-api-event-options",
            "create Method all-stream-api-event-record-options",
            "create Method all-stream-api-event-records-options",
            "create Method all-stream-api-streams-options",
            "create MethodResponse all-stream-api-event-options",
            "create MethodResponse all-stream-api-event-record-options",
            "create MethodResponse all-stream-api-event-records-options",
            "create MethodResponse all-stream-api-streams-options",
            "replace Deployment all-stream-api-deployment: triggers",
            "update IntegrationResponse all-stream-api-event-get",
            "update IntegrationResponse all-stream-api-event-record-put",
            "update IntegrationResponse all-stream-api-event-records-put",
            "update IntegrationResponse all-stream-api-streams-get",
            "update Response all-stream-api-bad-request-body",
            "update Response all-stream-api-default-4xx",
            "update Response all-stream-api-default-5xx",
            "update Response all-stream-api-invalid-api-key",
            "update Response all-stream-api-missing-authentication-token",
            "update Response all-stream-api-quota-exceeded",
            "update Response all-stream-api-request-too-large",
            "update Response all-stream-api-throttled",
            "update Response all-stream-api-unsupported-media-type",
            "update Stage all-stream-api-stage",
        ],
    },
    {
        path: "streamApi.requestsPerSecond",
        edit: (args) => (args.streamApi!.requestsPerSecond = 5),
        does: ["update MethodSettings all-stream-api-settings", "update UsagePlan all-stream-api-usage"],
    },
    {
        path: "streamApi.burst",
        edit: (args) => (args.streamApi!.burst = 10),
        does: ["update MethodSettings all-stream-api-settings", "update UsagePlan all-stream-api-usage"],
    },
    {
        path: "streamApi.usage.requestsPerSecond",
        edit: (args) => (args.streamApi!.usage = { requestsPerSecond: 5 }),
        does: ["update UsagePlan all-stream-api-usage"],
    },
    {
        path: "streamApi.usage.burst",
        edit: (args) => (args.streamApi!.usage = { burst: 5 }),
        does: ["update UsagePlan all-stream-api-usage"],
    },
    {
        path: "streamApi.usage.quota",
        edit: (args) => (args.streamApi!.usage = { quota: 1000 }),
        does: ["update UsagePlan all-stream-api-usage"],
    },
    {
        path: "streamApi.usage.period",
        edit: (args) => (args.streamApi!.usage = { quota: 1000, period: "week" }),
        does: ["update UsagePlan all-stream-api-usage"],
    },
    {
        path: "streamApi.ownAccountLogRole",
        edit: (args) => (args.streamApi!.ownAccountLogRole = true),
        does: [
            "create Account all-stream-api-account",
            "create Role all-stream-api-log-role",
            "create RolePolicyAttachment all-stream-api-log-policy",
        ],
    },

    {
        path: "queries.name",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.name = "summary"),
        does: [
            "create CatalogTable all-summary",
            "create Workgroup all-run-query-summary",
            "delete CatalogTable all-report",
            "delete Workgroup all-run-query-report",
            "update Function all-convert-result",
            "update Function all-reconcile",
            "update Function all-run-query",
            "update RolePolicy all-convert-result-policy",
            "update RolePolicy all-reconcile-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "queries.sql",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.sql = "SELECT source, events FROM total"),
        does: ["update Function all-run-query"],
    },
    {
        path: "queries.output.prefix",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.output.prefix = "reports/v1/report/"),
        does: [
            "update CatalogTable all-report",
            "update Function all-convert-result",
            "update RolePolicy all-convert-result-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "queries.output.columns",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.output.columns[1]!.type = "int"),
        does: ["update CatalogTable all-report", "update Function all-convert-result"],
    },
    {
        path: "queries.output.mode",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.output.mode = "append"),
        does: ["update CatalogTable all-report", "update Function all-convert-result"],
    },
    {
        path: "queries.output.compression",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.output.compression = "fast"),
        does: ["update Function all-convert-result"],
    },
    {
        path: "queries.bytesScannedCutoff",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.bytesScannedCutoff = 20_000_000),
        does: ["update Workgroup all-run-query-report"],
    },
    {
        path: "queries.minimumInterval",
        edit: ({ queries }) => (queries!["processed/v0/total/"]![0]!.minimumInterval = 600),
        does: [
            "create RolePolicy all-run-query-wake",
            "update Function all-reconcile",
            "update Function all-run-query",
        ],
    },

    {
        path: "processors.name",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.name = "outlook"),
        does: [
            "create CatalogTable all-outlook",
            "create EventSourceMapping all-outlook",
            "create Function all-outlook",
            "create Function all-outlook-run",
            "create LogGroup all-outlook-log",
            "create LogGroup all-outlook-run-log",
            "create MetricAlarm all-alarms-outlook-dead-letters",
            "create Queue all-outlook",
            "create Queue all-outlook-dead-letters",
            "create QueuePolicy all-outlook-dead-letters-policy",
            "create QueuePolicy all-outlook-policy",
            "create RedriveAllowPolicy all-outlook-redrive",
            "create Role all-outlook-role",
            "create Role all-outlook-run-role",
            "create RolePolicy all-outlook-consume",
            "create RolePolicy all-outlook-policy",
            "create RolePolicy all-outlook-run-policy",
            "create TopicSubscription all-outlook",
            "delete CatalogTable all-forecast",
            "delete EventSourceMapping all-forecast",
            "delete Function all-forecast",
            "delete Function all-forecast-run",
            "delete LogGroup all-forecast-log",
            "delete LogGroup all-forecast-run-log",
            "delete MetricAlarm all-alarms-forecast-dead-letters",
            "delete Queue all-forecast",
            "delete Queue all-forecast-dead-letters",
            "delete QueuePolicy all-forecast-dead-letters-policy",
            "delete QueuePolicy all-forecast-policy",
            "delete RedriveAllowPolicy all-forecast-redrive",
            "delete Role all-forecast-role",
            "delete Role all-forecast-run-role",
            "delete RolePolicy all-forecast-consume",
            "delete RolePolicy all-forecast-policy",
            "delete RolePolicy all-forecast-run-policy",
            "delete TopicSubscription all-forecast",
            "update Function all-reconcile",
            "update RolePolicy all-reconcile-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "processors.runtime",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.runtime = "python3.14"),
        does: ["update Function all-forecast"],
    },
    {
        path: "processors.handler",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.handler = "forecast.other"),
        does: ["update Function all-forecast"],
    },
    {
        path: "processors.code",
        edit: ({ processors }) =>
            (processors!["processed/v0/total/"]![0]!.code = new asset.AssetArchive({
                "forecast.py": new asset.StringAsset("def handler(event, context): return {}\n"),
            })),
        does: ["update Function all-forecast"],
    },
    {
        path: "processors.architecture",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.architecture = "arm64"),
        does: ["update Function all-forecast"],
    },
    {
        path: "processors.memorySize",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.memorySize = 1024),
        does: ["update Function all-forecast"],
    },
    {
        path: "processors.timeout",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.timeout = 120),
        does: ["update Function all-forecast", "update Function all-forecast-run", "update Queue all-forecast"],
    },
    {
        path: "processors.environment",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.environment = { MODE: "fast" }),
        does: ["update Function all-forecast"],
    },
    {
        path: "processors.batchSize",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.batchSize = 5),
        does: ["update EventSourceMapping all-forecast"],
    },
    {
        path: "processors.maximumConcurrency",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.maximumConcurrency = 5),
        does: ["update EventSourceMapping all-forecast"],
    },
    {
        path: "processors.output.prefix",
        edit: ({ processors }) => (processors!["processed/v0/total/"]![0]!.output!.prefix = "processed/v1/forecast/"),
        does: [
            "update CatalogTable all-forecast",
            "update Function all-forecast",
            "update RolePolicy all-forecast-policy",
            "update RolePolicy all-run-query-policy",
        ],
    },
    {
        path: "processors.output.columns",
        edit: ({ processors }) =>
            processors!["processed/v0/total/"]![0]!.output!.columns!.push({ name: "more", ...text }),
        does: ["update CatalogTable all-forecast"],
    },

    {
        path: "rollups.name",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.name = "tally"),
        does: [
            "create EventSourceMapping all-tally",
            "create Function all-tally",
            "create LogGroup all-tally-log",
            "create MetricAlarm all-alarms-tally-dead-letters",
            "create Queue all-tally",
            "create Queue all-tally-dead-letters",
            "create QueuePolicy all-tally-dead-letters-policy",
            "create QueuePolicy all-tally-policy",
            "create RedriveAllowPolicy all-tally-redrive",
            "create Role all-tally-role",
            "create RolePolicy all-tally-consume",
            "create RolePolicy all-tally-policy",
            "create Table all-tally",
            "create TopicSubscription all-tally",
            "delete EventSourceMapping all-counts",
            "delete Function all-counts",
            "delete LogGroup all-counts-log",
            "delete MetricAlarm all-alarms-counts-dead-letters",
            "delete Queue all-counts",
            "delete Queue all-counts-dead-letters",
            "delete QueuePolicy all-counts-dead-letters-policy",
            "delete QueuePolicy all-counts-policy",
            "delete RedriveAllowPolicy all-counts-redrive",
            "delete Role all-counts-role",
            "delete RolePolicy all-counts-consume",
            "delete RolePolicy all-counts-policy",
            "delete Table all-counts",
            "delete TopicSubscription all-counts",
            "update Function all-reconcile",
            "update RolePolicy all-reconcile-policy",
        ],
    },
    {
        path: "rollups.by",
        edit: ({ rollups }) => rollups!["raw/v0/event/"]![0]!.by.push("value"),
        does: ["update Function all-counts"],
    },
    {
        path: "rollups.time",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.time = "received_at"),
        does: ["update Function all-counts"],
    },
    {
        path: "rollups.timeUnit",
        edit: ({ rollups }) => Object.assign(rollups!["raw/v0/event/"]![0]!, { time: "value", timeUnit: "seconds" }),
        does: ["update Function all-counts"],
    },
    {
        path: "rollups.interval",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.interval = "day"),
        does: ["update Function all-counts"],
    },
    {
        path: "rollups.sum",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.sum = ["value"]),
        does: ["update Function all-counts"],
    },
    {
        path: "rollups.tableName",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.tableName = "Counts"),
        does: ["replace Table all-counts: name", "update Function all-counts", "update RolePolicy all-counts-policy"],
    },
    {
        path: "rollups.nameAttribute",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.nameAttribute = "Name"),
        does: [
            "replace Table all-counts: hashKey",
            "update Function all-counts",
            "update RolePolicy all-counts-policy",
        ],
    },
    {
        path: "rollups.timestampAttribute",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.timestampAttribute = "Timestamp"),
        does: [
            "replace Table all-counts: rangeKey",
            "update Function all-counts",
            "update RolePolicy all-counts-policy",
        ],
    },
    {
        path: "rollups.countAttribute",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.countAttribute = "Count"),
        does: ["update Function all-counts"],
    },
    {
        path: "rollups.maximumMegabytes",
        edit: ({ rollups }) => (rollups!["raw/v0/event/"]![0]!.maximumMegabytes = 64),
        does: ["update Function all-counts"],
    },

    {
        path: "reconcile.hourly",
        edit: (args) => (args.reconcile = { hourly: false }),
        does: [
            "delete EventRule all-reconcile",
            "delete EventTarget all-reconcile",
            "delete MetricAlarm all-reconcile",
            "delete MetricAlarm all-reconcile-errors",
            "delete Permission all-reconcile",
        ],
    },
    {
        path: "reconcile.afterMinutes",
        edit: (args) => (args.reconcile = { afterMinutes: 90 }),
        does: ["update Function all-reconcile"],
    },
    {
        path: "reconcile.lookbackHours",
        edit: (args) => (args.reconcile = { lookbackHours: 24 }),
        does: ["update Function all-reconcile"],
    },
    {
        path: "alarms.enabled",
        edit: (args) => {
            args.alarms = { enabled: false };
        },
        does: [
            "delete MetricAlarm all-alarms-convert-result-dead-letters",
            "delete MetricAlarm all-alarms-counts-dead-letters",
            "delete MetricAlarm all-alarms-event-late",
            "delete MetricAlarm all-alarms-event-unchecked",
            "delete MetricAlarm all-alarms-event_parquet-dead-letters",
            "delete MetricAlarm all-alarms-forecast-dead-letters",
            "delete MetricAlarm all-alarms-row-late",
            "delete MetricAlarm all-alarms-row-unchecked",
            "delete MetricAlarm all-alarms-run-query-dead-letters",
        ],
    },
    {
        path: "books.hourly",
        edit: (args) => {
            args.books = { hourly: false };
        },
        does: [
            "delete EventRule all-books",
            "delete EventTarget all-books",
            "delete MetricAlarm all-books",
            "delete MetricAlarm all-books-errors",
            "delete Permission all-books",
        ],
    },
    {
        path: "books.afterMinutes",
        edit: (args) => {
            args.books = { afterMinutes: 180 };
        },
        does: ["update Function all-books"],
    },
    {
        path: "alarms.topicArn",
        edit: (args) => {
            args.alarms = { topicArn: "arn:aws:sns:us-east-1:000000000000:foreign" };
        },
        does: [
            "update MetricAlarm all-alarms-convert-result-dead-letters",
            "update MetricAlarm all-alarms-counts-dead-letters",
            "update MetricAlarm all-alarms-event-late",
            "update MetricAlarm all-alarms-event-unchecked",
            "update MetricAlarm all-alarms-event_parquet-dead-letters",
            "update MetricAlarm all-alarms-forecast-dead-letters",
            "update MetricAlarm all-alarms-row-late",
            "update MetricAlarm all-alarms-row-unchecked",
            "update MetricAlarm all-alarms-run-query-dead-letters",
            "update MetricAlarm all-books",
            "update MetricAlarm all-books-errors",
            "update MetricAlarm all-reconcile",
            "update MetricAlarm all-reconcile-errors",
        ],
    },
];

const otherVpc = { vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2"] };
const certificate = "arn:aws:acm:us-east-1:000000000000:certificate/foreign";
