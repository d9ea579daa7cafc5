import { expect } from "chai";
import fc from "fast-check";
import { checkPrefixes, errorPrefix, objectPrefix } from "../../local/services/firehose/prefix";
import { formatTime } from "../../local/services/time-format";

const arrival = Date.UTC(2026, 10, 21, 4, 5, 6);
const context = { arrival, timeZone: "UTC" };
const failed = { ...context, errorOutputType: "processing-failed" };

describe("Firehose prefixes", () => {
    it("adds hour folders where the prefix says nothing of time", () => {
        expect(objectPrefix("raw/v0/ping/", context)).to.equal("raw/v0/ping/2026/11/21/04/");
        expect(objectPrefix("", context)).to.equal("2026/11/21/04/");
        expect(objectPrefix("!{firehose:random-string}/", context)).to.match(/^[a-z0-9]{11}\/2026\/11\/21\/04\/$/);
    });

    it("evaluates timestamps in the stream's time zone", () => {
        const prefix = "y=!{timestamp:yyyy}/d=!{timestamp:MM-dd}/h=!{timestamp:HH}/";

        expect(objectPrefix(prefix, context)).to.equal("y=2026/d=11-21/h=04/");
        expect(objectPrefix(prefix, { arrival, timeZone: "America/New_York" })).to.equal("y=2026/d=11-20/h=23/");
    });

    it("makes a new random string of eleven characters every time", () => {
        const prefix = "!{timestamp:yyyy}/!{firehose:random-string}/!{firehose:random-string}";

        const [, first, second] = objectPrefix(prefix, context).split("/");

        expect(first).to.match(/^[a-z0-9]{11}$/);
        expect(second)
            .to.match(/^[a-z0-9]{11}$/)
            .and.not.equal(first);
    });

    it("names the kind of failure in error prefixes and adds no time there", () => {
        expect(errorPrefix("failed/!{firehose:error-output-type}/", failed)).to.equal("failed/processing-failed/");
        expect(errorPrefix("failed/!{firehose:error-output-type}/!{timestamp:yyyy}/", failed)).to.equal(
            "failed/processing-failed/2026/",
        );
    });

    it("makes the error folder itself where the error prefix has no expression", () => {
        expect(errorPrefix("raw/", failed)).to.equal("raw/processing-failed/2026/11/21/04/");
    });

    for (const [prefix, errorOutputPrefix, message] of [
        ["raw/!{timestamp:yyyy}/", undefined, "needs an errorOutputPrefix"],
        ["raw/", "failed/!{timestamp:yyyy}/", "needs !{firehose:error-output-type}"],
        ["raw/!{firehose:error-output-type}/", "f/!{firehose:error-output-type}/", "belongs in errorOutputPrefix"],
        ["raw/!{partitionKeyFromQuery:id}/", "f/!{firehose:error-output-type}/", "dynamic partitioning"],
        ["raw/!{other:id}/", "f/!{firehose:error-output-type}/", "the namespaces are timestamp and firehose"],
        ["raw/!{timestamp}/", "f/!{firehose:error-output-type}/", "not !{namespace:value}"],
        ["raw/!{timestamp:XXX}/", "f/!{firehose:error-output-type}/", 'the letter "X" is not modelled'],
        ["raw/!{timestamp:ddd}/", "f/!{firehose:error-output-type}/", 'too many letters "d"'],
        ["raw/!{timestamp:[HH]}/", "f/!{firehose:error-output-type}/", '"[" is not modelled'],
        ["raw/!{timestamp:yyyy'T}/", "f/!{firehose:error-output-type}/", "a quote is not closed"],
    ] as const) {
        it(`refuses ${prefix} with ${errorOutputPrefix ?? "no error prefix"}`, () => {
            expect(() => checkPrefixes(prefix, errorOutputPrefix, "UTC")).to.throw(message);
        });
    }

    it("refuses a time zone that there isn't", () => {
        expect(() => checkPrefixes("raw/", undefined, "Mars/Base")).to.throw("Mars/Base");
    });

    it("keeps every prefix without expressions as it is", () => {
        fc.assert(
            fc.property(
                fc.string().filter((text) => !text.includes("!{")),
                (prefix) => {
                    expect(objectPrefix(prefix, context)).to.equal(`${prefix}2026/11/21/04/`);
                },
            ),
        );
    });

    it("writes the hour that the oldest record arrived in, whatever the time", () => {
        fc.assert(
            fc.property(
                fc.date({ min: new Date(0), max: new Date("2999-12-31T00:00:00Z"), noInvalidDate: true }),
                (date) => {
                    const prefix = objectPrefix("r/!{timestamp:yyyy-MM-dd'T'HH:mm:ss}/", {
                        ...context,
                        arrival: +date,
                    });

                    expect(prefix).to.equal(`r/${date.toISOString().slice(0, 19)}/`);
                },
            ),
        );
    });
});

describe("Java time patterns", () => {
    const midnight = Date.UTC(2024, 1, 29, 0, 7, 9);
    const afternoon = Date.UTC(2024, 11, 31, 13, 7, 9);

    for (const [pattern, time, expected] of [
        ["y yy yyyy u uuuu", midnight, "2024 24 2024 2024 2024"],
        ["M MM MMM MMMM", midnight, "2 02 Feb February"],
        ["d dd D DDD", midnight, "29 29 60 060"],
        ["E EEE EEEE", midnight, "Thu Thu Thursday"],
        ["H HH k K h a", midnight, "0 00 24 0 12 AM"],
        ["H HH k K h a", afternoon, "13 13 13 1 1 PM"],
        ["m mm s ss D", afternoon, "7 07 9 09 366"],
        ["'at' HH 'o''clock' ''", afternoon, "at 13 o'clock '"],
    ] as const) {
        it(`formats ${pattern}`, () => {
            expect(formatTime(pattern, time, "UTC")).to.equal(expected);
        });
    }
});
