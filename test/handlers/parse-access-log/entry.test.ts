import { expect } from "chai";
import fc from "fast-check";
import { parseEntry } from "../../../handlers/parse-access-log/entry";
import { entry } from "./entries";

const targetGroup = "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067";
const words = (text: string) =>
    text
        .trim()
        .split(/\s*\n\s*/)
        .join(" ");

/** The examples of AWS's documentation, of 2018 and later. */
const documented: Record<string, [line: string, type: string, request: string, userAgent: string]> = {
    HTTP: [
        words(`http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188
            192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366
            "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - ${targetGroup}
            "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-"
            0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"`),
        "http",
        "GET http://www.example.com:80/ HTTP/1.1",
        "curl/7.46.0",
    ],
    HTTPS: [
        words(`https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188
            192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57
            "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 ${targetGroup}
            "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com"
            "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
            1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-"`),
        "https",
        "GET https://www.example.com:443/ HTTP/1.1",
        "curl/7.46.0",
    ],
    "HTTP/2": [
        words(`h2 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188
            10.0.1.252:48160 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257
            "GET https://10.0.2.105:773/ HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 ${targetGroup}
            "Root=1-58337327-72bd00b0343d75b906739c42" "-" "-"
            1 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-"`),
        "h2",
        "GET https://10.0.2.105:773/ HTTP/2.0",
        "curl/7.46.0",
    ],
    gRPC: [
        words(`grpcs 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188
            10.0.1.252:48160 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257
            "POST https://10.0.2.105:773/pkg.Service/Call HTTP/2.0" "grpc-node/1.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2
            ${targetGroup} "Root=1-58337327-72bd00b0343d75b906739c42" "-" "-"
            1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.66:9000" "200" "-" "-"`),
        "grpcs",
        "POST https://10.0.2.105:773/pkg.Service/Call HTTP/2.0",
        "grpc-node/1.0",
    ],
    WebSocket: [
        words(`ws 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188
            10.0.0.140:40914 10.0.1.192:8010 0.001 0.003 0.000 101 101 218 587
            "GET http://10.0.0.30:80/ HTTP/1.1" "-" - - ${targetGroup}
            "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-"
            1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.1.192:8010" "101" "-" "-"`),
        "ws",
        "GET http://10.0.0.30:80/ HTTP/1.1",
        "-",
    ],
};

describe("parseEntry", () => {
    for (const [title, [line, type, request, userAgent]] of Object.entries(documented)) {
        it(`reads the documented ${title} entry`, () => {
            expect(parseEntry(line)).to.include({ type, request, userAgent, created: "2018-07-02T22:22:48.364000Z" });
        });
    }

    it("reads who asked, when, and what the answer was", () => {
        expect(parseEntry(entry({ url: "/p?a=1" }))).to.deep.equal({
            type: "http",
            client: "203.0.113.7:2817",
            status: "204",
            request: "GET http://lb.example.com:80/p?a=1 HTTP/1.1",
            userAgent: "curl/7.46.0",
            traceId: "Root=1-58337262-36d228ad5d99923122bbe354",
            created: "2026-11-21T04:00:00.364000Z",
        });
    });

    for (const more of [' "new"', " one two", ' "a quote and" 3 "more" - - - "Root=fake"']) {
        it(`leaves alone what AWS adds at the end:${more}`, () => {
            expect(parseEntry(entry({ more }))).to.deep.equal(parseEntry(entry()));
        });
    }

    for (const [title, userAgent, read] of [
        ["that is escaped as hexadecimal", "Bot \\x22best\\x22", 'Bot "best"'],
        ["that is escaped by a backslash", 'Bot \\"best\\" of C:\\\\', 'Bot "best" of C:\\'],
        ["that is not escaped", 'Bot "best" of all', 'Bot "best" of all'],
        ["that is not escaped, at the end", 'Bot "best"', 'Bot "best"'],
        ["and fields that are made up", 'Bot" - - - "Root=fake" "-"', 'Bot" - - - "Root=fake" "-"'],
    ] as const) {
        it(`reads a user agent with a quote ${title}`, () => {
            expect(parseEntry(entry({ userAgent }))).to.include({
                userAgent: read,
                traceId: "Root=1-58337262-36d228ad5d99923122bbe354",
            });
        });
    }

    it("reads nothing from an entry that was cut before its end is known", () => {
        const whole = entry({ userAgent: 'a "b" c' });
        const needed = whole.indexOf('"fixed-response"') + '"fixed-response"'.length;

        for (let length = 0; length < needed; length++) {
            expect(parseEntry(whole.slice(0, length)), whole.slice(0, length)).to.equal(undefined);
        }
    });

    it("reads nothing from other lines", () => {
        fc.assert(fc.property(fc.string(), (line) => parseEntry(line) === undefined));
    });

    it("reads any user agent without quotes and backslashes as it is", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (userAgent) => {
                fc.pre(!/["\\]/.test(userAgent));
                expect(parseEntry(entry({ userAgent }))?.userAgent).to.equal(userAgent);
            }),
        );
    });

    it("takes no time over a line that is made to take it", () => {
        const began = performance.now();

        expect(parseEntry(entry({ userAgent: '" '.repeat(50_000) }).slice(0, -400))).to.equal(undefined);

        expect(performance.now() - began).to.be.below(1_000);
    });
});
