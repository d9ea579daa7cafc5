import { expect } from "chai";
import { identify, parseKeyHashes } from "../../../handlers/collect/write-keys";
import { keyHashes, type RequestParts, request } from "./requests";

const keys = parseKeyHashes(keyHashes({ web: "web-secret", app: "app-secret", odd: "ü:secret" }));
const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString("base64")}`;

describe("write keys", () => {
    const known: [string, RequestParts, string][] = [
        ["the header x-api-key", { headers: { "x-api-key": "web-secret" } }, "web"],
        ["the last of the keys", { headers: { "x-api-key": "ü:secret" } }, "odd"],
        ["the user name of HTTP Basic", { headers: { authorization: basic("app-secret:") } }, "app"],
        ["a user name with any password", { headers: { authorization: basic("app-secret:x:y") } }, "app"],
        ["a scheme in small letters", { headers: { authorization: basic("app-secret:").replace("B", "b") } }, "app"],
        ["the query", { query: { key: "web-secret" } }, "web"],
        ["the query beside an empty header", { headers: { "x-api-key": "" }, query: { key: "web-secret" } }, "web"],
    ];
    for (const [what, parts, name] of known) {
        it(`identifies a key in ${what}`, () => {
            expect(identify(request(parts), keys)).to.equal(name);
        });
    }

    const refused: [string, RequestParts][] = [
        ["no key", {}],
        ["an empty key", { headers: { "x-api-key": "" }, query: { key: "" } }],
        ["a wrong key", { headers: { "x-api-key": "web-secre" } }],
        ["a key with more behind", { headers: { "x-api-key": "web-secret " } }],
        ["a very long key", { headers: { "x-api-key": "x".repeat(100_000) } }],
        ["a key's name", { headers: { "x-api-key": "web" } }],
        ["a key's hash", { headers: { "x-api-key": JSON.parse(keyHashes({ web: "web-secret" })).web } }],
        ["a key as password", { headers: { authorization: basic(":web-secret") } }],
        ["another scheme", { headers: { authorization: "Bearer web-secret" } }],
        ["no credentials", { headers: { authorization: "Basic" } }],
    ];
    for (const [what, parts] of refused) {
        it(`refuses ${what} with 401 and a challenge`, () => {
            expect(() => identify(request(parts), keys))
                .to.throw()
                .that.includes({ statusCode: 401 })
                .and.has.nested.property("headers.www-authenticate")
                .that.matches(/^Basic /);
        });
    }

    it("refuses hashes that are none", () => {
        expect(() => parseKeyHashes('{"web":"abc"}')).to.throw("KEY_HASHES: web must be a SHA-256 in lower-case hex");
        expect(() => parseKeyHashes("{}")).to.throw('KEY_HASHES: no key is named; without keys OPEN must be "true"');
    });
});
