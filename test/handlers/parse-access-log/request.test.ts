import { expect } from "chai";
import fc from "fast-check";
import { parseRequest } from "../../../handlers/parse-access-log/request";

/** What the request line is, in one expression. */
const pattern = /^\S+ \w+:\/\/[^/?]*(?<path>[^?]*?)(?:\?(?<query>.*))? \S+$/s;

describe("parseRequest", () => {
    for (const [line, request] of [
        ["GET http://lb:80/view?a=1&b=? HTTP/1.1", { method: "GET", path: "/view", query: "a=1&b=?" }],
        ["GET https://lb:443/ HTTP/2.0", { method: "GET", path: "/", query: "" }],
        ["GET http://lb:80?a=/b HTTP/1.1", { method: "GET", path: "", query: "a=/b" }],
        ["GET http://lb:80 HTTP/1.1", { method: "GET", path: "", query: "" }],
        ["GET http://lb:80/a b?c d HTTP/1.1", { method: "GET", path: "/a b", query: "c d" }],
        ["GET wss://lb:80/a HTTP/1.1", { method: "GET", path: "/a", query: "" }],
        ["GET", { method: "GET", path: undefined, query: "" }],
        ["GET /view HTTP/1.1", { method: "GET", path: undefined, query: "" }],
        ["GET http://lb:80/view", { method: "GET", path: undefined, query: "" }],
    ] as const) {
        it(`reads ${line}`, () => {
            expect({ path: undefined, ...parseRequest(line) }).to.deep.equal(request);
        });
    }

    it("reads what the expression reads, whatever the line", () => {
        const piece = fc.constantFrom("GET", "http://", "https://", "ws://", " ", "/", "?", "a", "\t", "é", "HTTP/1.1");
        fc.assert(
            fc.property(fc.array(piece), (pieces) => {
                const line = pieces.join("");
                const expected = pattern.exec(line)?.groups;

                const { method, path, query } = parseRequest(line);

                expect({ method, path, query }).to.deep.equal({
                    method: line.split(" ", 1)[0],
                    path: expected?.path,
                    query: expected?.query ?? "",
                });
            }),
            { numRuns: 3_000 },
        );
    });
});
