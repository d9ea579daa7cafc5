import * as apigateway from "@pulumi/aws/apigateway";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { apiKeyProblem, type ColumnArgs, checked, checkStreamApi, inside, type QuotaPeriod } from "../../plan";
import { checkName } from "../../plan/names";
import { arnOf, currentAccount } from "../internal/account";
import { logRetentionDays } from "../internal/function";
import { allow, describeKinesisStreams, policyDocument, putKinesisRecords, trust } from "../internal/policies";
import { accountLogRole } from "./stream-api/account-log-role";
import { eventSchema, eventsSchema } from "./stream-api/model";
import { checkedOrigins, restApi } from "./stream-api/rest-api";
import {
    describeRequest,
    describeResponse,
    listResponse,
    putRecordRequest,
    putRecordResponse,
    putRecordsRequest,
    putRecordsResponse,
} from "./stream-api/templates";

const defaultRequestsPerSecond = 1_000;
const defaultBurst = 2_000;
/** Start of every path. */
const stageName = "v0";
/** Neither the query string, which may hold a partition key that names somebody, nor the sender's address. */
const accessLogFormat = JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTime",
    method: "$context.httpMethod",
    path: "$context.resourcePath",
    status: "$context.status",
    latency: "$context.responseLatency",
    key: "$context.identity.apiKeyId",
    error: "$context.error.responseType",
});

/** What each key of a stream API may use. API Gateway counts by best effort: a limit is no wall. */
export interface UsageArgs {
    /** Requests a second. @default as many as all keys together */
    requestsPerSecond?: pulumi.Input<number>;
    /** Requests that may come at once. @default as many as of all keys together */
    burst?: pulumi.Input<number>;
    /** Requests in a `period`; further ones are answered 429. @default no quota */
    quota?: pulumi.Input<number>;
    /** What the quota counts in. @default "day" */
    period?: QuotaPeriod;
}

/** Who may put events on the streams over REST, from where, and how many. */
export interface StreamApiArgs {
    /**
     * API keys by name, 20 to 128 letters and digits each; a sender gives one as the header `x-api-key`. For a new key, add
     * it under a new name, then take the old one away.
     * @example { web: config.requireSecret("webKey") }
     */
    keys: Record<string, pulumi.Input<string>>;
    /**
     * Origins whose pages may send events from a browser.
     * @default none: browsers refuse to send from pages
     * @example ["https://app.example.com"]
     */
    allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
    /** Requests a second to each method of a stream, above which senders are told to wait. @default 1000 */
    requestsPerSecond?: pulumi.Input<number>;
    /** Requests to each method that may come at once. @default 2000 */
    burst?: pulumi.Input<number>;
    /** What each key may use. @default no more limits than those for all */
    usage?: UsageArgs;
    /**
     * Whether the stack sets the role by which API Gateway writes its logs. It is one for the whole account and region, and
     * without it no stage with a log can be made; say `true` where no role is set yet and no other stack sets one.
     * @default false
     */
    ownAccountLogRole?: boolean;
}

/** A stream that the API puts events on. */
export interface ApiStreamArgs {
    /** ARN of the Kinesis stream. */
    streamArn: pulumi.Input<string>;
    /** Columns of its events; a request with others is refused. @default any JSON objects */
    columns?: ColumnArgs[];
}

/** Arguments of `StreamApi`. */
export interface StreamApiComponentArgs extends StreamApiArgs {
    /** Name in the API's paths → stream. Names are lower-case letters, digits and `_`. */
    streams: Record<string, ApiStreamArgs>;
}

/**
 * A REST API in front of Kinesis streams, without a function: `GET /streams`, `GET /streams/{name}`,
 * `PUT /streams/{name}/record` with an event, `PUT /streams/{name}/records` with an array of up to 500. Nothing but these
 * streams can be named.
 *
 * @example
 * ```ts
 * const api = new StreamApi("clicks-api", {
 *     streams: { clicks: { streamArn: source.streamArn, columns: [{ name: "page", type: "string" }] } },
 *     keys: { web: config.requireSecret("webKey") },
 * });
 * export const url = api.url;
 * ```
 */
export class StreamApi extends pulumi.ComponentResource {
    /** Address of the list of streams: `https://…/v0/streams`. */
    readonly url: pulumi.Output<string>;

    constructor(name: string, args: StreamApiComponentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:StreamApi", name, {}, opts);
        const streams = Object.entries(args.streams);
        const names = streams.map(([stream]) => stream);
        checked((report) => {
            checkStreamApi(args, names, "", report);
            for (const stream of names) checkName(stream, inside("streams", stream), report);
        });
        const parent = this;
        const account = currentAccount(this);
        const api = restApi(name, checkedOrigins(name, args.allowedOrigins), parent);
        const role = createRole();
        addPaths();
        const stage = createStage();
        this.url = pulumi.all([stage.invokeUrl, limitStage().id, createUsagePlan()]).apply(([url]) => `${url}/streams`);
        this.registerOutputs({ url: this.url });

        /** It may put on these streams and say what they are like, nothing else. */
        function createRole() {
            // API Gateway takes on a role that its own account has passed to it, and names no source when it does.
            const role = new iam.Role(
                `${name}-role`,
                { assumeRolePolicy: trust("apigateway.amazonaws.com") },
                { parent },
            );
            const arns = streams.map(([, { streamArn }]) => streamArn);
            const policy = policyDocument(
                putKinesisRecords(arns),
                describeKinesisStreams(arns),
                allow("kms:GenerateDataKey", arnOf(account, "kms", "key/*"), {
                    StringEquals: { "kms:EncryptionContext:aws:kinesis:arn": arns },
                }),
            );
            const rolePolicy = new iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, { parent });
            return { arn: pulumi.all([role.arn, rolePolicy.id]).apply(([arn]) => arn) };
        }

