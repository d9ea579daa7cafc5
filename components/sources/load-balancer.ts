import * as ec2 from "@pulumi/aws/ec2";
import * as lb from "@pulumi/aws/lb";
import * as pulumi from "@pulumi/pulumi";
import { columnsFile, type ParseAccessLogEnvironment } from "../../handlers/parse-access-log/contract";
import { ClientAddress, type ColumnArgs, checked, checkLoadBalancer, IngestPartitions } from "../../plan";
import { bucketArn, currentAccount } from "../internal/account";
import { bundledFunction, type EnvironmentOf } from "../internal/bundled-function";
import type { FunctionParts } from "../internal/function";
import { putObjects, readObjects, writeObjects } from "../internal/policies";
import { accessLogColumns } from "../internal/tables";
import { Subscription } from "../subscription";

/** TLS 1.2 and 1.3, AWS's own recommendation. */
const defaultTlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/** A busy hour's log takes its time. */
const timeoutSeconds = 300;
/** Bytes of an unpacked log after which it is refused: a gzip bomb. */
const maximumBytes = 1024 ** 3;
/** Longest start of a name that AWS completes itself. */
const longestNamePrefix = 6;

/** How requests for a pixel come in, and what is kept of them. */
export interface LoadBalancerArgs {
    /** The VPC that the load balancer stands in; goes with `subnetIds`. @default the account's default VPC */
    vpcId?: pulumi.Input<string>;
    /**
     * Public subnets of `vpcId`, at least two in different availability zones.
     * @default the default subnets of the account's default VPC
     */
    subnetIds?: pulumi.Input<pulumi.Input<string>[]>;
    /** Path of the requests that are events; others are answered too, but dropped. @default `/<ingest>` */
    path?: string;
    /** ARN of a certificate; with one, the listener is HTTPS on port 443. @default none: HTTP on port 80 */
    certificateArn?: pulumi.Input<string>;
    /** Security policy of the HTTPS listener. @default "ELBSecurityPolicy-TLS13-1-2-2021-06" */
    tlsPolicy?: pulumi.Input<string>;
    /**
     * Origin whose scripts may read the (empty) answer; `<img>` and `sendBeacon` need none. A listener answers with one.
     * @default none
     * @example "https://app.example.com"
     */
    allowedOrigin?: pulumi.Input<string>;
    /** What is kept of the sender's address in the column `client_address`. @default "keep" */
    clientAddress?: ClientAddress;
    /**
     * Whether POST requests are events too, as `navigator.sendBeacon` sends them. The query string counts: a body is
     * not in the log.
     * @default false: GET only
     */
    beacons?: boolean;
    /** Whether AWS refuses to delete the load balancer, whose name stands in pages. @default true */
    deletionProtection?: pulumi.Input<boolean>;
}

/** Arguments of `LoadBalancer`. */
export interface LoadBalancerComponentArgs extends LoadBalancerArgs {
    /** Name of the ingest. */
    ingest: string;
    /** The events' columns. `request_time`, `client_address`, `user_agent` and `referrer` are added. */
    columns: ColumnArgs[];
    /** Name of the bucket; its policy must take the log, see `loadBalancerLogs` of `LakeBucket`. */
    bucketName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects below `logPrefix`. */
    topicArn: pulumi.Input<string>;
    /** Where the events go, ending in `/`; the hour of the log (UTC) follows. */
    prefix: string;
    /** How the hour's folders are called: `hour` is `yyyy/MM/dd/HH/`. @default "hour" */
    partitions?: IngestPartitions;
    /** Where the load balancer writes its log, ending in `/`. @default `alb/<ingest>/` */
    logPrefix?: string;
    /** Where lines that are no events go, ending in `/`. @default `failed/<ingest>/` */
    errorPrefix?: string;
}

/**
 * Takes events as requests for a pixel, without a server: an internet-facing Application Load Balancer that has no
 * targets answers 204 to everything and writes its access log into the bucket, every five minutes; a function turns the
 * query strings in it into rows.
 *
 * A load balancer logs on a best-effort basis: good for counting visits, not for invoices.
 *
 * @example
 * ```ts
 * const pixel = new LoadBalancer("views", {
 *     ingest: "view",
 *     columns: [{ name: "page", type: "string" }],
 *     bucketName: lake.bucketName, topicArn: fanOut.topicArn, prefix: "raw/v0/view/",
 * }, { dependsOn: lake });
 * export const url = pixel.url; // <img src="http://…/view?page=home">
 * ```
 */
