import { expect } from "chai";
import { planPipeline } from "../../plan";
import { ingest, problemsIn, problemsOf, untyped } from "./factories";

const withKinesis = (kinesis: unknown) => ({ ingest: { pings: ingest({ kinesis: untyped(kinesis) }) } });
const problemsOfKinesis = (kinesis: unknown) => problemsOf(withKinesis(kinesis));
const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/pings";
const deferred = Promise.resolve("known at deploy time");

describe("a Kinesis source", () => {
    const shards =
        "shards: must be a whole number from 1 to 10000, beyond which Kinesis scales no stream: leave it out for on-demand";
    const hours =
        "retentionHours: must be a whole number from 168 (a week, in which a failure is noticed) to 8760 (a year, Kinesis's most)";
    const existing = "is for a new stream, but `streamArn` names one that exists: leave out one";
    const noArn = (value: unknown) =>
        `streamArn: \`${value}\` is no ARN of a Kinesis stream: ` +
        "write `arn:aws:kinesis:<region>:<account>:stream/<name>`";
    for (const [title, kinesis, problems] of [
        ["without shards", { shards: 0 }, [shards]],
        ["with half a shard", { shards: 0.5 }, [shards]],
        ["with more shards than Kinesis scales to", { shards: 10_001 }, [shards]],
        ["with a text as shards", { shards: "2" }, [shards]],
        ["with null as shards", { shards: null }, [shards]],
        ["kept less than a week", { retentionHours: 167 }, [hours]],
        ["kept more than a year", { retentionHours: 8_761 }, [hours]],
        ["kept half an hour more", { retentionHours: 168.5 }, [hours]],
        ["with a name for an ARN", { streamArn: "pings" }, [noArn("pings")]],
        [
            "with a delivery stream's ARN",
            { streamArn: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/pings" },
            [noArn("arn:aws:firehose:eu-west-1:123456789012:deliverystream/pings")],
        ],
        ["with a consumer's ARN", { streamArn: `${streamArn}/consumer/a:1` }, [noArn(`${streamArn}/consumer/a:1`)]],
        ["with an empty ARN", { streamArn: "" }, [noArn("")]],
        ["with null for an ARN", { streamArn: null }, [noArn(null)]],
        ["with shards for a stream that exists", { streamArn, shards: 2 }, [`shards: ${existing}`]],
        [
            "with settings for a stream that is known at deploy time",
            { streamArn: deferred, shards: deferred, retentionHours: 168 },
            [`shards: ${existing}`, `retentionHours: ${existing}`],
        ],
        ["with all of it wrong", { shards: 0, retentionHours: 1 }, [shards, hours]],
    ] as [string, unknown, string[]][]) {
        it(`${title}, is refused`, () => {
            expect(problemsOfKinesis(kinesis)).to.deep.equal(
                problems.map((problem) => `ingest.pings.kinesis.${problem}`),
            );
        });
    }

    it("that is no object, is refused", () => {
        expect(problemsOfKinesis(true)).to.deep.equal(["ingest.pings.kinesis: must be an object"]);
    });

    for (const [title, kinesis] of [
        ["on demand", {}],
        ["with one shard", { shards: 1 }],
        ["with 10000 shards", { shards: 10_000 }],
        ["with shards and hours known at deploy time", { shards: deferred, retentionHours: deferred }],
        ["kept a week", { retentionHours: 168 }],
        ["kept a year", { retentionHours: 8_760 }],
        ["that exists", { streamArn }],
        ["that exists in China", { streamArn: "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a.b-c_D9" }],
        ["that is known at deploy time", { streamArn: deferred }],
    ] as const) {
        it(`${title}, is accepted`, () => {
            expect(problemsOfKinesis(kinesis)).to.deep.equal([]);
            expect(planPipeline(withKinesis(kinesis)).ingests[0]).to.include({ kinesis: true });
        });
    }

    it("counts for the length of the ingest's name: its function's role is called after both", () => {
        const fitting = problemsIn(() => planPipeline(withKinesis({}), "a".repeat(27)));
        const long = problemsIn(() => planPipeline(withKinesis({}), "a".repeat(28)));

        expect(fitting).to.deep.equal([]);
        expect(long).to.deep.equal([
            "ingest.pings: with the pipeline's name the role of its function is called too long by 1: " +
                "shorten one of the names",
        ]);
    });
});
