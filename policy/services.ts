import type { MethodSettingsArgs, StageArgs as RestStageArgs } from "@pulumi/aws/apigateway";
import type { ApiArgs, RouteArgs, StageArgs } from "@pulumi/aws/apigatewayv2";
import type { WorkgroupArgs } from "@pulumi/aws/athena";
import type { EventRuleArgs, LogGroupArgs } from "@pulumi/aws/cloudwatch";
import type { TableArgs } from "@pulumi/aws/dynamodb";
import type { Unwrap } from "@pulumi/pulumi";
import { type Control, each, type ResourceControl } from "./control";

const httpStage = "aws:apigatewayv2/stage:Stage";

/** Athena takes none that is smaller. */
const smallestCutoff = 10 * 1024 ** 2;

export const serviceControls: Control[] = [
    each<StageArgs | RestStageArgs>(
        [httpStage, "aws:apigateway/stage:Stage"],
        "api-logs-access",
        "An API logs its requests",
        ({ accessLogSettings }) => !accessLogSettings?.destinationArn && "has no `accessLogSettings`",
    ),
    each<StageArgs>(
        httpStage,
        "http-api-throttled",
        "An HTTP API says how many requests it takes",
        ({ defaultRouteSettings: settings }) =>
            (!settings?.throttlingRateLimit || !settings.throttlingBurstLimit) &&
            "has no `throttlingRateLimit` and `throttlingBurstLimit`: one API can use up the account's",
    ),
    each<MethodSettingsArgs>(
        "aws:apigateway/methodSettings:MethodSettings",
        "rest-api-throttled",
        "A REST API says how many requests it takes",
        ({ settings }) =>
            (settings.throttlingRateLimit ?? -1) < 0 &&
            "has no `throttlingRateLimit`: one API can use up the account's",
    ),
    each<ApiArgs>(
        "aws:apigatewayv2/api:Api",
        "http-api-origins-named",
        "An HTTP API names the origins whose pages may call it",
        ({ corsConfiguration }) =>
            corsConfiguration?.allowOrigins?.includes("*") && "lets every page call: name origins",
    ),
    each<RouteArgs>(
        "aws:apigatewayv2/route:Route",
        "http-api-routes-readable",
        "A route of an HTTP API is a method and a path",
        ({ routeKey }) =>
            !/^(?:\$\w+|[A-Z]+ \/\S*)$/.test(routeKey) && `has the route \`${routeKey}\`: write it as \`POST /events\``,
    ),
    ofWorkgroup("workgroup-enforced", "A workgroup's settings count, not its callers'", (configuration) => {
        return configuration?.enforceWorkgroupConfiguration === false && "lets callers choose where results go";
    }),
    ofWorkgroup("workgroup-encrypts", "A workgroup encrypts results", (configuration) => {
        return !configuration?.resultConfiguration?.encryptionConfiguration && "does not say how results are encrypted";
    }),
    ofWorkgroup("workgroup-checks-owner", "A workgroup writes into a bucket of a known account", (configuration) => {
        return !configuration?.resultConfiguration?.expectedBucketOwner && "has no `expectedBucketOwner`";
    }),
    ofWorkgroup("workgroup-measures", "A workgroup publishes metrics", (configuration) => {
        return configuration?.publishCloudwatchMetricsEnabled === false && "publishes no metrics";
    }),
    ofWorkgroup("workgroup-limits-scans", "A workgroup cancels what scans too much", (configuration) => {
        const { bytesScannedCutoffPerQuery: cutoff = 0 } = configuration ?? {};
        return cutoff < smallestCutoff && "has no `bytesScannedCutoffPerQuery`: a slip in a query has no upper price";
    }),
    ofWorkgroup("workgroup-engine-pinned", "A workgroup's engine changes when one says so", (configuration) => {
        const { selectedEngineVersion = "AUTO" } = configuration?.engineVersion ?? {};
        return selectedEngineVersion === "AUTO" && "lets Athena choose its engine: say `selectedEngineVersion`";
    }),
    ofTable(
        "table-restorable",
        "A table can be restored to any second of its last weeks",
        ({ pointInTimeRecovery }) => !pointInTimeRecovery?.enabled && "has no `pointInTimeRecovery`",
    ),
    ofTable(
        "table-protected",
        "A table with data is not deleted by accident",
        ({ deletionProtectionEnabled }) => !deletionProtectionEnabled && "has no `deletionProtectionEnabled`",
    ),
    ofTable(
        "table-scales",
        "A table takes as much as comes",
        ({ billingMode }) =>
            billingMode !== "PAY_PER_REQUEST" && 'has a fixed capacity: `billingMode: "PAY_PER_REQUEST"`',
    ),
    ofTable(
        "table-encrypted-with-kms",
        "A table is encrypted with a key in KMS, whose use is logged",
        ({ serverSideEncryption }) => !serverSideEncryption?.enabled && "has no `serverSideEncryption`",
    ),
    each<EventRuleArgs>(
        "aws:cloudwatch/eventRule:EventRule",
        "schedule-readable",
        "A schedule is a rate, or the six fields of EventBridge's cron",
        ({ scheduleExpression: schedule }) =>
            schedule !== undefined &&
            !/^(?:rate\([1-9]\d* (?:minute|hour|day)s?\)|cron\((?:\S+ ){5}\S+\))$/.test(schedule) &&
            `has the schedule \`${schedule}\`: write it as \`rate(1 hour)\` or \`cron(0 4 * * ? *)\``,
    ),
    each<LogGroupArgs>(
        "aws:cloudwatch/logGroup:LogGroup",
        "log-forgets",
        "A log says how long it is kept",
        ({ retentionInDays }) => !retentionInDays && "is kept for ever: `retentionInDays`",
    ),
];

function ofWorkgroup(
    name: string,
    description: string,
    check: (configuration: Unwrap<WorkgroupArgs>["configuration"]) => string | false | undefined,
): ResourceControl {
    return each<WorkgroupArgs>("aws:athena/workgroup:Workgroup", name, description, (props) =>
        check(props.configuration),
    );
}

function ofTable(name: string, description: string, check: (props: Unwrap<TableArgs>) => string | false | undefined) {
    return each<TableArgs>("aws:dynamodb/table:Table", name, description, check);
}