export class LoadBalancer extends pulumi.ComponentResource {
    /** Address of the pixel, by the load balancer's own name. */
    readonly url: pulumi.Output<string>;
    /** DNS name of the load balancer: the target of a CNAME or alias record. */
    readonly dnsName: pulumi.Output<string>;
    /** Hosted zone of the load balancer, for an alias record. */
    readonly zoneId: pulumi.Output<string>;
    /** URL of the queue of new objects. */
    readonly queueUrl: pulumi.Output<string>;
    /** URL of the dead-letter queue: logs that could not be read. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: LoadBalancerComponentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:LoadBalancer", name, {}, opts);
        const planned = checked((report) => checkLoadBalancer(args.ingest, args, "", report));
        const { path } = planned;
        const logPrefix = args.logPrefix ?? planned.prefix;
        const parent = this;
        const scheme = args.certificateArn === undefined ? "http" : "https";
        const port = scheme === "http" ? 80 : 443;
        const subscription = subscribe(createParser());
        const loadBalancer = createLoadBalancer(createSecurityGroup());
        const listener = createListener();
        this.dnsName = loadBalancer.dnsName;
        this.zoneId = loadBalancer.zoneId;
        this.url = pulumi
            .all([loadBalancer.dnsName, listener.id]) // no address before it answers
            .apply(([dnsName]) => `${scheme}://${dnsName}${path}`);
        this.queueUrl = subscription.queueUrl;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            url: this.url,
            dnsName: this.dnsName,
            zoneId: this.zoneId,
            queueUrl: this.queueUrl,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createParser() {
            const bucket = bucketArn(currentAccount(parent), args.bucketName);
            const errorPrefix = args.errorPrefix ?? `failed/${args.ingest}/`;
            const environment: EnvironmentOf<ParseAccessLogEnvironment> = {
                BUCKET: args.bucketName,
                LOG_PREFIX: logPrefix,
                OUTPUT_PREFIX: args.prefix,
                PARTITIONS: args.partitions ?? IngestPartitions.Hour,
                FAILED_PREFIX: errorPrefix,
                EVENT_PATH: path,
                BEACONS: String(args.beacons ?? false),
                CLIENT_ADDRESS: args.clientAddress ?? ClientAddress.Keep,
                MAXIMUM_BYTES: String(maximumBytes),
            };
            return bundledFunction(
                name,
                {
                    bundle: "parse-access-log",
                    files: { [columnsFile]: accessLogColumns(args.columns) },
                    environment,
                    memorySize: 1024,
                    timeout: timeoutSeconds,
                    statements: [
                        readObjects(bucket, [logPrefix]),
                        writeObjects(bucket, [args.prefix]),
                        putObjects(bucket, [errorPrefix]),
                    ],
                },
                parent,
            );
        }

        function subscribe({ lambda, role }: FunctionParts) {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: [logPrefix],
                    functionArn: lambda.arn,
                    functionRole: role.name,
                    functionTimeout: timeoutSeconds,
                    batchSize: 1, // a large log must not make others wait
                },
                { parent },
            );
        }

        function createSecurityGroup() {
            return new ec2.SecurityGroup(
                name,
                {
                    description: `Requests to ${name} from anywhere`,
                    vpcId: args.vpcId ?? defaultVpc().id,
                    ingress: [
                        {
                            description: scheme.toUpperCase(),
                            protocol: "tcp",
                            fromPort: port,
                            toPort: port,
                            cidrBlocks: ["0.0.0.0/0"],
                        },
                    ],
                    egress: [], // there are no targets
                },
                { parent },
            );
        }

        function createLoadBalancer(group: ec2.SecurityGroup) {
            return new lb.LoadBalancer(
                name,
                {
                    namePrefix: namePrefix(args.ingest),
                    loadBalancerType: "application",
                    internal: false,
                    securityGroups: [group.id],
                    subnets: args.subnetIds ?? defaultSubnets(),
                    accessLogs: { bucket: args.bucketName, prefix: logPrefix.slice(0, -1), enabled: true },
                    dropInvalidHeaderFields: true,
                    desyncMitigationMode: "defensive",
                    enableDeletionProtection: args.deletionProtection ?? true,
                },
                // A log that comes before its reader would be announced to nobody. A component's own dependencies are
                // not its children's.
                pulumi.mergeOptions({ parent, dependsOn: [subscription] }, { dependsOn: opts?.dependsOn }),
            );
        }

        function createListener() {
            const { certificateArn, tlsPolicy, allowedOrigin } = args;
            return new lb.Listener(
                name,
                {
                    loadBalancerArn: loadBalancer.arn,
                    port,
                    protocol: scheme.toUpperCase(),
                    ...(certificateArn && { certificateArn, sslPolicy: tlsPolicy ?? defaultTlsPolicy }),
                    ...(allowedOrigin && { routingHttpResponseAccessControlAllowOriginHeaderValue: allowedOrigin }),
                    defaultActions: [
                        { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "204" } },
                    ],
                },
                { parent },
            );
        }

        function defaultVpc() {
            return ec2.getVpcOutput({ default: true }, { parent });
        }

        function defaultSubnets() {
            const filters = [
                { name: "vpc-id", values: [defaultVpc().id] },
                { name: "default-for-az", values: ["true"] },
            ];
            return ec2.getSubnetsOutput({ filters }, { parent }).ids;
        }
    }
}

/**
 * Start of the load balancer's name, which AWS's provider completes: a whole name may have 32 characters, fewer than an
 * ingest's name and the pipeline's together, and takes no `_`.
 */
function namePrefix(ingest: string): string {
    return `${ingest.replaceAll("_", "-").slice(0, longestNamePrefix - 1)}-`.replace("--", "-");
}
