/** From arguments to a checked plan: pure functions, without Pulumi and AWS. */

export { planAlarms } from "./alarms";
export { albLogPattern } from "./alb-log";
export * from "./arguments";
export { checkBooks, planBooks } from "./books";
export { checkBucket } from "./bucket";
export { parseColumnType, printColumnType } from "./column-types";
export { checkColumns } from "./columns";
export { checkCompaction } from "./compaction";
export { checkCompression } from "./compression";
export { checkHttp, originProblem } from "./http";
export { checkIngest, defaultSince, planIngest } from "./ingests";
export { checkIot } from "./iot";
export {
    type IotComparison,
    type IotCondition,
    type IotItem,
    type IotOperand,
    type IotSql,
    mostTopicBytes,
    mostTopicLevels,
    parseIotSql,
} from "./iot-sql";
export { checkKinesis } from "./kinesis";
export { checkLoadBalancer } from "./load-balancer";
export {
    type OperatedIngest,
    type OperatedQueue,
    type OperatedSubscriber,
    type Operations,
    subscribersOf,
    takesPayloads,
} from "./operations";
export { partitionColumns, partitionOf } from "./partitions";
export { planPipeline, planQueries } from "./pipeline";
export { checkPrefix, reservedFolders, topFolders } from "./prefixes";
export { checked, inside, PlanError, type Problem, type Report } from "./problems";
export { checkProcessorTimeout, processorMargin } from "./processors";
export { checkReconcile, type PlannedReconciliation, planReconciliation } from "./reconciliation";
export { planRollup } from "./rollups";
export { type ParsedSql, parseSql } from "./sql";
export { apiKeyProblem, checkStreamApi } from "./stream-api";
export { checkProcessorBatch, planSubscription } from "./subscription";
export { checkTable, planTable, type TableShape } from "./tables";
export * from "./types";
