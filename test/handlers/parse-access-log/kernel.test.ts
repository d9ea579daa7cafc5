import { expect } from "chai";
import { type EventSettings, eventReader } from "../../../handlers/parse-access-log/event";
import { takeKernel } from "../../../handlers/parse-access-log/kernel";
import type { Column } from "../../../handlers/shared/columns";
import { columns } from "./columns";
import { type EntryParts, entry } from "./entries";
import { plainReading } from "./plain";

const usual: EventSettings = { path: "/view", beacons: false, clientAddress: "keep" };

const query = (query: string): EntryParts => ({ url: `/view?${query}` });
/** What follows a user agent, behind one. */
const imitation = 'Bot" - - - "Root=1-a" "-" "-" 0 2026-11-21T03:00:00Z "x" ';
const request = (request: string): EntryParts => ({ request });

describe("the kernel", () => {
    describe("makes what the exact reader makes of", () => {
        const made: Record<string, EntryParts> = {
            "a request": {},
            "a request with a mark and nothing behind it": query(""),
            "empty fields": query("&&page=a&&"),
            "a column without a value": query("page&visitor=5"),
            "a column without a value at the end": query("visitor=5&page"),
            "an empty text": query("page="),
            "columns in another order": query("seconds=2.5&page=a"),
            "a value with an equals sign": query("page=a=b"),
            "a value that is encoded": query("page=%2ft%2F+a%20b%26%3D%2B%25"),
            "a value with a quote and a backslash": query("page=%22a%22+%5C"),
            "a value beyond ASCII": query("page=Z%C3%BCrich%E2%80%A8%f0%9d%84%9e&visitor=1"),
            "a value beyond ASCII that is not encoded": query("page=Zürich"),
            "a delete character": query("page=%7F"),
            "values of all types": query("visitor=-7&price=1.50&seconds=0.25&seen=true&day=2026-01-31"),
            "a time": query("at=2026-11-21+04:00:00"),
            "a time in ISO 8601": query("at=2026-11-21T04%3A00%3A00.5Z&page=a"),
            "an id and a time of its own": query("event_id=e1&received_at=2026-11-21T03:00:00Z"),
            "an address of IPv6": { client: "[2001:db8::7]:2817" },
            "an address of IPv6 without brackets": { client: "2001:DB8:0:1:2:3:4:7:2817" },
            "an address of IPv6 that ends in two colons": { client: "[1:2:3:4:5:6:7::]:1" },
            "an address of IPv6 that begins with two colons": { client: "[::5:6:7:8]:1" },
            "no address of IPv6 in particular": { client: "[::]:1" },
            "the least and the greatest address": { client: "0.10.255.199:1" },
            "no user agent": { userAgent: "-" },
            "a user agent that begins with a minus": { userAgent: "-x" },
            "an empty user agent": { userAgent: "" },
            "a user agent beyond ASCII": { userAgent: "Bøt 𝄞 \u007f" },
            "a user agent that begins like a health check's": { userAgent: "Amazon-Route53-Health-Check-Services" },
            "another that does": { userAgent: "ELB-HealthCheck" },
            "the last day of a long month": { created: "2026-10-31T04:00:00.364000Z" },
            "HTTP/2": { type: "h2", request: "GET https://lb.example.com:443/view?page=a HTTP/2.0" },
            "a WebSocket": { type: "wss" },
            "a load balancer's health check": { userAgent: "ELB-HealthChecker/2.0" },
            "Route 53's health check": { userAgent: "Amazon-Route53-Health-Check-Service" },
            "a POST": request("POST http://lb.example.com:80/view?page=a HTTP/1.1"),
            CONNECT: request("CONNECT lb.example.com:443 HTTP/1.1"),
            "a request line that is none": request("- http://lb.example.com:80- -"),
            "another path": { url: "/views?page=a" },
            "the root": { url: "/" },
            "no path": { url: "" },
            "no path, and a query": { url: "?page=/view" },
            "a path below": { url: "/view/" },
            "an absolute URL elsewhere": request("GET http://example.org/view?page=a HTTP/1.1"),
            "what was refused": { status: 403 },
            "what failed": { status: 502 },
            "more fields than there are": { more: ' "a" 7 "Z" Z' },
            "floats of minus one": { more: ' -1 -1.0 "-"' },
        };
        for (const [what, parts] of Object.entries(made)) {
            for (const clientAddress of ["keep", "truncate", "drop"]) {
                for (const beacons of [false, true]) {
                    it(`${what}; ${clientAddress}${beacons ? ", with beacons" : ""}`, () => {
                        const readEvent = eventReader(columns, { ...usual, clientAddress, beacons });

                        expect(plainReading(entry(parts), readEvent)).to.deep.equal(readEvent(entry(parts)));
                    });
                }
            }
        }
    });

    describe("leaves to the exact reader", () => {
        const left: Record<string, EntryParts | string> = {
            "what is no entry": "GET /view",
            "an entry that was cut": entry().slice(0, 250),
            "a time that there is not": { created: "2026-02-30T04:00:00Z" },
            "a time that is none": { created: "yesterday" },
            "an unknown column": query("pages=a"),
            "a column whose name goes on": query("pag=a"),
            "a column that is given twice": query("page=a&page=b"),
            "a column that the log fills": query("user_agent=x"),
            "a name that is encoded": query("p%61ge=a"),
            "an array": query("tags=%5B%5D"),
            null: query("visitor=null"),
            "a value of another type": query("visitor=x"),
            "an empty number": query("visitor="),
            "a number with a blank": query("visitor=+5"),
            "a time that is no time": query("at=x"),
            "a control character": query("page=%0A"),
            "a control character that is not encoded": query("page=a\u0001"),
            "what is not validly encoded": query("page=%zz"),
            "what ends within a code": query("page=%2"),
            "what is no UTF-8": query("page=%ff"),
            "a character in more bytes than it needs": query("page=%C1%81"),
            "half of a surrogate pair": query("page=%ED%A0%80"),
            "a character that there is not": query("page=%F4%90%80%80"),
            "a byte that begins no character": query("page=%A9"),
            "half of a character": query("page=%C3é"),
            "a space in the URL": query("page=a b"),
            "a quote in the URL": query('page=a"b'),
            "no URL": request("GET /view HTTP/1.1"),
            "no protocol": request("GET http://lb.example.com/view"),
            "no protocol behind a space": request("GET http://lb.example.com/view "),
            "nothing but a method": request("GET"),
            "nothing but another method": request("PUT"),
            "a URL beyond ASCII": { url: "/vié" },
            "a user agent that goes on like an entry": { userAgent: imitation },
            "a control character in the user agent": { userAgent: "a\u0001b" },
            "a control character in the trace": { traceId: "Root=1-a\u0001" },
            "a backslash": query("page=a\\b"),
            "a backslash in the user agent": { userAgent: "a\\\\b" },
            "an address without a port": { client: "203.0.113.7" },
            "an address of IPv6 with one of IPv4 in it": { client: "[::ffff:203.0.113.7]:80" },
            "an address of IPv6 with a zone": { client: "[fe80::1%eth0]:80" },
            "an address of seven groups": { client: "[1:2:3:4:5:6:7]:80" },
            "an address of nine groups": { client: "[1:2:3:4:5:6:7:8:9]:80" },
            "an address of eight groups and two colons": { client: "[1:2:3:4::5:6:7:8]:80" },
            "an address with two colons twice": { client: "[1::2::3]:80" },
            "an address with three colons": { client: "[1:::2]:80" },
            "an address that ends in a colon": { client: "[1:2:3:4:5:6:7:8:]:80" },
            "an address that begins with a colon": { client: "[:1:2:3:4:5:6:7:8]:80" },
            "an address with a long group": { client: "[1:2:3:4:5:6:7:00008]:80" },
            "an address with half a bracket": { client: "[::1:80" },
            "a client without an address": { client: "-" },
            "a client with a name": { client: "host:80" },
            "a part of an address that is too large": { client: "256.0.0.1:80" },
            "a part of an address that is too long": { client: "1000.0.0.1:80" },
            "a part of an address with a zero in front": { client: "203.01.0.1:80" },
            "a long part of an address with a zero in front": { client: "203.001.0.1:80" },
            "an address of five parts": { client: "1.2.3.4.5:80" },
            "a port that is none": { client: "203.0.113.7:x" },
            "an empty port": { client: "203.0.113.7:" },
            "a trace of several parts": { traceId: "Self=1-a;Root=1-b" },
            "a trace with something behind its root": { traceId: "Root=1-b;Self=1-a" },
            "a trace of nothing": { traceId: "Root=" },
            "no trace": { traceId: "-" },
        };
        for (const [what, line] of Object.entries(left)) {
            it(what, () => {
                const text = typeof line === "string" ? line : entry(line);

                expect(plainReading(text, eventReader(columns, usual))).to.equal(undefined);
            });
        }
    });

    describe("is for tables", () => {
        const many = (count: number, length: number) =>
            Array.from({ length: count }, (_, index): Column => {
                return { name: `${index}`.padStart(length, "c"), type: { kind: "string" } };
            });

        it("of 128 columns, and not of more", () => {
            const most = [...columns, ...many(128 - columns.length, 3)];

            expect(takeKernel(eventReader(most, usual))).not.to.equal(undefined);
            expect(takeKernel(eventReader([...most, ...many(1, 4)], usual))).to.equal(undefined);
        });

        it("whose names it has room for", () => {
            expect(takeKernel(eventReader([...columns, ...many(60, 255)], usual))).not.to.equal(undefined);
            for (const [count, length] of [
                [114, 255],
                [1, 33_000],
                [1, 66_000],
                [1, 300_000],
            ] as const) {
                expect(takeKernel(eventReader([...columns, ...many(count, length)], usual))).to.equal(undefined);
            }
        });

        it("whose paths it has room for", () => {
            expect(takeKernel(eventReader(columns, { ...usual, path: `/${"a".repeat(70_000)}` }))).to.equal(undefined);
        });

        for (const [what, others] of [
            ["have", columns.filter(({ name }) => name !== "user_agent")],
            [
                "have as it is",
                [...columns.filter(({ name }) => name !== "event_id"), { name: "event_id", type: { kind: "boolean" } }],
            ],
        ] satisfies [string, Column[]][]) {
            it(`that ${what} what the log fills`, () => {
                expect(takeKernel(eventReader(others, usual))).to.equal(undefined);
            });
        }
    });
});
