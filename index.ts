/** What a Pulumi program imports. */

export { Alarms, type AlarmsArgs, type PipelineAlarmsArgs, type WatchedStreamArgs } from "./components/alarms";
export { type BookedIngestArgs, Bookkeeper, type BookkeeperArgs, type BooksArgs } from "./components/bookkeeper";
export { Compactor, type CompactorArgs } from "./components/compactor";
export { DeliveryStream, type DeliveryStreamArgs, type ParquetArgs } from "./components/delivery-stream";
export { type BucketArgs, EventPipeline, type EventPipelineArgs, type IngestArgs } from "./components/event-pipeline";
export { Failures, type FailuresArgs } from "./components/failures";
export { type AnnouncedFolderArgs, FanOut, type FanOutArgs } from "./components/fan-out";
export { GlueTables, type GlueTablesArgs, type TableArgs } from "./components/glue-tables";
export { LakeBucket, type LakeBucketArgs } from "./components/lake-bucket";
export { Ledger, type LedgerArgs } from "./components/ledger";
export {
    Processor,
    type ProcessorArgs,
    type ProcessorCodeArgs,
    type ProcessorComponentArgs,
} from "./components/processor";
export { type QueryArgs, QueryRunner, type QueryRunnerArgs } from "./components/query-runner";
export {
    type ReconcileArgs,
    type ReconciledSubscriberArgs,
    Reconciler,
    type ReconcilerArgs,
    type TimeFoldersArgs,
} from "./components/reconciler";
export { type ConvertedResultArgs, ResultConverter, type ResultConverterArgs } from "./components/result-converter";
export { Rollup, type RollupArgs, type RollupComponentArgs } from "./components/rollup";
export { type HttpArgs, HttpCollector, type HttpCollectorArgs } from "./components/sources/http-collector";
export { type IotArgs, IotTopic, type IotTopicArgs } from "./components/sources/iot-topic";
export { KinesisStream, type KinesisStreamArgs } from "./components/sources/kinesis-stream";
export {
    LoadBalancer,
    type LoadBalancerArgs,
    type LoadBalancerComponentArgs,
} from "./components/sources/load-balancer";
export {
    type ApiStreamArgs,
    StreamApi,
    type StreamApiArgs,
    type StreamApiComponentArgs,
    type UsageArgs,
} from "./components/sources/stream-api";
export { Subscription, type SubscriptionArgs } from "./components/subscription";
export {
    type AdoptedTableArgs,
    ClientAddress,
    type ColumnArgs,
    type CompactArgs,
    CompactionInterval,
    Compression,
    type CsvArgs,
    IngestFormat,
    IngestPartitions,
    type OperatedIngest,
    type OperatedQueue,
    type OperatedSubscriber,
    type Operations,
    OutputMode,
    PlanError,
    type Problem,
    type ProcessorOutputArgs,
    type QueryOutputArgs,
    QuotaPeriod,
    RollupInterval,
    TableFormat,
    TablePartition,
    TimeUnit,
} from "./plan";
