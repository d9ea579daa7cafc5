import { expect } from "chai";
import { EventPipeline, IotTopic, type IotTopicArgs, PlanError } from "../../index";
import { policy, recordResources } from "./record";

const streamArn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/pings";
const roleArn = "arn:aws:iam::123456789012:role/fleet-pings-iot-role";

describe("IotTopic", () => {
    it("puts messages on the stream, keeps what fails, and may do nothing else", async () => {
        const { inputs } = await recordResources(() => topic("fleet-pings-iot").ruleName);

        expect(inputs).to.deep.equal({
            "Role fleet-pings-iot-role": {
                assumeRolePolicy: policy({
                    Effect: "Allow",
                    Principal: { Service: "iot.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
                }),
            },
            "RolePolicy fleet-pings-iot-policy": {
                role: "fleet-pings-iot-role",
                policy: policy(
                    { Effect: "Allow", Action: ["firehose:PutRecord", "firehose:PutRecordBatch"], Resource: streamArn },
                    { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::lake/failed/pings/iot/*" },
                ),
            },
            "TopicRule fleet_pings_iot": {
                enabled: true,
                sql: "SELECT * FROM 'devices/+/ping'",
                sqlVersion: "2016-03-23",
                firehoses: [{ deliveryStreamName: "pings", roleArn, separator: "\n", batchMode: false }],
                errorAction: {
                    s3: {
                        bucketName: "lake",
                        key: "failed/pings/iot/${parse_time('yyyy/MM/dd/HH', timestamp(), 'UTC')}/${newuuid()}.json",
                        roleArn,
                    },
                },
            },
        });
    });

    it("takes arrays where that is said", async () => {
        const { find } = await recordResources(() => topic("pings", { batchMode: true }).ruleName);

        expect(find("TopicRule", "pings").inputs).to.have.nested.property("firehoses[0].batchMode", true);
    });

    it("sends what fails to a queue of its own where that is said, and may write no object then", async () => {
        const { inputs, result } = await recordResources(
            () => topic("pings", { deadLetterQueue: true }).deadLetterQueueUrl,
        );

        const queueArn = "arn:aws:sqs:eu-west-1:123456789012:pings-dead-letters";
        expect(result).to.equal("https://sqs/pings-dead-letters");
        expect(inputs["Queue pings-dead-letters"]).to.deep.equal({
            sqsManagedSseEnabled: true,
            messageRetentionSeconds: 1_209_600,
        });
        expect(inputs["QueuePolicy pings-dead-letters-policy"]).to.deep.equal({
            queueUrl: result,
            policy: policy({
                Sid: "DenyPlainHttp",
                Effect: "Deny",
                Principal: "*",
                Action: "sqs:*",
                Resource: queueArn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            }),
        });
        expect(inputs["RolePolicy pings-policy"]).to.have.deep.nested.property("policy.json.Statement[1]", {
            Effect: "Allow",
            Action: "sqs:SendMessage",
            Resource: queueArn,
        });
        expect(inputs["TopicRule pings"]).to.have.deep.property("errorAction", {
            sqs: { queueUrl: result, roleArn: "arn:aws:iam::123456789012:role/pings-role", useBase64: false },
        });
    });

    it("takes messages once its role may put them", async () => {
        const { find } = await recordResources(() => topic("pings").ruleName);

        expect(find("TopicRule", "pings").dependencies).to.include("RolePolicy pings-policy");
    });

    it("says the rule's name and ARN", async () => {
        const { result } = await recordResources(() => {
            const { ruleName, ruleArn } = topic("pings");
            return { ruleName, ruleArn };
        });

        expect(result).to.deep.equal({ ruleName: "pings", ruleArn: "arn:aws:iot:eu-west-1:123456789012:rule/pings" });
    });

    it("refuses SQL that cannot be run on a developer's machine", async () => {
        const failure = await recordResources(() => topic("pings", { sql: "SELECT abs(a) AS a FROM 't'" })).catch(
            (error) => error,
        );

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("sql: the function `abs` at character 8 is not supported");
    });

    it("is made by a pipeline, which says the addresses of the dead-letter queues there are", async () => {
        const columns = [{ name: "battery", type: "double" }];
        const iot = { sql: "SELECT * FROM 'devices/+/ping'" };

        const { result } = await recordResources(
            () =>
                new EventPipeline("fleet", {
                    ingest: {
                        pings: { columns, iot: { ...iot, deadLetterQueue: true }, loadBalancer: {} },
                        pongs: { columns, iot },
                    },
                }).deadLetterQueueUrls,
        );

        expect(result).to.deep.equal({
            pings: "https://sqs/fleet-pings-pixel-dead-letters",
            "pings-iot": "https://sqs/fleet-pings-iot-dead-letters",
        });
    });

    it("is made by a pipeline, beside the ingest's other sources", async () => {
        const columns = [{ name: "battery", type: "double" }];
        const iot = { sql: "SELECT * FROM 'devices/+/ping'" };

        const { inputs, resources } = await recordResources(
            () =>
                new EventPipeline("my-fleet", { ingest: { pings: { columns, iot, http: { open: true } } } }).bucketName,
        );

        expect(resources).to.deep.include.members([
            { ...resources.find(({ name }) => name === "my-fleet-pings-iot")!, parent: "EventPipeline my-fleet" },
        ]);
        expect(inputs["TopicRule my_fleet_pings_iot"]).to.deep.nested.include({
            sql: iot.sql,
            "firehoses[0].deliveryStreamName": "my-fleet-pings",
            "errorAction.s3.bucketName": "my-fleet",
        });
        expect(inputs["RolePolicy my-fleet-pings-iot-policy"]).to.have.nested.property(
            "policy.json.Statement[1].Resource",
            "arn:aws:s3:::my-fleet/failed/pings/iot/*",
        );
        expect(inputs).to.include.keys("Api my-fleet-pings-http");
    });
});

function topic(name: string, args: Partial<IotTopicArgs> = {}) {
    return new IotTopic(name, {
        sql: "SELECT * FROM 'devices/+/ping'",
        columns: [{ name: "battery", type: "double" }],
        streamName: "pings",
        streamArn,
        bucketName: "lake",
        errorPrefix: "failed/pings/iot/",
        ...args,
    });
}
