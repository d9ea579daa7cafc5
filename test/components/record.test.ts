import * as s3 from "@pulumi/aws/s3";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { recordResources } from "./record";

describe("recordResources", () => {
    it("records inputs, parents, dependencies and secrets", async () => {
        const { resources } = await recordResources(() => {
            const parent = new pulumi.ComponentResource("test:index:Parent", "home");
            const bucket = new s3.Bucket("lake", { tags: { team: pulumi.secret("blue") } }, { parent });
            const options = { parent, dependsOn: [new s3.Bucket("other")] };
            new s3.BucketLogging("logging", { bucket: bucket.id, targetBucket: "logs", targetPrefix: "" }, options);
        });

        expect(resources).to.deep.include({
            type: "aws:s3/bucket:Bucket",
            name: "lake",
            parent: "Parent home",
            dependencies: [],
            inputs: { tags: { team: "blue" } },
            secrets: ["tags"],
        });
        expect(resources).to.deep.include({
            type: "aws:s3/bucketLogging:BucketLogging",
            name: "logging",
            parent: "Parent home",
            dependencies: ["Bucket lake", "Bucket other"],
            inputs: { bucket: "lake", targetBucket: "logs", targetPrefix: "" },
            secrets: [],
        });
    });

    it("waits for what is registered late", async () => {
        const { inputs } = await recordResources(() => {
            pulumi.output(Promise.resolve("late")).apply((name) => new s3.Bucket(name));
        });

        expect(inputs).to.deep.equal({ "Bucket late": {} });
    });

    it("fails on a type and on a lookup that it does not know", async () => {
        expect(await failureOf(() => new ssm.Parameter("secret", { type: "String" }))).to.include(
            "unknown type aws:ssm",
        );
        expect(await failureOf(() => s3.getBucketObjectsOutput({ bucket: "lake" }))).to.include(
            "unknown lookup aws:s3",
        );
    });

    it("fails on two resources with one URN", async () => {
        expect(await failureOf(() => [new s3.Bucket("lake"), new s3.Bucket("lake")])).to.include("registered twice");
    });

    it("fails on what is thrown while values become known", async () => {
        const tags = pulumi.output({}).apply((): Record<string, string> => {
            throw new Error("thrown late");
        });

        expect(await failureOf(() => new s3.Bucket("lake", { tags }))).to.include("thrown late");
    });
});

async function failureOf(program: () => unknown): Promise<string> {
    return recordResources(program).then(
        () => "none",
        (error: Error) => error.message,
    );
}
