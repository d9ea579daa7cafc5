import { expect } from "chai";
import { streamOf } from "../../local/lookups";
import { resource, testRuntime } from "./support";

describe("the delivery stream of an ingest", () => {
    it("is none that reads a Kinesis stream, whatever the ingest is called", () => {
        const stream = (name: string, inputs = {}) =>
            resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", name, inputs);
        const kinesisSourceConfiguration = { kinesisStreamArn: "arn", roleArn: "role" };
        const { program } = testRuntime([
            stream("web-click-kinesis", { kinesisSourceConfiguration }),
            stream("web-kinesis"),
            stream("web-click"),
        ]);

        expect(streamOf(program, "kinesis").name).to.equal("web-kinesis");
        expect(() => streamOf(program, "other")).to.throw("delivery streams are web-kinesis, web-click");
    });
});
