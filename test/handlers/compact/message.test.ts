import { expect } from "chai";
import { readMessage } from "../../../handlers/compact/message";
import { createdObject, s3Body, s3Record } from "../shared/s3-event-messages";

describe("a message of the compact function", () => {
    it("tells of new objects, or wakes an interval", () => {
        const wake = { interval: "2026-11-21T04", at: 1 };

        expect(readMessage(JSON.stringify({ wake }))).to.deep.equal({ wake });
        expect(readMessage(s3Body(s3Record("raw/a.json.gz")))).to.deep.equal({
            objects: [createdObject("raw/a.json.gz", { eventTime: "2026-11-21T04:00:00.000Z", versionId: undefined })],
        });
    });

    for (const [body, problem] of [
        ["{}", "the message is no S3 event: it has no Records"],
        ["no JSON", "the message is no S3 event: its body is not JSON"],
        ['{"wake":{}}', "the message wakes nothing: it names no interval or no time"],
        ['{"wake":{"interval":"2026-11-21"}}', "the message wakes nothing: it names no interval or no time"],
        ['{"wake":null}', "the message wakes nothing: it names no interval or no time"],
    ] as const) {
        it(`is refused: ${body}`, () => {
            expect(() => readMessage(body)).to.throw(problem);
        });
    }
});
