import { expect } from "chai";
import { planPipeline } from "../../plan";
import { ingest, problemsIn, problemsOf, untyped } from "./factories";

const webKey = "0123456789abcdefABCD";
const deferred = Promise.resolve("known at deploy time");

const withApi = (streamApi: unknown) => ({
    ingest: { pings: ingest({ kinesis: {} }), clicks: ingest(), orders: ingest({ kinesis: { shards: 2 } }) },
    streamApi: untyped<object>(streamApi),
});
const problemsOfApi = (streamApi: unknown) => problemsOf(withApi(streamApi));
const problemsWith = (settings: object) => problemsOfApi({ keys: { web: webKey }, ...settings });

describe("a stream API", () => {
    it("puts events of the ingests that have a Kinesis stream", () => {
        const plan = planPipeline(withApi({ keys: { web: webKey } }));

        expect(plan.streamApi).to.deep.equal({ ingests: ["pings", "orders"] });
    });

    it("is not planned where it is not asked for", () => {
        expect(planPipeline({ ingest: { pings: ingest({ kinesis: {} }) } })).not.to.have.property("streamApi");
    });

    it("without any Kinesis stream, is refused", () => {
        const problems = problemsOf({ ingest: { pings: ingest() }, streamApi: { keys: { web: webKey } } });

        expect(problems).to.deep.equal([
            "streamApi: has no stream to put on: give an ingest `kinesis`, such as `kinesis: {}`",
        ]);
    });

    const noKey = 'keys: has no key: name at least one, such as `{ web: config.requireSecret("webKey") }`';
    const whole = "must be a whole number, 1 or more";
    const noKeyValue =
        "is no value of an API key: use 20 to 128 letters and digits; make one with `openssl rand -hex 24`";
    for (const [title, settings, problems] of [
        ["without keys", { keys: undefined }, [noKey]],
        ["with no key", { keys: {} }, [noKey]],
        ["with a list of keys", { keys: [webKey] }, ["keys: must be an object", noKey]],
        [
            "with a key whose name no log can hold",
            { keys: { "a b": webKey } },
            ['keys["a b"]: cannot name a key: use up to 64 letters, digits, `_` and `-`'],
        ],
        [
            "with a key without a value",
            { keys: { web: "", app: null } },
            [
                "keys.web: has no value: give a string, best a Pulumi secret",
                "keys.app: has no value: give a string, best a Pulumi secret",
            ],
        ],
        ["with a short key", { keys: { web: webKey.slice(1) } }, [`keys.web: ${noKeyValue}`]],
        ["with a long key", { keys: { web: "k".repeat(129) } }, [`keys.web: ${noKeyValue}`]],
        ["with a key of other characters", { keys: { web: `${webKey}/+=` } }, [`keys.web: ${noKeyValue}`]],
        [
            "for any origin",
            { allowedOrigins: ["*"] },
            ["allowedOrigins[0]: `*` lets any site write: name each origin, such as `https://app.example.com`"],
        ],
        [
            "for an origin without TLS",
            { allowedOrigins: ["http://app.example.com"] },
            ["allowedOrigins[0]: `http://app.example.com` is not encrypted: use https, `http` is for localhost only"],
        ],
        ["for an origin that is no list", { allowedOrigins: "https://a.example" }, ["allowedOrigins: must be a list"]],
        ["for no requests", { requestsPerSecond: 0 }, [`requestsPerSecond: ${whole}`]],
        ["for half a request", { burst: 0.5 }, [`burst: ${whole}`]],
        [
            "with a role for logs that is no switch",
            { ownAccountLogRole: "yes" },
            ["ownAccountLogRole: must be true or false"],
        ],
        ["with usage that is no object", { usage: 5 }, ["usage: must be an object"]],
        [
            "with usage of nothing",
            { usage: { requestsPerSecond: -1, burst: "9", quota: 0 } },
            [`usage.requestsPerSecond: ${whole}`, `usage.burst: ${whole}`, `usage.quota: ${whole}`],
        ],
        [
            "with a period that API Gateway does not count in",
            { usage: { quota: 5, period: "hour" } },
            ["usage.period: must be one of `day`, `week`, `month`"],
        ],
        [
            "with a period of nothing",
            { usage: { period: "week" } },
            ["usage.period: is what `quota` counts in: say how many requests, or leave this out"],
        ],
    ] as [string, object, string[]][]) {
        it(`${title}, is refused`, () => {
            expect(problemsWith(settings)).to.deep.equal(problems.map((problem) => `streamApi.${problem}`));
        });
    }

    it("that is no object, is refused", () => {
        expect(problemsOfApi(true)).to.deep.equal(["streamApi: must be an object"]);
        expect(problemsOfApi(null)).to.deep.equal(["streamApi: is missing"]);
    });

    it("never shows a key that it refuses", () => {
        const problems = problemsIn(() => planPipeline(withApi({ keys: { web: "short and secret" } })));

        expect(problems.join()).not.to.include("short and secret");
    });

    for (const [title, settings] of [
        ["with the shortest and the longest key", { keys: { a: webKey, b: "k".repeat(128) } }],
        ["with keys known at deploy time", { keys: { web: deferred } }],
        ["for several origins", { allowedOrigins: ["https://a.example", "http://localhost:3000"] }],
        ["for origins known at deploy time", { allowedOrigins: deferred }],
        ["with limits for all and for each key", { requestsPerSecond: 5, burst: 9, usage: { burst: 1 } }],
        ["with limits known at deploy time", { burst: deferred, usage: { quota: deferred, period: "month" } }],
        ["with a quota a day", { usage: { quota: 1 } }],
        ["with the account's role", { ownAccountLogRole: true }],
    ] as [string, object][]) {
        it(`${title}, is accepted`, () => {
            expect(problemsWith(settings)).to.deep.equal([]);
        });
    }
});
