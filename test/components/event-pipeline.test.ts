import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import {
    Alarms,
    Bookkeeper,
    DeliveryStream,
    EventPipeline,
    type EventPipelineArgs,
    Failures,
    FanOut,
    GlueTables,
    HttpCollector,
    KinesisStream,
    LakeBucket,
    Ledger,
    PlanError,
    Processor,
    QueryRunner,
    Reconciler,
    ResultConverter,
} from "../../index";
import { recordResources } from "./record";

const columns = [
    { name: "device_id", type: "string" },
    { name: "battery", type: "double" },
    { name: "sent_at", type: "timestamp", comment: "by the device's clock" },
];
const pingColumns = [...columns, { name: "event_id", type: "string" }, { name: "received_at", type: "timestamp" }];
const weekColumns = [
    { name: "hour", type: "timestamp" },
    { name: "battery", type: "double" },
];
const forecastCode = { runtime: "python3.13", handler: "forecast.handler" };
const webKey = "a write key that nobody guesses";

/** Device pings → battery report → week's series, and a Python processor. */
function fleetArgs(): EventPipelineArgs {
    return {
        ingest: {
            deviceping: {
                columns,
                http: { keys: { web: pulumi.secret(webKey) }, allowedOrigins: ["https://app.example.com"] },
            },
        },
        queries: {
            "raw/v0/deviceping/": [
                {
                    name: "devicebattery",
                    sql: `SELECT device_id, max_by(battery, sent_at) AS battery, max(sent_at) AS sent_at
                          FROM deviceping WHERE :new_data GROUP BY device_id`,
                    output: { prefix: "processed/v0/devicebattery/", columns },
                },
            ],
            "processed/v0/devicebattery/": [
                {
                    name: "batteryweek",
                    sql: `SELECT date_trunc('hour', sent_at) AS hour, avg(battery) AS battery FROM devicebattery
                          WHERE sent_at > current_timestamp - interval '7' day GROUP BY 1`,
                    output: { prefix: "reports/v0/batteryweek/", mode: "replace", columns: weekColumns },
                    bytesScannedCutoff: 50_000_000,
                },
            ],
        },
        processors: {
            "processed/v0/devicebattery/": [
                { name: "forecast", ...forecastCode, code: new pulumi.asset.FileArchive("./forecast") },
            ],
        },
    };
}

