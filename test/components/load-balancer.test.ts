import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { EventPipeline, LoadBalancer, type LoadBalancerComponentArgs, PlanError } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const loadBalancerArn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/views/1";
/** Our component is called so, too. */
const awsLoadBalancer = "lb/loadBalancer:LoadBalancer";
const text = (name: string) => ({ name, type: { kind: "string" } });
const time = (name: string) => ({ name, type: { kind: "timestamp" } });

function pixel(args: Partial<LoadBalancerComponentArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
    const columns = [{ name: "page", type: "string" }];
    const place = { bucketName: "lake", topicArn, prefix: "raw/v0/page_view/" };
    return new LoadBalancer("views", { ingest: "page_view", columns, ...place, ...args }, opts);
}

describe("LoadBalancer", () => {
    it("answers 204 to everybody, logs into the bucket, and reads the log", async () => {
        const { inputs } = await recordResources(() => pixel().url);

        expect(inputs).to.deep.equal({
            ...functionResources("views", {
                bundle: "parse-access-log",
                files: {
                    "columns.json": [
                        ...[text("page"), text("event_id"), time("received_at")],
                        ...[time("request_time"), text("client_address"), text("user_agent"), text("referrer")],
                    ],
                },
                environment: {
                    BUCKET: "lake",
                    LOG_PREFIX: "alb/page_view/",
                    OUTPUT_PREFIX: "raw/v0/page_view/",
                    PARTITIONS: "hour",
                    FAILED_PREFIX: "failed/page_view/",
                    EVENT_PATH: "/page_view",
                    BEACONS: "false",
                    CLIENT_ADDRESS: "keep",
                    MAXIMUM_BYTES: "1073741824",
                },
                memorySize: 1024,
                timeout: 300,
                statements: [
                    {
                        Effect: "Allow",
                        Action: "s3:GetObject",
                        Resource: ["arn:aws:s3:::lake/alb/page_view/*"],
                    },
                    {
                        Effect: "Allow",
                        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                        Resource: ["arn:aws:s3:::lake/raw/v0/page_view/*"],
                    },
                    {
                        Effect: "Allow",
                        Action: "s3:PutObject",
                        Resource: ["arn:aws:s3:::lake/failed/page_view/*"],
                    },
                ],
            }),
            ...subscriptionResources("views", {
                topicArn,
                prefixes: ["alb/page_view/"],
                functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:views",
                role: "views-role",
                visibilityTimeoutSeconds: 1800,
                batchSize: 1,
                batchWindow: 0,
                maximumConcurrency: 10,
            }),
            "SecurityGroup views": {
                description: "Requests to views from anywhere",
                vpcId: "vpc-default",
                ingress: [
                    { description: "HTTP", protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["0.0.0.0/0"] },
                ],
                egress: [],
            },
            "LoadBalancer views": {
                namePrefix: "page-",
                loadBalancerType: "application",
                internal: false,
                securityGroups: ["views-id"],
                subnets: ["subnet-default-1", "subnet-default-2"],
                accessLogs: { bucket: "lake", prefix: "alb/page_view", enabled: true },
                dropInvalidHeaderFields: true,
                desyncMitigationMode: "defensive",
                enableDeletionProtection: true,
            },
            "Listener views": {
                loadBalancerArn,
                port: 80,
                protocol: "HTTP",
                defaultActions: [
                    { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "204" } },
                ],
            },
        });
    });

    it("says where it is", async () => {
        const { result } = await recordResources(() => {
            const { url, dnsName, zoneId, deadLetterQueueUrl } = pixel({ path: "/p.gif" });
            return { url, dnsName, zoneId, deadLetterQueueUrl };
        });

        expect(result).to.deep.equal({
            url: "http://views.elb.amazonaws.com/p.gif",
            dnsName: "views.elb.amazonaws.com",
            zoneId: "Z1",
            deadLetterQueueUrl: "https://sqs/views-dead-letters",
        });
    });

    it("speaks HTTPS, and nothing else, with a certificate", async () => {
        const certificateArn = pulumi.output("arn:aws:acm:eu-west-1:123456789012:certificate/1");

        const { find, result } = await recordResources(() => pixel({ certificateArn }).url);

        expect(find("Listener", "views").inputs).to.include({
            port: 443,
            protocol: "HTTPS",
            certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/1",
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        });
        const [rule, ...others] = find("SecurityGroup", "views").inputs.ingress as object[];
        expect(rule).to.include({ fromPort: 443, toPort: 443, description: "HTTPS" });
        expect(others).to.deep.equal([]);
        expect(result).to.equal("https://views.elb.amazonaws.com/page_view");
    });

    it("takes what it is told", async () => {
        const { find } = await recordResources(
            () =>
                pixel({
                    ...{ vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2"], deletionProtection: false },
                    ...{ certificateArn: "arn", tlsPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06" },
                    ...{ allowedOrigin: "https://app.example.com", clientAddress: "drop", beacons: true },
                    ...{ logPrefix: "logs-of-views/", errorPrefix: "failed/views/", partitions: "hive" },
                }).url,
        );

        expect(find("SecurityGroup", "views").inputs).to.include({ vpcId: "vpc-1" });
        expect(find(awsLoadBalancer, "views").inputs).to.deep.include({
            subnets: ["subnet-1", "subnet-2"],
            enableDeletionProtection: false,
            accessLogs: { bucket: "lake", prefix: "logs-of-views", enabled: true },
        });
        expect(find("Listener", "views").inputs).to.include({
            sslPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06",
            routingHttpResponseAccessControlAllowOriginHeaderValue: "https://app.example.com",
        });
        expect(find("Function", "views").inputs.environment).to.deep.include({
            variables: {
                BUCKET: "lake",
                LOG_PREFIX: "logs-of-views/",
                OUTPUT_PREFIX: "raw/v0/page_view/",
                PARTITIONS: "hive",
                FAILED_PREFIX: "failed/views/",
                EVENT_PATH: "/page_view",
                BEACONS: "true",
                CLIENT_ADDRESS: "drop",
                MAXIMUM_BYTES: "1073741824",
            },
        });
    });

    for (const [ingest, prefix] of [
        ["view", "view-"],
        ["views", "views-"],
        ["a_very_long_name", "a-ver-"],
        ["page_view", "page-"],
    ] as const) {
        it(`names the load balancer of ${ingest} ${prefix}…, as AWS takes it`, async () => {
            const { find } = await recordResources(() => pixel({ ingest }).url);

            expect(find(awsLoadBalancer, "views").inputs.namePrefix).to.equal(prefix);
        });
    }

    it("starts to log when its log is read", async () => {
        const { find } = await recordResources(() => pixel().url);

        expect(find(awsLoadBalancer, "views").dependencies).to.include.members([
            "EventSourceMapping views",
            "TopicSubscription views",
        ]);
    });

    it("refuses arguments that cannot work", async () => {
        const made = () => recordResources(() => pixel({ vpcId: "vpc-1" }).url);

        const error = await made().catch((each) => each);

        expect(error).to.be.instanceOf(PlanError);
        expect(error.message).to.include("subnetIds: is missing");
    });

    it("exists twice in one pipeline, whose bucket takes both logs before there is one", async () => {
        const columns = [{ name: "page", type: "string" }];
        const ingest = { view: { columns, loadBalancer: {} }, click: { columns, loadBalancer: { path: "/c" } } };

        const { find, result } = await recordResources(() => {
            const { pixelUrls, deadLetterQueueUrls, deliveryStreamNames } = new EventPipeline("site", { ingest });
            return { pixelUrls, deadLetterQueueUrls, deliveryStreamNames };
        });

        expect(result.pixelUrls).to.deep.equal({
            view: "http://site-view-pixel.elb.amazonaws.com/view",
            click: "http://site-click-pixel.elb.amazonaws.com/c",
        });
        expect(result.deadLetterQueueUrls).to.deep.equal({
            view: "https://sqs/site-view-pixel-dead-letters",
            click: "https://sqs/site-click-pixel-dead-letters",
        });
        for (const name of ["site-view-pixel", "site-click-pixel"]) {
            expect(find(awsLoadBalancer, name).dependencies).to.include.members([
                "BucketPolicy site-policy",
                "BucketNotification site-notification",
                `EventSourceMapping ${name}`,
            ]);
        }
        expect(JSON.stringify(find("BucketPolicy", "site-policy").inputs))
            .to.include("alb/view/")
            .and.to.include("alb/click/");
    });
});
