import { expect } from "chai";
import type { PipelineShape } from "../../plan";
import { ingest, problemsOf, untyped } from "./factories";

const topicIn = (region: string) => `arn:aws:sns:${region}:123456789012:topic`;
const streamIn = (region: string) => `arn:aws:kinesis:${region}:123456789012:stream/pings`;
const certificateIn = (region: string) => `arn:aws:acm:${region}:123456789012:certificate/1`;

/** A pipeline that names what exists by ARNs. */
function pipeline(topic: unknown, stream: unknown, certificate: unknown, alarms: unknown) {
    return untyped<PipelineShape>({
        bucket: { existing: "lake", topicArn: topic },
        ingest: {
            pings: ingest({ kinesis: { streamArn: stream } }),
            views: ingest({ loadBalancer: { certificateArn: certificate } }),
        },
        alarms: { topicArn: alarms },
    });
}

describe("regions", () => {
    it("are one for all that exists, and known at deploy time perhaps", () => {
        const here = "eu-west-1";

        expect(problemsOf(pipeline(topicIn(here), streamIn(here), certificateIn(here), topicIn(here)))).to.deep.equal(
            [],
        );
        expect(problemsOf(pipeline({}, streamIn(here), {}, topicIn(here)))).to.deep.equal([]);
        expect(problemsOf(pipeline({}, {}, {}, topicIn("us-east-1")))).to.deep.equal([]);
    });

    it("that differ are refused", () => {
        const [here, there] = ["eu-west-1", "us-east-1"];
        const first = "`bucket.topicArn` in eu-west-1: all that a pipeline works with is in one region";

        expect(
            problemsOf(pipeline(topicIn(here), streamIn(there), certificateIn("us-east-2"), topicIn(there))),
        ).to.deep.equal([
            `ingest.pings.kinesis.streamArn: is in us-east-1, but ${first}`,
            `ingest.views.loadBalancer.certificateArn: is in us-east-2, but ${first}`,
            `alarms.topicArn: is in us-east-1, but ${first}`,
        ]);
    });

    it("are not asked of what has none", () => {
        const ingests = { pings: untyped<never>(null), views: ingest() };

        expect(problemsOf({ ingest: ingests, bucket: untyped("lake") })).to.have.length(2);
        expect(problemsOf({ ingest: untyped([]), alarms: untyped(1) })).to.have.length(3);
    });
});
