import { expect } from "chai";
import type { BucketShape, PipelineShape } from "../../plan";
import { ingest, problemsOf, query, untyped } from "./factories";

const choices =
    "`topicArn` (the SNS topic that the bucket already notifies), `eventBridge: true` (the bucket sends its events to " +
    "EventBridge), `ownNotifications: true` (the pipeline replaces the bucket's notification document by its own)";

const withBucket = (bucket: unknown): PipelineShape => ({
    bucket: untyped<BucketShape>(bucket),
    ingest: { pings: ingest() },
});

describe("the bucket", () => {
    for (const [title, bucket, problems] of [
        [
            "that exists, with no way to hear of new objects",
            { existing: { name: "lake" } },
            [`bucket: has \`existing\`, but not how the pipeline hears of its new objects: add one of ${choices}`],
        ],
        [
            "that exists, with all ways declined",
            { existing: "lake", eventBridge: false, ownNotifications: false },
            [`bucket: has \`existing\`, but not how the pipeline hears of its new objects: add one of ${choices}`],
        ],
        [
            "that exists, with two ways",
            { existing: "lake", topicArn: "arn:aws:sns:eu-west-1:1:t", eventBridge: true },
            [`bucket: has \`topicArn\` and \`eventBridge\`: keep one of ${choices}`],
        ],
        [
            "that is created, with ways for one that exists",
            { topicArn: "arn:aws:sns:eu-west-1:1:t", eventBridge: true, ownNotifications: true },
            ["topicArn", "eventBridge", "ownNotifications"].map(
                (way) => `bucket.${way}: is for a bucket that exists: name it in \`existing\`, or leave this out`,
            ),
        ],
        [
            "with switches that are none",
            { existing: "lake", eventBridge: "yes", ownNotifications: true },
            ["bucket.eventBridge: must be true or false"],
        ],
        ["that is a name", "lake", ["bucket: must be an object"]],
    ] as [string, unknown, string[]][]) {
        it(`${title}, is refused`, () => {
            expect(problemsOf(withBucket(bucket))).to.deep.equal(problems);
        });
    }

    for (const [title, bucket] of [
        ["that is created", {}],
        ["that exists and notifies a topic", { existing: "lake", topicArn: "arn:aws:sns:eu-west-1:1:t" }],
        ["that exists and sends to EventBridge", { existing: "lake", eventBridge: true }],
        ["that exists and may be configured", { existing: "lake", ownNotifications: true, eventBridge: false }],
    ] as const) {
        it(`${title}, is accepted`, () => {
            expect(problemsOf(withBucket(bucket))).to.deep.equal([]);
        });
    }

    it("that exists may hold what others write", () => {
        const found = problemsOf({
            bucket: { existing: "lake", eventBridge: true },
            queries: { "exports/": [query("totals")] },
        });

        expect(found).to.deep.equal([]);
    });

    it("that is created holds nothing that the pipeline does not write", () => {
        const found = problemsOf({
            ingest: { deviceping: ingest() },
            queries: { "raw/v0/devicepng/": [query("totals"), query("sums")], "exports/": [query("others")] },
            processors: { "raw/v0/devicepng/": [{ name: "forecast" }] },
        });

        const written =
            "`raw/v0/deviceping/`, `processed/v0/totals/`, `processed/v0/sums/`, `processed/v0/others/`, `processed/v0/forecast/`";
        expect(found).to.deep.equal([
            'queries["raw/v0/devicepng/"]: nothing in this pipeline writes under `raw/v0/devicepng/`: did you mean `raw/v0/deviceping/`?',
            `queries["exports/"]: nothing in this pipeline writes under \`exports/\`: start from one of ${written}`,
            'processors["raw/v0/devicepng/"]: nothing in this pipeline writes under `raw/v0/devicepng/`: did you mean `raw/v0/deviceping/`?',
        ]);
    });
});