/** The same, put together by hand: each component is tested by itself. */
function fleetByHand() {
    const bucketName = new LakeBucket("fleet", {}).bucketName;
    const pings = { name: "deviceping", prefix: "raw/v0/deviceping/", columns: pingColumns } as const;
    const { databaseName } = new GlueTables("fleet", {
        databaseName: "fleet_dev",
        bucketName,
        tables: [
            { name: "batteryweek", prefix: "reports/v0/batteryweek/", columns: weekColumns },
            { ...pings, partition: "arrival_hour" },
            { name: "devicebattery", prefix: "processed/v0/devicebattery/", columns, partition: "run_date" },
        ],
    });
    const { topicArn } = new FanOut("fleet", {
        bucketName,
        folders: [{ prefix: "processed/" }, { prefix: "raw/" }, { prefix: "athena/", suffix: ".csv" }],
    });
    const ledgerName = new Ledger("fleet-ledger").tableName;
    const failures = new Failures("fleet-failures");
    const runner = new QueryRunner("fleet-run-query", {
        pipeline: "fleet",
        bucketName,
        databaseName,
        topicArn,
        ledgerName,
        failuresTopicArn: failures.topicArn,
        failuresKeyArn: failures.keyArn,
        tables: [{ ...pings, partition: "arrival_hour" }],
        queries: fleetArgs().queries!,
    });
    const converter = new ResultConverter("fleet-convert-result", {
        bucketName,
        topicArn,
        ledgerName,
        failuresTopicArn: failures.topicArn,
        failuresKeyArn: failures.keyArn,
        workgroupPrefix: runner.workgroupPrefix,
        results: [
            { query: "devicebattery", prefix: "processed/v0/devicebattery/", columns },
            { query: "batteryweek", prefix: "reports/v0/batteryweek/", columns: weekColumns, mode: "replace" },
        ],
    });
    const { queueArn, queueUrl, deadLetterQueueUrl } = new Processor("fleet-forecast", {
        name: "forecast",
        ...forecastCode,
        code: new pulumi.asset.FileArchive("./forecast"),
        bucketName,
        topicArn,
        ledgerName,
        trigger: "processed/v0/devicebattery/",
        outputPrefix: "processed/v0/forecast/",
    });
    const query = {
        ...{ kind: "query", queueArn: runner.queueArn, queueUrl: runner.queueUrl },
        ...{ resultsQueueArn: converter.queueArn, resultsQueueUrl: converter.queueUrl },
    };
    new Reconciler("fleet-reconcile", {
        ...{ pipeline: "fleet", bucketName, ledgerName, alarmTopicArn: failures.topicArn },
        subscribers: [
            { kind: "processor", name: "forecast", trigger: "processed/v0/devicebattery/", queueArn, queueUrl },
            { ...query, name: "devicebattery", trigger: "raw/v0/deviceping/" },
            { ...query, name: "batteryweek", trigger: "processed/v0/devicebattery/" },
        ],
        folders: [
            { prefix: "raw/v0/deviceping/", layout: "arrival_hour" },
            { prefix: "processed/v0/devicebattery/", layout: "run_date" },
        ],
    });
    new Bookkeeper("fleet-books", {
        ...{ pipeline: "fleet", bucketName, ledgerName, alarmTopicArn: failures.topicArn },
        ingests: [{ name: "deviceping", prefix: "raw/v0/deviceping/" }],
    });
    const { streamName, streamArn } = new DeliveryStream("fleet-deviceping", {
        bucketName,
        prefix: "raw/v0/deviceping/",
        errorPrefix: "failed/deviceping/",
        backupPrefix: "backup/deviceping/",
        columns: pingColumns,
    });
    new Alarms("fleet-alarms", {
        ...{ pipeline: "fleet", topicArn: failures.topicArn },
        streams: { deviceping: { streamName, isChecked: true } },
        deadLetterQueueUrls: {
            "run-query": runner.deadLetterQueueUrl,
            "convert-result": converter.deadLetterQueueUrl,
            forecast: deadLetterQueueUrl,
        },
    });
    return new HttpCollector("fleet-deviceping-http", {
        path: "deviceping",
        columns: pingColumns,
        streamName,
        streamArn,
        keys: { web: pulumi.secret(webKey) },
        allowedOrigins: ["https://app.example.com"],
    }).url;
}