        function addPaths() {
            const list = api.resource("streams", "streams");
            api.mock(list, "GET", listResponse(names));
            for (const [stream, { streamArn, columns }] of streams) {
                const description = api.resource(stream, stream, list);
                const record = api.resource(`${stream}-record`, "record", description);
                const records = api.resource(`${stream}-records`, "records", description);
                api.kinesis(description, "GET", {
                    action: action("DescribeStreamSummary"),
                    request: pulumi.output(streamArn).apply(describeRequest),
                    response: describeResponse(stream),
                });
                api.kinesis(record, "PUT", {
                    action: action("PutRecord"),
                    request: pulumi.output(streamArn).apply(putRecordRequest),
                    response: putRecordResponse,
                    model: api.model(stream, "Event", eventSchema(columns)),
                });
                api.kinesis(records, "PUT", {
                    action: action("PutRecords"),
                    request: pulumi.output(streamArn).apply(putRecordsRequest),
                    response: putRecordsResponse,
                    model: api.model(stream, "Events", eventsSchema(columns)),
                });
            }
        }

        function action(operation: string) {
            const { partition, region } = account;
            const uri = pulumi.interpolate`arn:${partition}:apigateway:${region}:kinesis:action/${operation}`;
            return { uri, credentials: role.arn };
        }

        function createStage() {
            const log = new cloudwatch.LogGroup(
                `${name}-access-log`,
                { retentionInDays: logRetentionDays },
                { parent },
            );
            // API Gateway would make it itself, to be kept forever.
            const executionLog = new cloudwatch.LogGroup(
                `${name}-execution-log`,
                {
                    name: pulumi.interpolate`API-Gateway-Execution-Logs_${api.id}/${stageName}`,
                    retentionInDays: logRetentionDays,
                },
                { parent },
            );
            const accountRole = args.ownAccountLogRole ? [accountLogRole(name, account, parent)] : [];
            return new apigateway.Stage(
                `${name}-stage`,
                {
                    restApi: api.id,
                    deployment: api.deploy().id,
                    stageName,
                    accessLogSettings: { destinationArn: log.arn, format: accessLogFormat },
                    xrayTracingEnabled: true,
                },
                pulumi.mergeOptions(
                    { parent, dependsOn: [executionLog, ...accountRole] },
                    { dependsOn: opts?.dependsOn },
                ),
            );
        }

        /** Errors are logged, without what was sent. */
        function limitStage() {
            return new apigateway.MethodSettings(
                `${name}-settings`,
                {
                    restApi: api.id,
                    stageName: stage.stageName,
                    methodPath: "*/*",
                    settings: {
                        throttlingRateLimit: args.requestsPerSecond ?? defaultRequestsPerSecond,
                        throttlingBurstLimit: args.burst ?? defaultBurst,
                        loggingLevel: "ERROR",
                        metricsEnabled: true,
                        dataTraceEnabled: false,
                    },
                },
                { parent },
            );
        }

        function createUsagePlan() {
            const { requestsPerSecond, burst, quota, period = "day" } = args.usage ?? {};
            const plan = new apigateway.UsagePlan(
                `${name}-usage`,
                {
                    apiStages: [{ apiId: api.id, stage: stage.stageName }],
                    throttleSettings: {
                        rateLimit: requestsPerSecond ?? args.requestsPerSecond ?? defaultRequestsPerSecond,
                        burstLimit: burst ?? args.burst ?? defaultBurst,
                    },
                    quotaSettings: quota === undefined ? undefined : { limit: quota, period: period.toUpperCase() },
                },
                { parent },
            );
            return pulumi.all(Object.entries(args.keys).map(([key, value]) => addKey(plan, key, value)));
        }

        function addKey(plan: apigateway.UsagePlan, key: string, value: pulumi.Input<string>) {
            const apiKey = new apigateway.ApiKey(
                `${name}-${key}`,
                { value: pulumi.secret(value).apply((known) => checkedKey(`${name}: keys.${key}`, known)) },
                { parent },
            );
            return new apigateway.UsagePlanKey(
                `${name}-${key}`,
                { keyId: apiKey.id, keyType: "API_KEY", usagePlanId: plan.id },
                { parent },
            ).id;
        }
    }
}

function checkedKey(path: string, value: string): string {
    const problem = apiKeyProblem(value);
    if (problem !== undefined) throw new Error(`${path}: ${problem}`);
    return value;
}
