import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { PlanError, Processor, type ProcessorComponentArgs } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const bucketArn = "arn:aws:s3:::bucket";
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:forecast";

describe("Processor", () => {
    it("calls the user's code, which may read new objects and write its output only, through a function that may call it and keep books only", async () => {
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
            ...functionResources("forecast-run", {
                bundle: "run-processor",
                environment: {
                    PROCESSOR: "forecast",
                    FUNCTION_ARN: functionArn,
                    FUNCTION_TIMEOUT: "60",
                    LEDGER_TABLE: "books",
                    BUCKET: "bucket",
                    TRIGGER: "processed/v0/battery/",
                },
                memorySize: 128,
                timeout: 90,
                statements: [
                    { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArn },
                    {
                        Effect: "Allow",
                        Action: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
                        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/books",
                    },
                ],
            }),
            ...subscriptionResources("forecast", {
                topicArn,
                prefixes: ["processed/v0/battery/"],
                functionArn: `${functionArn}-run`,
                role: "forecast-run-role",
                visibilityTimeoutSeconds: 540,
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
                    name: "battery_forecast",
                    architecture: "arm64",
                    memorySize: 2048,
                    timeout: pulumi.output(100),
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
        expect(inputs["Function forecast-run"]).to.include({ memorySize: 128, timeout: 130 });
        expect(inputs["Function forecast-run"]).to.have.property("environment").that.deep.nested.includes({
            "variables.PROCESSOR": "battery_forecast",
            "variables.FUNCTION_TIMEOUT": "100",
        });
        expect(inputs["Queue forecast"]).to.include({ visibilityTimeoutSeconds: 780 });
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
            functionArn,
            roleName: "forecast-role",
            deadLetterQueueUrl: "https://sqs/forecast-dead-letters",
        });
    });

    it("refuses a time that leaves none of Lambda's for what calls it", async () => {
        const refused = await recordResources(() => processor("forecast", { timeout: 871 }).functionArn).catch(
            (error: unknown) => error,
        );

        expect(refused).to.be.instanceOf(PlanError);
        expect((refused as PlanError).problems.map(({ path }) => path)).to.deep.equal(["timeout"]);
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
        ledgerName: "books",
        trigger: "processed/v0/battery/",
        outputPrefix: "processed/v0/forecast/",
        runtime: "python3.13",
        handler: "forecast.handler",
        code: new pulumi.asset.FileArchive("./forecast"),
        ...args,
    });
}