describe("EventPipeline", () => {
    it("is its components, put together", async () => {
        const byHand = await recordResources(fleetByHand);

        const pipeline = await recordResources(() => new EventPipeline("fleet", fleetArgs()).bucketName);

        expect(pipeline.inputs).to.deep.equal(byHand.inputs);
        expect(Object.keys(pipeline.inputs)).to.have.length(115);
    });

    it("is the parent of its components, and they of their resources", async () => {
        const { resources } = await recordResources(() => new EventPipeline("fleet", fleetArgs()).bucketName);

        const parents = (own: boolean) =>
            resources
                .filter(({ type }) => type.startsWith("eventpipeline:") === own)
                .map(({ name, parent }) => `${parent} > ${name}`);
        expect(parents(true).sort()).to.deep.equal([
            "EventPipeline fleet > fleet",
            "EventPipeline fleet > fleet",
            "EventPipeline fleet > fleet",
            "EventPipeline fleet > fleet-alarms",
            "EventPipeline fleet > fleet-books",
            "EventPipeline fleet > fleet-convert-result",
            "EventPipeline fleet > fleet-deviceping",
            "EventPipeline fleet > fleet-deviceping-http",
            "EventPipeline fleet > fleet-failures",
            "EventPipeline fleet > fleet-forecast",
            "EventPipeline fleet > fleet-ledger",
            "EventPipeline fleet > fleet-reconcile",
            "EventPipeline fleet > fleet-run-query",
            "Processor fleet-forecast > fleet-forecast",
            "QueryRunner fleet-run-query > fleet-run-query",
            "ResultConverter fleet-convert-result > fleet-convert-result",
            "undefined > fleet",
        ]);
        expect(parents(false).filter((each) => /^(EventPipeline|undefined) /.test(each))).to.deep.equal([]);
    });

    it("says where everything is", async () => {
        const { result } = await recordResources(() => outputsOf(new EventPipeline("fleet", fleetArgs())));

        const { bucketPolicy, topicPolicy, bucketNotification, putPolicies, ...rest } = result;
        expect(rest).to.deep.equal({
            bucketName: "fleet",
            databaseName: "fleet_dev",
            topicArn: "arn:aws:sns:eu-west-1:123456789012:fleet",
            deliveryStreamNames: { deviceping: "fleet-deviceping" },
            deliveryStreamArns: {
                deviceping: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/fleet-deviceping",
            },
            kinesisStreamNames: {},
            kinesisStreamArns: {},
            collectorUrls: {
                deviceping: "https://fleet-deviceping-http.execute-api.eu-west-1.amazonaws.com/deviceping",
            },
            deadLetterQueueUrls: {
                "run-query": "https://sqs/fleet-run-query-dead-letters",
                "convert-result": "https://sqs/fleet-convert-result-dead-letters",
                forecast: "https://sqs/fleet-forecast-dead-letters",
            },
        });
        expect(Object.keys(putPolicies)).to.deep.equal(["deviceping"]);
        expect(JSON.parse(putPolicies.deviceping!).Statement).to.deep.equal([
            {
                Effect: "Allow",
                Action: ["firehose:PutRecord", "firehose:PutRecordBatch"],
                Resource: rest.deliveryStreamArns.deviceping,
            },
        ]);
        expect(bucketPolicy).to.include('"arn:aws:s3:::fleet/*"');
        expect(topicPolicy).to.include('"arn:aws:sns:eu-west-1:123456789012:fleet"');
        expect(bucketNotification).to.include('"processed/"');
    });

    it("tells who operates it what its parts are called", async () => {
        const { result } = await recordResources(() => {
            const { ingest, ...rest } = fleetArgs();
            const iot = { sql: "SELECT *, topic(2) AS device_id FROM 'devices/+/ping'" };
            return new EventPipeline("fleet", { ingest: { deviceping: { ...ingest!.deviceping!, iot } }, ...rest })
                .operations;
        });

        const queue = (name: string) => ({
            queueUrl: `https://sqs/fleet-${name}`,
            deadLetterQueueUrl: `https://sqs/fleet-${name}-dead-letters`,
        });
        expect(result).to.deep.include({
            pipeline: "fleet",
            region: "eu-west-1",
            bucketName: "fleet",
            topicArn: "arn:aws:sns:eu-west-1:123456789012:fleet",
            ingests: {
                deviceping: {
                    deliveryStreamName: "fleet-deviceping",
                    failedPrefix: "failed/deviceping/",
                    takesPayloads: false,
                },
            },
            queues: {
                "run-query": queue("run-query"),
                "convert-result": queue("convert-result"),
                forecast: queue("forecast"),
            },
            subscribers: {
                "query/devicebattery": { prefix: "raw/v0/deviceping/", queue: "run-query", wholeTables: false },
                "query/batteryweek": { prefix: "processed/v0/devicebattery/", queue: "run-query", wholeTables: true },
                "convert-result": { prefix: "athena/", queue: "convert-result" },
                "processor/forecast": { prefix: "processed/v0/devicebattery/", queue: "forecast" },
            },
        });
    });

    it("converts what comes by put and from Kinesis by the ingest's own table, once that is there", async () => {
        const click = { columns, format: "parquet", partitions: "hive", bufferMegabytes: 100, kinesis: {} } as const;

        const { find } = await recordResources(
            () => new EventPipeline("web", { ingest: { click } }).deliveryStreamArns,
        );

        for (const name of ["web-click", "web-click-kinesis"]) {
            const { inputs, dependencies } = find("FirehoseDeliveryStream", name);
            const { dataFormatConversionConfiguration, bufferingSize, prefix } =
                inputs.extendedS3Configuration as Record<string, unknown>;
            expect(dataFormatConversionConfiguration)
                .to.have.property("schemaConfiguration")
                .that.deep.equals({
                    databaseName: "web_dev",
                    tableName: "click",
                    roleArn: `arn:aws:iam::123456789012:role/${name}-role`,
                });
            expect([bufferingSize, prefix]).to.deep.equal([
                100,
                "raw/v0/click/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
            ]);
            expect(dependencies).to.include("CatalogTable web-click");
        }
        const { partitionKeys, parameters } = find("CatalogTable", "web-click").inputs;
        expect(parameters).to.include({ classification: "parquet", "projection.hour.range": "0,23" });
        expect(partitionKeys).to.have.length(4);
    });

    it("has a load balancer's events in the folders of the ingest's table", async () => {
        const view = { columns, partitions: "hive", loadBalancer: {} } as const;

        const { find } = await recordResources(() => new EventPipeline("web", { ingest: { view } }).pixelUrls);

        expect(find("Function", "web-view-pixel").inputs).to.have.nested.property(
            "environment.variables.PARTITIONS",
            "hive",
        );
        expect(find("CatalogTable", "web-view").inputs.partitionKeys).to.have.length(4);
    });

    it("takes events only once everything that reacts to them is there", async () => {
        const { find, resources } = await recordResources(() => new EventPipeline("fleet", fleetArgs()).bucketName);

        const readers = ["EventSourceMapping", "TopicSubscription", "QueuePolicy", "Queue", "RedriveAllowPolicy"];
        const reading = resources
            .map(({ type, name }) => `${type.slice(type.lastIndexOf(":") + 1)} ${name}`)
            .filter((each) => readers.includes(each.split(" ")[0]!));
        expect(reading).to.have.length(21);
        expect(find("FirehoseDeliveryStream", "fleet-deviceping").dependencies).to.include.members([
            ...reading,
            "BucketNotification fleet-notification",
        ]);
        expect(find("Function", "fleet-deviceping-http").dependencies).to.include(
            "FirehoseDeliveryStream fleet-deviceping",
        );
    });

    it("announces nothing before everything that reacts to it is there", async () => {
        const { find, resources } = await recordResources(() => new EventPipeline("fleet", fleetArgs()).bucketName);

        const announced = find("BucketNotification", "fleet-notification").dependencies;

        const readers = ["EventSourceMapping", "TopicSubscription", "QueuePolicy", "Queue", "RedriveAllowPolicy"];
        const reading = resources
            .map(({ type, name }) => `${type.slice(type.lastIndexOf(":") + 1)} ${name}`)
            .filter((each) => readers.includes(each.split(" ")[0]!));
        expect(announced).to.include.members(reading);
    });

    it("keeps write keys out of everything that is not secret", async () => {
        const { resources } = await recordResources(() => new EventPipeline("fleet", fleetArgs()).bucketName);

        expect(JSON.stringify(resources)).not.to.include(webKey);
        expect(
            resources.filter(({ secrets }) => secrets.length > 0).map(({ name, secrets }) => [name, secrets]),
        ).to.deep.equal([["fleet-deviceping-http", ["environment"]]]);
    });

    it("passes buffers, limits, output folders and the database's name on", async () => {
        const { inputs } = await recordResources(
            () =>
                new EventPipeline("web", {
                    databaseName: pulumi.output("analytics"),
                    ingest: {
                        clicks: {
                            columns: [{ name: "page", type: "string" }],
                            prefix: "raw/v1/clicks/",
                            since: "2026-05-01",
                            bufferMegabytes: 8,
                            bufferSeconds: pulumi.output(60),
                            http: { open: true, requestsPerSecond: 7 },
                        },
                    },
                    processors: {
                        "raw/v1/clicks/": [
                            {
                                name: "sessions",
                                ...forecastCode,
                                timeout: 5,
                                code: new pulumi.asset.FileArchive("./sessions"),
                                output: { prefix: "sessions/", columns: [{ name: "page", type: "string" }] },
                            },
                        ],
                    },
                }).bucketName,
        );

        expect(inputs["CatalogDatabase web"]).to.deep.equal({ name: "analytics" });
        expect(inputs["CatalogTable web-sessions"]).to.deep.include({ name: "sessions", databaseName: "analytics" });
        expect(inputs["CatalogTable web-clicks"]).to.have.deep.nested.property(
            "parameters.projection\\.arrival_hour\\.range",
            "2026/05/01/00,NOW",
        );
        expect(inputs["FirehoseDeliveryStream web-clicks"]).to.have.property("extendedS3Configuration").that.includes({
            prefix: "raw/v1/clicks/!{timestamp:yyyy/MM/dd/HH}/",
            bufferingSize: 8,
            bufferingInterval: 60,
        });
        expect(inputs["Stage web-clicks-http-stage"]).to.have.nested.property(
            "defaultRouteSettings.throttlingRateLimit",
            7,
        );
        expect(inputs["Function web-sessions"]).to.deep.include({
            timeout: 5,
            environment: { variables: { BUCKET: "web", OUTPUT_PREFIX: "sessions/" } },
        });
        expect(inputs).to.include.keys("Table web-ledger");
        expect(inputs["Function web-sessions-run"]).to.have.nested.property(
            "environment.variables.LEDGER_TABLE",
            "web-ledger",
        );
        expect(inputs["BucketNotification web-notification"]).to.have.property("topics").with.length(1);
    });

    it("reads a Kinesis stream into the same folders, beside the records that are put", async () => {
        const plain = await recordResources(() => new EventPipeline("fleet", fleetArgs()).bucketName);
        const byHand = await recordResources(() => {
            const { streamArn: kinesisStreamArn } = new KinesisStream("fleet-deviceping-kinesis", { shards: 2 });
            const folders = { errorPrefix: "failed/deviceping/", backupPrefix: "backup/deviceping/" };
            const { streamName } = new DeliveryStream("fleet-deviceping-kinesis", {
                ...{ bucketName: "fleet", prefix: "raw/v0/deviceping/", ...folders, columns: pingColumns },
                kinesisStreamArn,
            });
            return new Alarms("fleet-alarms", {
                ...{ pipeline: "fleet", topicArn: "arn:aws:sns:eu-west-1:123456789012:fleet-failures" },
                streams: { "deviceping-kinesis": { streamName, isChecked: true } },
            }).alarmNames;
        });
        const args = fleetArgs();
        args.ingest!.deviceping!.kinesis = { shards: 2 };

        const { inputs, result, find } = await recordResources(() => outputsOf(new EventPipeline("fleet", args)));

        expect(inputs).to.deep.equal({ ...plain.inputs, ...byHand.inputs });
        expect(Object.keys(inputs)).to.have.length(
            Object.keys(plain.inputs).length + Object.keys(byHand.inputs).length,
        );
        expect(find("FirehoseDeliveryStream", "fleet-deviceping-kinesis").dependencies).to.include(
            "BucketNotification fleet-notification",
        );
        expect(result).to.deep.include({
            deliveryStreamNames: { deviceping: "fleet-deviceping" },
            kinesisStreamNames: { deviceping: "fleet-deviceping-kinesis" },
            kinesisStreamArns: {
                deviceping: "arn:aws:kinesis:eu-west-1:123456789012:stream/fleet-deviceping-kinesis",
            },
        });
    });

    it("announces nothing where nothing reacts", async () => {
        const { inputs, result } = await recordResources(() => outputsOf(new EventPipeline("web", ingestOnly())));

        expect(Object.keys(inputs).filter((name) => /^(Topic|Key|BucketNotification|Queue)/.test(name))).to.deep.equal(
            [],
        );
        expect(result).to.deep.include({ topicArn: undefined, deadLetterQueueUrls: {}, collectorUrls: {} });
    });

    it("refuses what cannot work before it creates anything", async () => {
        const args = { ingest: { clicks: { columns: [{ name: "page", type: "text" }], http: {} } } };

        const failure = await recordResources(() => new EventPipeline("web", args).bucketName).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(pulumi.RunError.isInstance(failure), "printed by Pulumi without a stack").to.equal(true);
        expect(failure.problems.map(({ path }: { path: string }) => path)).to.deep.equal([
            "ingest.clicks.columns[0].type",
            "ingest.clicks.http.keys",
        ]);
    });

    it("exists twice in one program", async () => {
        const one = await recordResources(() => new EventPipeline("one", fleetArgs()).bucketName);

        const both = await recordResources(() => [
            new EventPipeline("one", fleetArgs()).bucketName,
            new EventPipeline("two", fleetArgs()).bucketName,
        ]);

        expect(both.inputs).to.include.all.keys(...Object.keys(one.inputs));
        expect(Object.keys(both.inputs)).to.have.length(2 * Object.keys(one.inputs).length);
    });

    describe("on a bucket that exists", () => {
        // Failed runs have a topic and a rule of their own, and the clock a rule, whatever the bucket.
        const ofTheBucket =
            /^(Bucket|(Topic|TopicPolicy|Key|Alias|EventRule|EventTarget) (?!fleet-(failures|run-query|reconcile|books)))/;

        it("writes nothing to it and uses its topic", async () => {
            const topicArn = "arn:aws:sns:eu-west-1:123456789012:owned";

            const { inputs, result } = await recordAdopted({ existing: "owned", topicArn });

            expect(Object.keys(inputs).filter((name) => ofTheBucket.test(name))).to.deep.equal([]);
            expect(inputs["TopicSubscription fleet-forecast"]).to.include({ topic: topicArn });
            expect(result).to.include({ bucketName: "owned", topicArn });
            expect(result.topicPolicy).to.include('"aws:SourceArn":"arn:aws:s3:::owned"');
            expect(result.bucketNotification).to.include(topicArn);
            expect(result.bucketPolicy).to.include('"arn:aws:s3:::owned/*"');
        });

        it("writes nothing to it and hears through EventBridge", async () => {
            const { inputs } = await recordAdopted({ existing: "owned", eventBridge: true });

            expect(
                Object.keys(inputs)
                    .filter((name) => ofTheBucket.test(name))
                    .sort(),
            ).to.deep.equal([
                "Alias fleet-alias",
                "EventRule fleet",
                "EventTarget fleet-target",
                "Key fleet",
                "Topic fleet",
                "TopicPolicy fleet-policy",
            ]);
        });

        it("writes its notifications, and no more, with consent", async () => {
            const { inputs } = await recordAdopted({ existing: "owned", ownNotifications: true });

            expect(
                Object.keys(inputs)
                    .filter((name) => ofTheBucket.test(name))
                    .sort(),
            ).to.deep.equal([
                "Alias fleet-alias",
                "BucketNotification fleet-notification",
                "Key fleet",
                "Topic fleet",
                "TopicPolicy fleet-policy",
            ]);
            expect(inputs["BucketNotification fleet-notification"]).to.include({ bucket: "owned" });
        });

        it("refuses to guess how it hears of new objects", async () => {
            const failure = await recordAdopted({ existing: "owned" }).catch((error) => error);

            expect(failure).to.be.instanceOf(PlanError);
            expect(failure.problems[0].path).to.equal("bucket");
        });

        function recordAdopted(bucket: EventPipelineArgs["bucket"]) {
            return recordResources(() => outputsOf(new EventPipeline("fleet", { ...fleetArgs(), bucket })));
        }
    });
});

function ingestOnly(): EventPipelineArgs {
    return { ingest: { clicks: { columns: [{ name: "page", type: "string" }] } } };
}

function outputsOf(pipeline: EventPipeline) {
    const { bucketName, bucketPolicy, databaseName, topicArn, topicPolicy, bucketNotification } = pipeline;
    const { deliveryStreamNames, deliveryStreamArns, kinesisStreamNames, kinesisStreamArns } = pipeline;
    const { putPolicies, collectorUrls, deadLetterQueueUrls } = pipeline;
    return {
        bucketName,
        bucketPolicy,
        databaseName,
        topicArn,
        topicPolicy,
        bucketNotification,
        deliveryStreamNames,
        deliveryStreamArns,
        putPolicies,
        kinesisStreamNames,
        kinesisStreamArns,
        collectorUrls,
        deadLetterQueueUrls,
    };
}
