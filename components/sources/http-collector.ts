import { createHash } from "node:crypto";
import * as apigatewayv2 from "@pulumi/aws/apigatewayv2";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { type CollectEnvironment, columnsFile } from "../../handlers/collect/contract";
import { type ColumnArgs, checked, checkHttp } from "../../plan";
import { bundledFunction, type EnvironmentOf } from "../internal/bundled-function";
import { logRetentionDays } from "../internal/function";
import { allow } from "../internal/policies";
import { eventColumns } from "../internal/tables";

const defaultRequestsPerSecond = 1_000;
const defaultBurst = 2_000;
/** API Gateway gives up after 30 seconds; a sender should hear of it before. */
const timeoutSeconds = 20;
const shortestKey = 16;
/** Neither the query string, which may hold a key, nor the sender's address. */
const accessLogFormat = JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTime",
    route: "$context.routeKey",
    status: "$context.status",
    latency: "$context.responseLatency",
    error: "$context.integrationErrorMessage",
});

/** Who may send events over HTTP, from where, and how many. */
export interface HttpArgs {
    /**
     * Write keys by name, at least 16 characters each; they are kept as hashes. A sender gives one as the header
     * `x-api-key`, as HTTP Basic user name, or as `?key=`. For a new key, add it under a new name, then take the old
     * one away.
     * @default none: `open` must be true
     * @example { web: config.requireSecret("webKey") }
     */
    keys?: Record<string, pulumi.Input<string>>;
    /** Whether events are taken without a key. @default false */
    open?: boolean;
    /**
     * Origins whose pages may send events from a browser.
     * @default none: browsers refuse to send from pages
     * @example ["https://app.example.com"]
     */
    allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
    /** Requests a second above which senders are told to wait. @default 1000 */
    requestsPerSecond?: pulumi.Input<number>;
    /** Requests that may come at once. @default 2000 */
    burst?: pulumi.Input<number>;
}

/** Arguments of `HttpCollector`. */
export interface HttpCollectorArgs extends HttpArgs {
    /** Last part of the address: `POST https://…/<path>`. */
    path: string;
    /** Columns of the delivery stream's events; an event that does not fit is refused. */
    columns: ColumnArgs[];
    /** Name of the delivery stream. */
    streamName: pulumi.Input<string>;
    /** ARN of the delivery stream. */
    streamArn: pulumi.Input<string>;
}

/**
 * Takes events over HTTP and puts them on a delivery stream: API Gateway → Lambda → Firehose. The answer is 204 once
 * everything is stored.
 *
 * @example
 * ```ts
 * const collector = new HttpCollector("clicks", {
 *     path: "clicks",
 *     columns: [{ name: "page", type: "string" }],
 *     streamName: stream.streamName,
 *     streamArn: stream.streamArn,
 *     keys: { web: config.requireSecret("webKey") },
 * });
 * export const url = collector.url;
 * ```
 */
export class HttpCollector extends pulumi.ComponentResource {
    /** Address that takes events by POST. */
    readonly url: pulumi.Output<string>;

    constructor(name: string, args: HttpCollectorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:HttpCollector", name, {}, opts);
        checked((report) => checkHttp(args, "", report));
        const parent = this;
        const collect = createCollect();
        const api = createApi();
        const ready = [createRoute(), createStage()];
        this.url = pulumi
            .all([api.apiEndpoint, ready.map((each) => each.id)])
            .apply(([endpoint]) => `${endpoint}/${args.path}`);
        this.registerOutputs({ url: this.url });

        function createCollect() {
            const environment: EnvironmentOf<CollectEnvironment> = {
                DELIVERY_STREAM: args.streamName,
                KEY_HASHES: hashes(name, args.keys ?? {}),
                OPEN: String(args.open ?? false),
            };
            return bundledFunction(
                name,
                {
                    bundle: "collect",
                    files: { [columnsFile]: eventColumns(args.columns) },
                    environment,
                    memorySize: 512,
                    timeout: timeoutSeconds,
                    statements: [allow("firehose:PutRecordBatch", args.streamArn)],
                },
                parent,
            ).lambda;
        }

        function createApi() {
            return new apigatewayv2.Api(
                name,
                {
                    protocolType: "HTTP",
                    corsConfiguration: args.allowedOrigins && {
                        allowOrigins: args.allowedOrigins,
                        allowMethods: ["POST"],
                        allowHeaders: ["authorization", "content-encoding", "content-type", "x-api-key"],
                        maxAge: 3600,
                    },
                },
                { parent },
            );
        }

        function createRoute() {
            const permission = new lambda.Permission(
                `${name}-permission`,
                {
                    action: "lambda:InvokeFunction",
                    function: collect.name,
                    principal: "apigateway.amazonaws.com",
                    sourceArn: pulumi.interpolate`${api.executionArn}/*/POST/${args.path}`,
                },
                { parent },
            );
            const integration = new apigatewayv2.Integration(
                `${name}-integration`,
                {
                    apiId: api.id,
                    integrationType: "AWS_PROXY",
                    integrationUri: collect.arn,
                    payloadFormatVersion: "2.0",
                },
                { parent },
            );
            return new apigatewayv2.Route(
                `${name}-route`,
                {
                    apiId: api.id,
                    routeKey: `POST /${args.path}`,
                    target: pulumi.interpolate`integrations/${integration.id}`,
                    authorizationType: "NONE", // the function checks the key: HTTP APIs know none
                },
                { parent, dependsOn: [permission] },
            );
        }

        function createStage() {
            const log = new cloudwatch.LogGroup(
                `${name}-access-log`,
                { retentionInDays: logRetentionDays },
                { parent },
            );
            return new apigatewayv2.Stage(
                `${name}-stage`,
                {
                    apiId: api.id,
                    name: "$default",
                    autoDeploy: true,
                    defaultRouteSettings: {
                        throttlingRateLimit: args.requestsPerSecond ?? defaultRequestsPerSecond,
                        throttlingBurstLimit: args.burst ?? defaultBurst,
                    },
                    accessLogSettings: { destinationArn: log.arn, format: accessLogFormat },
                },
                { parent },
            );
        }
    }
}

/** Name -> SHA-256 of each write key. Secret: a hash would let everybody try keys at home. */
function hashes(collector: string, keys: Record<string, pulumi.Input<string>>): pulumi.Output<string> {
    const hashed = pulumi.output(keys).apply((known: Record<string, string>) => {
        const entries = Object.entries(known).map(([name, key]) => [name, hashOf(`${collector}: keys.${name}`, key)]);
        return JSON.stringify(Object.fromEntries(entries));
    });
    return pulumi.secret(hashed);
}

function hashOf(path: string, key: string): string {
    if (key.length < shortestKey) {
        throw new Error(
            `${path}: the write key has fewer than ${shortestKey} characters and could be guessed; ` +
                "make one with `openssl rand -hex 24`",
        );
    }
    return createHash("sha256").update(key).digest("hex");
}
