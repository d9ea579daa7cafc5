import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Processor, type ProcessorComponentArgs } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const bucketArn = "arn:aws:s3:::bucket";

describe("Processor", () => {
    it("calls the user's code for new objects, which may read these and write its output only", async () => {
        const { inputs } = await recordResources(() => processor("forecast").functionArn);

        expect(inputs).to.deep.equal({
            ...functionResources("forecast", {
                environment: { BUCKET: "bucket", OUTPUT_PREFIX: "processed/v0/forecast/" },
                memorySize: 512,
                timeout: 60,
                statements: [
                    { Effect: "Allow", Action: "s3:GetObject", Resource: [`${bucketArn}/processed/v0/battery/*`] },
                    {
                        Effect: "Allow",
                        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                        Resource: [`${bucketArn}/processed/v0/forecast/*`],
                    },
                ],
                user: {
                    runtime: "python3.13",
                    handler: "forecast.handler",
                    architectures: ["x86_64"],
                    code: { folder: "forecast" },
                },
            }),
            ...subscriptionResources("forecast", {
                topicArn,
                prefixes: ["processed/v0/battery/"],
                functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:forecast",
                role: "forecast-role",
                visibilityTimeoutSeconds: 360,
                batchSize: 10,
                batchWindow: 0,
                maximumConcurrency: 10,
            }),
        });
    });

    it("takes settings of its own, but not another bucket", async () => {
        const { inputs } = await recordResources(
            () =>
                processor("forecast", {
                    architecture: "arm64",
                    memorySize: 2048,
                    timeout: 100,
                    environment: { MODEL: "small", BUCKET: "elsewhere" },
                    batchSize: 1,
                    maximumConcurrency: 3,
                }).functionArn,
        );

        expect(inputs["Function forecast"]).to.deep.include({
            architectures: ["arm64"],
            memorySize: 2048,
            timeout: 100,
            environment: { variables: { MODEL: "small", BUCKET: "bucket", OUTPUT_PREFIX: "processed/v0/forecast/" } },
        });
        expect(inputs["Queue forecast"]).to.include({ visibilityTimeoutSeconds: 600 });
        expect(inputs["EventSourceMapping forecast"]).to.deep.include({
            batchSize: 1,
            scalingConfig: { maximumConcurrency: 3 },
        });
    });

    it("keeps secrets of its environment secret", async () => {
        const { find } = await recordResources(
            () => processor("forecast", { environment: { TOKEN: pulumi.secret("s3cr3t") } }).functionArn,
        );

        const { inputs, secrets } = find("Function", "forecast");
        expect(inputs.environment).to.have.nested.property("variables.TOKEN", "s3cr3t");
        expect(secrets).to.deep.equal(["environment"]);
    });

    it("says its function, its role and its dead-letter queue", async () => {
        const { result } = await recordResources(() => {
            const { functionArn, roleName, deadLetterQueueUrl } = processor("forecast");
            return { functionArn, roleName, deadLetterQueueUrl };
        });

        expect(result).to.deep.equal({
            functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:forecast",
            roleName: "forecast-role",
            deadLetterQueueUrl: "https://sqs/forecast-dead-letters",
        });
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [processor("one").functionArn, processor("two").functionArn]);

        expect(inputs).to.include.all.keys("Function one", "Function two");
    });
});

function processor(name: string, args: Partial<ProcessorComponentArgs> = {}) {
    return new Processor(name, {
        bucketName: "bucket",
        topicArn,
        trigger: "processed/v0/battery/",
        outputPrefix: "processed/v0/forecast/",
        runtime: "python3.13",
        handler: "forecast.handler",
        code: new pulumi.asset.FileArchive("./forecast"),
        ...args,
    });
}
