import { expect } from "chai";
import { ingest, problemsOf, untyped } from "./factories";

const problemsOfHttp = (http: unknown) => problemsOf({ ingest: { pings: ingest({ http: untyped(http) }) } });
const keysNamed = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "secret"]));
const withOrigins = (allowedOrigins: unknown) => ({ keys: { web: "secret" }, allowedOrigins });
const deferred = Promise.resolve("known at deploy time");

describe("an HTTP source", () => {
    const noKey = "keys: has no key: name at least one, or say `open: true` if anybody may write";
    const keyName = "cannot name a key: use up to 64 letters, digits, `_` and `-`";
    const noValue = "has no value: give a string, best a Pulumi secret";
    const example = "`https://app.example.com`";
    for (const [title, http, problems] of [
        ["without keys", {}, [noKey]],
        ["with no key among the keys", { keys: {} }, [noKey]],
        ["closed without keys", { open: false }, [noKey]],
        [
            "open, but with keys",
            { open: true, keys: keysNamed(1) },
            ["open: is true, but there are keys: leave out one of them"],
        ],
        ["open: 1", { open: 1, keys: keysNamed(1) }, ["open: must be true or false"]],
        [
            "with 21 keys",
            { keys: keysNamed(21) },
            ["keys: has 21 keys: use at most 20, a function's environment holds 4 KB"],
        ],
        ["with a key's name with a space", { keys: { "my key": "secret" } }, [`keys["my key"]: ${keyName}`]],
        ["with a key's name of 65", { keys: { ["k".repeat(65)]: "secret" } }, [`keys.${"k".repeat(65)}: ${keyName}`]],
        ["with a key without value", { keys: { web: undefined } }, [`keys.web: ${noValue}`]],
        ["with an empty key", { keys: { web: "" } }, [`keys.web: ${noValue}`]],
        ["with a key that is a number", { keys: { web: 7 } }, [`keys.web: ${noValue}`]],
        ["with keys in a list", { keys: ["secret"] }, ["keys: must be an object", noKey]],
        ["with one origin instead of a list", withOrigins("https://a.example"), ["allowedOrigins: must be a list"]],
        [
            "with any origin",
            withOrigins(["*"]),
            [`allowedOrigins[0]: \`*\` lets any site write: name each origin, such as ${example}`],
        ],
        [
            "with any subdomain",
            withOrigins(["https://*.example.com"]),
            [`allowedOrigins[0]: \`https://*.example.com\` lets any site write: name each origin, such as ${example}`],
        ],
        [
            "with a host as origin",
            withOrigins(["https://a.example", "app.example.com"]),
            [`allowedOrigins[1]: \`app.example.com\` is no origin: write scheme and host, such as ${example}`],
        ],
        [
            "with another scheme",
            withOrigins(["ftp://app.example.com"]),
            [`allowedOrigins[0]: \`ftp://app.example.com\` is no origin: write scheme and host, such as ${example}`],
        ],
        [
            "with a path after the origin",
            withOrigins(["https://app.example.com/"]),
            [
                "allowedOrigins[0]: `https://app.example.com/` is not as browsers send it: write `https://app.example.com`",
            ],
        ],
        [
            "with the default port",
            withOrigins(["https://App.example.com:443"]),
            [
                "allowedOrigins[0]: `https://App.example.com:443` is not as browsers send it: write `https://app.example.com`",
            ],
        ],
        [
            "with an origin without TLS",
            withOrigins(["http://app.example.com"]),
            ["allowedOrigins[0]: `http://app.example.com` is not encrypted: use https, `http` is for localhost only"],
        ],
        [
            "with an origin that is no text",
            withOrigins([7]),
            [`allowedOrigins[0]: must be a string such as ${example}`],
        ],
    ] as [string, unknown, string[]][]) {
        it(`${title}, is refused`, () => {
            expect(problemsOfHttp(http)).to.deep.equal(problems.map((problem) => `ingest.pings.http.${problem}`));
        });
    }

    it("that is no object, is refused", () => {
        expect(problemsOfHttp(true)).to.deep.equal(["ingest.pings.http: must be an object"]);
    });

    for (const [title, http] of [
        ["open to anybody", { open: true }],
        ["with 20 keys", { keys: keysNamed(20) }],
        ["with keys known at deploy time", { keys: { web: deferred }, open: false }],
        [
            "with origins",
            withOrigins([
                "https://app.example.com:8443",
                "http://localhost:5173",
                "http://127.0.0.1",
                "http://[::1]:3000",
            ]),
        ],
        ["with origins known at deploy time", withOrigins(deferred)],
        ["with an origin known at deploy time", withOrigins([deferred])],
    ] as const) {
        it(`${title}, is accepted`, () => {
            expect(problemsOfHttp(http)).to.deep.equal([]);
        });
    }
});
