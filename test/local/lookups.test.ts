import { expect } from "chai";
import { streamOf } from "../../local/lookups";
import { resource, testRuntime } from "./support";

describe("the delivery stream of an ingest", () => {
    it("is none that reads a Kinesis stream, whatever the ingest is called", () => {
        const stream = (name: string, inputs = {}) =>
            resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", name, {
                extendedS3Configuration: {},
                ...inputs,
            });
        const kinesisSourceConfiguration = { kinesisStreamArn: "arn", roleArn: "role" };
        const { program } = testRuntime([
            stream("web-click-kinesis", { kinesisSourceConfiguration }),
            stream("web-kinesis"),
            stream("web-click"),
        ]);

        expect(streamOf(program, "kinesis").name).to.equal("web-kinesis");
        expect(() => streamOf(program, "other")).to.throw(
            'There is no ingest "other": there is `web-kinesis`, `web-click`',
        );
    });

    it("is called after its table where that is missed", () => {
        const { program } = testRuntime([
            resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "web-click", {
                extendedS3Configuration: { prefix: "raw/v0/click/!{timestamp:yyyy}/" },
            }),
            resource("aws:glue/catalogTable:CatalogTable", "click", {
                name: "click",
                storageDescriptor: { location: "s3://lake/raw/v0/click/" },
            }),
        ]);

        expect(() => streamOf(program, "clicks")).to.throw('There is no ingest "clicks": did you mean `click`?');
        expect(() => streamOf(testRuntime().program, "click")).to.throw(
            'There is no ingest "click": the program has none',
        );
    });
});
