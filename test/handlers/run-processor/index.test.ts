import { expect } from "chai";
import { ownPlace } from "../../dynamodb/tables";
import { invokeBundle } from "../shared/bundled-function";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { functionArn, ok, refused } from "./world";

describe("the run-processor function", () => {
    for (const [title, seconds, answer, calls, failed] of [
        ["calls the user's function by its environment", "59", ok('{"failed":["raw/b"]}'), 1, ["m1"]],
        [
            "does not call twice where Lambda is throttled",
            "59",
            refused("TooManyRequestsException", 429),
            1,
            ["m0", "m1"],
        ],
        ["does not call what would outlast it", "60", ok("null"), 0, ["m0", "m1"]],
    ] as const) {
        it(`${title}, bundled`, async () => {
            const place = ownPlace();
            const LEDGER_TABLE = await place.createTable("entry", "subscriber");
            const called: string[] = [];

            const response = await invokeBundle(
                {
                    name: "run-processor",
                    assetFile: "none.json",
                    asset: {},
                    environment: {
                        PROCESSOR: "forecast",
                        FUNCTION_ARN: functionArn,
                        FUNCTION_TIMEOUT: seconds, // of the 60 that are left
                        LEDGER_TABLE,
                        BUCKET: "lake",
                        TRIGGER: "raw/",
                    },
                    answer: (request) => {
                        if (request.headers["x-amz-target"]) return place.answer(request);
                        called.push(decodeURIComponent(request.path));
                        return answer;
                    },
                },
                sqsEvent(s3Body(s3Record("raw/a")), s3Body(s3Record("raw/b"))),
            );

            expect(
                response.batchItemFailures.map(({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier),
            ).to.deep.equal(failed);
            expect(called).to.deep.equal(Array(calls).fill(`/2015-03-31/functions/${functionArn}/invocations`));
        });
    }
});
