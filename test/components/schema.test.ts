import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type Properties, readSchema, type Schema, schemaFile, sdkSchema } from "../../scripts/schema";

/** What other languages see: Pulumi derives it from the sources, and refuses types that they do not have. */
describe("the package's schema", function () {
    this.timeout(120_000); // the analyzer compiles the package
    let schema: Schema;

    before(async () => {
        schema = await readSchema();
    });

    it("has every component with its inputs (`?` = optional) and outputs", () => {
        const components = Object.entries(schema.resources).map(([token, component]) => [
            token.replace("eventpipeline:index:", ""),
            {
                inputs: propertiesOf(component.inputProperties, component.requiredInputs),
                outputs: propertiesOf(component.properties, component.required),
            },
        ]);

        expect(Object.fromEntries(components)).to.deep.equal({
            Bookkeeper: {
                inputs: "afterMinutes? alarmTopicArn? bucketName hourly? ingests ledgerName pipeline?",
                outputs: "alarmName? functionName",
            },
            Alarms: {
                inputs: "deadLetterQueueUrls? enabled? pipeline? streams? topicArn?",
                outputs: "alarmNames",
            },
            Compactor: {
                inputs: "bucketName bufferSeconds? databaseName every ledgerName pipeline? prefix? table topicArn",
                outputs: "deadLetterQueueUrl queueArn queueUrl",
            },
            DeliveryStream: {
                inputs:
                    "backupPrefix? bucketName bufferMegabytes? bufferSeconds? columns? errorPrefix? kinesisStreamArn? " +
                    "parquet? partitions? prefix transformBufferMegabytes? transformBufferSeconds?",
                outputs: "putPolicy streamArn streamName",
            },
            EventPipeline: {
                inputs: "alarms? books? bucket? databaseName? failures? ingest? processors? queries? reconcile? rollups? streamApi? tables?",
                outputs:
                    "booksFunctionName? bucketName bucketNotification? bucketPolicy collectorUrls databaseName deadLetterQueueUrls " +
                    "deliveryStreamArns deliveryStreamNames failuresTopicArn? kinesisStreamArns kinesisStreamNames ledgerTableName? operations pixelUrls " +
                    "putPolicies reconcileFunctionName? rollupTableArns rollupTableNames streamApiUrl? topicArn? topicPolicy?",
            },
            Failures: {
                inputs: "emails?",
                outputs: "keyArn topicArn",
            },
            FanOut: {
                inputs: "bucketName eventBridge? folders topicArn?",
                outputs: "bucketNotification topicArn topicPolicy",
            },
            GlueTables: { inputs: "bucketName databaseName tables", outputs: "databaseName" },
            HttpCollector: {
                inputs: "allowedOrigins? burst? columns keys? open? path requestsPerSecond? streamArn streamName",
                outputs: "url",
            },
            IotTopic: {
                inputs: "batchMode? bucketName columns deadLetterQueue? errorPrefix sql streamArn streamName",
                outputs: "deadLetterQueueUrl? ruleArn ruleName",
            },
            KinesisStream: {
                inputs: "retentionHours? shards? streamArn?",
                outputs: "putPolicy streamArn streamName",
            },
            LakeBucket: {
                inputs: "existing? forceDestroy? loadBalancerLogs?",
                outputs: "bucketArn bucketName bucketPolicy",
            },
            Ledger: { inputs: "forceDestroy?", outputs: "tableArn tableName" },
            LoadBalancer: {
                inputs:
                    "allowedOrigin? beacons? bucketName certificateArn? clientAddress? columns deletionProtection? " +
                    "errorPrefix? ingest logPrefix? partitions? path? prefix subnetIds? tlsPolicy? topicArn vpcId?",
                outputs: "deadLetterQueueUrl dnsName queueUrl url zoneId",
            },
            Processor: {
                inputs:
                    "architecture? batchSize? bucketName code environment? handler ledgerName maximumConcurrency? " +
                    "memorySize? name? outputPrefix runtime timeout? topicArn trigger",
                outputs: "deadLetterQueueUrl functionArn queueArn queueUrl roleName",
            },
            QueryRunner: {
                inputs: "bucketName databaseName failuresKeyArn failuresTopicArn ledgerName pipeline? queries tables topicArn",
                outputs: "deadLetterQueueUrl queueArn queueUrl workgroupPrefix",
            },
            Reconciler: {
                inputs: "afterMinutes? alarmTopicArn? bucketName folders? hourly? ledgerName lookbackHours? pipeline? subscribers",
                outputs: "alarmName? functionName",
            },
            ResultConverter: {
                inputs: "bucketName failuresKeyArn failuresTopicArn ledgerName results topicArn workgroupPrefix",
                outputs: "deadLetterQueueUrl queueArn queueUrl",
            },
            Rollup: {
                inputs:
                    "bucketName by countAttribute? forceDestroy? interval? ledgerName maximumMegabytes? name " +
                    "nameAttribute? sum? table tableName? time timeUnit? timestampAttribute? topicArn trigger",
                outputs: "deadLetterQueueUrl queueArn queueUrl tableArn tableName",
            },
            StreamApi: {
                inputs: "allowedOrigins? burst? keys ownAccountLogRole? requestsPerSecond? streams usage?",
                outputs: "url",
            },
            Subscription: {
                inputs:
                    "batchSize? batchWindow? eventRuleArns? functionArn functionRole functionTimeout maximumConcurrency? " +
                    "prefixes topicArn",
                outputs: "deadLetterQueueArn deadLetterQueueUrl queueArn queueUrl",
            },
        });
    });

    it("has every type with its properties, and the enums with their values", () => {
        const types = Object.entries(schema.types).map(([token, type]) => [
            token.replace("eventpipeline:index:", ""),
            type.enum ? type.enum.map(({ value }) => value).sort() : propertiesOf(type.properties, type.required),
        ]);

        expect(Object.fromEntries(types)).to.deep.equal({
            AdoptedTableArgs: "columns? csv? format? partition? prefix since?",
            AnnouncedFolderArgs: "prefix suffix?",
            ApiStreamArgs: "columns? streamArn",
            BookedIngestArgs: "backupPrefix? bufferSeconds? errorPrefix? format? loadBalancer? name partitions? prefix",
            BooksArgs: "afterMinutes? hourly?",
            BucketArgs: "eventBridge? existing? forceDestroy? ownNotifications? topicArn?",
            ClientAddress: ["drop", "keep", "truncate"],
            ColumnArgs: "comment? name type",
            CompactArgs: "every prefix?",
            CompactionInterval: ["day", "hour"],
            Compression: ["balanced", "fast", "small", "zstd"],
            ConvertedResultArgs: "columns compression? mode? prefix query",
            CsvArgs: "escape? headerLines? quote? separator?",
            FailuresArgs: "emails?",
            HttpArgs: "allowedOrigins? burst? keys? open? requestsPerSecond?",
            IngestArgs:
                "bufferMegabytes? bufferSeconds? columns compact? format? http? iot? kinesis? loadBalancer? partitions? " +
                "prefix? since?",
            IngestFormat: ["json", "parquet"],
            IngestPartitions: ["hive", "hour"],
            IotArgs: "batchMode? deadLetterQueue? sql",
            KinesisStreamArgs: "retentionHours? shards? streamArn?",
            LoadBalancerArgs:
                "allowedOrigin? beacons? certificateArn? clientAddress? deletionProtection? path? subnetIds? " +
                "tlsPolicy? vpcId?",
            OperatedIngest: "deliveryStreamName failedPrefix takesPayloads?",
            OperatedQueue: "deadLetterQueueUrl queueUrl",
            OperatedSubscriber: "prefix queue wholeTables?",
            Operations:
                "booksFunctionName? bucketName ingests ledgerTableName? pipeline queues reconcileFunctionName? region subscribers topicArn?",
            OutputMode: ["append", "replace"],
            ParquetArgs: "databaseName tableName",
            ProcessorArgs:
                "architecture? batchSize? code environment? handler maximumConcurrency? memorySize? name output? " +
                "runtime timeout?",
            ProcessorOutputArgs: "columns? prefix?",
            QueryArgs: "bytesScannedCutoff? minimumInterval? name output sql",
            QueryOutputArgs: "columns compression? mode? prefix",
            QuotaPeriod: ["day", "month", "week"],
            PipelineAlarmsArgs: "enabled? topicArn?",
            ReconcileArgs: "afterMinutes? hourly? lookbackHours?",
            ReconciledSubscriberArgs: "kind name patience? queueArn queueUrl resultsQueueArn? resultsQueueUrl? trigger",
            RollupArgs:
                "by countAttribute? interval? maximumMegabytes? name nameAttribute? sum? tableName? time " +
                "timeUnit? timestampAttribute?",
            RollupInterval: ["day", "hour", "minute"],
            StreamApiArgs: "allowedOrigins? burst? keys ownAccountLogRole? requestsPerSecond? usage?",
            TableArgs: "columns? csv? format? name partition? prefix since?",
            TableFormat: ["alb-log", "csv", "json", "parquet"],
            TablePartition: ["arrival_day", "arrival_hour", "hive_day", "hive_hour", "run_date"],
            TimeFoldersArgs: "layout prefix",
            TimeUnit: ["milliseconds", "seconds"],
            UsageArgs: "burst? period? quota? requestsPerSecond?",
            WatchedStreamArgs: "bufferSeconds? isChecked? streamName",
        });
    });

    it("describes every property, and leaves no type open", () => {
        const all = [
            ...Object.values(schema.resources).flatMap((each) => [each.inputProperties, each.properties]),
            ...Object.values(schema.types).map((each) => each.properties ?? {}),
        ].flatMap((properties) => Object.entries(properties));

        expect(all.filter(([, { description }]) => !description).map(([name]) => name)).to.deep.equal([]);
        expect(JSON.stringify(schema)).not.to.include("pulumi.json#/Any");
    });

    it("is what SDKs are generated from: run `npm run schema` if this fails", () => {
        expect(JSON.parse(readFileSync(schemaFile, "utf8"))).to.deep.equal(sdkSchema(schema));
    });

    it("refers to no other package, so that SDKs are made offline", () => {
        expect(JSON.stringify(schema)).not.to.include("/aws/");
    });
});

function propertiesOf(properties: Properties = {}, required: string[] = []): string {
    return Object.keys(properties)
        .map((name) => (required.includes(name) ? name : `${name}?`))
        .sort()
        .join(" ");
}
