import { expect } from "chai";
import fc from "fast-check";
import { type EventSettings, eventReader } from "../../../handlers/parse-access-log/event";
import { columns } from "./columns";
import { type EntryParts, entry } from "./entries";

function read(parts: EntryParts | string, settings: Partial<EventSettings> = {}) {
    const reader = eventReader(columns, { path: "/view", beacons: false, clientAddress: "keep", ...settings });
    return reader(typeof parts === "string" ? parts : entry(parts));
}

/** The event of a query string, without what the log fills. */
function eventOf(query: string): Record<string, unknown> | string {
    const reading = read({ url: `/view?${query}` });
    if (!("event" in reading)) return "reason" in reading ? reading.reason : reading.dropped;
    const { event_id, received_at, request_time, client_address, user_agent, ...event } = JSON.parse(reading.event);
    return event;
}

describe("a request in the log", () => {
    it("is an event with what the log says of it", () => {
        expect(read({ url: "/view?page=home" })).to.deep.equal({
            event:
                '{"page":"home","request_time":"2026-11-21 04:00:00.364000","client_address":"203.0.113.7",' +
                '"user_agent":"curl/7.46.0","event_id":"1-58337262-36d228ad5d99923122bbe354",' +
                '"received_at":"2026-11-21 04:00:00.364000"}',
        });
    });

    it("is an event without a query string, too", () => {
        expect(read({ url: "/view" })).to.have.property("event");
        expect(eventOf("")).to.deep.equal({});
        expect(eventOf("&&")).to.deep.equal({});
    });

    for (const [query, event] of [
        ["page=a+b%20c%2Bd", { page: "a b c+d" }],
        ["page=s%C3%B8g%22%5C%0A", { page: 'søg"\\\n' }],
        ["page=a=b=c", { page: "a=b=c" }],
        ["page=", { page: "" }],
        ["page", { page: "" }],
        ["page=5", { page: "5" }],
        ["page=null", { page: "null" }],
        ["seconds=1.5e3", { seconds: 1500 }],
        ["visitor=-5", { visitor: -5 }],
        ["seen=true", { seen: true }],
        ["day=2026-11-21", { day: "2026-11-21" }],
        ["at=2026-11-21T04:00:00.5Z", { at: "2026-11-21 04:00:00.5" }],
        ["tags=%5B%22a%22,%0A%22b%22%5D", { tags: ["a", "b"] }],
        ["referrer=https://example.com/", { referrer: "https://example.com/" }],
    ] as const) {
        it(`has the columns of ?${query}`, () => {
            expect(eventOf(query)).to.deep.equal(event);
        });
    }

    it("keeps every digit", () => {
        const reading = read({ url: "/view?visitor=9223372036854775807&price=123456789012345678.10" });

        expect(reading)
            .to.have.property("event")
            .that.includes('"visitor":9223372036854775807,"price":123456789012345678.10');
    });

    for (const [query, reason] of [
        ["visitor=x", "column visitor: expected bigint, got a string"],
        ["visitor=05", "column visitor: expected bigint, got a string"],
        ["visitor=", "column visitor: expected bigint, got a string"],
        ["visitor=%225%22", "column visitor: expected bigint, got a string"],
        ["visitor=9223372036854775808", "column visitor: out of range for bigint"],
        ["price=1.005", "column price: does not fit decimal(20,2)"],
        ["seen=yes", "column seen: expected boolean, got a string"],
        ["day=2026-02-30", "column day: expected date as YYYY-MM-DD, got another string"],
        ["tags=a", "column tags: expected array, got a string"],
        ["page=a&page=b", "column page: given twice"],
        ["pages=a", 'unknown column "pages": did you mean "page"?'],
        ["page=%zz", "the query string is not validly percent-encoded"],
        ["page=%ff", "the query string is not validly percent-encoded"],
        ["user_agent=x", "column user_agent: the log says it, the query string may not"],
        ["client_address=::1", "column client_address: the log says it, the query string may not"],
        ["request_time=2026-11-21", "column request_time: the log says it, the query string may not"],
    ] as const) {
        it(`is refused with ?${query}`, () => {
            expect(eventOf(query)).to.equal(reason);
        });
    }

    for (const query of ["visitor=%0A5%0D%0A", "tags=%5B%0A%22a%22%0D%5D", "page=a%0Ab"]) {
        it(`is one line, with newlines in ?${query}`, () => {
            expect((read({ url: `/view?${query}` }) as { event: string }).event).not.to.match(/[\r\n]/);
        });
    }

    it("is one line of JSON, whatever the query string", () => {
        fc.assert(
            fc.property(
                fc.array(fc.tuple(fc.constantFrom(...columns.map(({ name }) => name)), fc.string())),
                (fields) => {
                    const query = new URLSearchParams(fields).toString();

                    const reading = read({ url: `/view?${query}` });

                    if (!("event" in reading)) {
                        expect(reading).to.have.property("reason");
                        return;
                    }
                    expect(reading.event).not.to.match(/[\r\n]/);
                    const event = JSON.parse(reading.event);
                    for (const [name, value] of fields) if (name === "page") expect(event.page).to.equal(value);
                },
            ),
        );
    });

    it("may say its own id and time of reception", () => {
        const reading = read({ url: "/view?event_id=e1&received_at=2026-11-21+03:00:00" });

        expect(JSON.parse((reading as { event: string }).event)).to.include({
            event_id: "e1",
            received_at: "2026-11-21 03:00:00",
        });
    });

    for (const [title, traceId, id] of [
        ["what the load balancer put before the sender's", "Self=1-a-b;Root=1-c-d", "1-a-b"],
        ["what the load balancer put behind the sender's", "Root=1-c-d;CalledFrom=app;Self=1-a-b", "1-a-b"],
        ["none where there is no trace", "-", undefined],
    ] as const) {
        it(`has as its id ${title}`, () => {
            expect(JSON.parse((read({ traceId }) as { event: string }).event).event_id).to.equal(id);
        });
    }

    for (const [kept, address] of [
        ["keep", "203.0.113.7"],
        ["truncate", "203.0.113.0"],
        ["drop", undefined],
    ] as const) {
        it(`has the address that is kept: ${kept}`, () => {
            const reading = read({}, { clientAddress: kept }) as { event: string };

            expect(JSON.parse(reading.event).client_address).to.equal(address);
        });
    }

    it("has no user agent where the client sent none", () => {
        expect(JSON.parse((read({ userAgent: "-" }) as { event: string }).event)).not.to.have.property("user_agent");
    });

    it("has a long user agent, too", () => {
        const userAgent = "a".repeat(100_000);

        expect(JSON.parse((read({ userAgent }) as { event: string }).event).user_agent).to.equal(userAgent);
    });

    it("can't be read where the table does not have what the log says", () => {
        const reader = eventReader(columns.slice(0, 1), { path: "/view", beacons: false, clientAddress: "keep" });

        expect(reader(entry())).to.deep.equal({ reason: 'unknown column "request_time"' });
    });

    it("comes over HTTP/2 as well", () => {
        const parts = { type: "h2", request: "GET https://lb.example.com:443/view?page=a HTTP/2.0" };

        expect(read(parts)).to.have.property("event");
    });

    for (const [title, parts, dropped] of [
        ["WebSocket", { type: "ws" }, "connections"],
        ["gRPC call", { type: "grpcs" }, "connections"],
        ["load balancer's health check", { userAgent: "ELB-HealthChecker/2.0" }, "healthChecks"],
        [
            "health check of Route 53",
            { userAgent: "Amazon-Route53-Health-Check-Service (ref 1; report http://amzn.to/1vsZADi)" },
            "healthChecks",
        ],
        ["POST", { request: "POST http://lb.example.com:80/view HTTP/1.1" }, "otherMethods"],
        ["HEAD", { request: "HEAD http://lb.example.com:80/view HTTP/1.1" }, "otherMethods"],
        ["preflight", { request: "OPTIONS http://lb.example.com:80/view HTTP/1.1" }, "otherMethods"],
        ["malformed request", { request: "- http://lb.example.com:80- -" }, "otherMethods"],
        ["root", { url: "/" }, "otherPaths"],
        ["path below", { url: "/view/x?page=a" }, "otherPaths"],
        ["path in capitals", { url: "/View" }, "otherPaths"],
        ["request for no path", { url: "?page=a" }, "otherPaths"],
        ["request that was refused", { status: 403 }, "refused"],
        ["request that failed", { status: 503 }, "refused"],
    ] as const) {
        it(`is no event: ${title}`, () => {
            expect(read(parts)).to.deep.equal({ dropped });
        });
    }

    it("is an event by POST where beacons are", () => {
        const request = "POST http://lb.example.com:80/view?page=a HTTP/1.1";

        expect(read({ request }, { beacons: true })).to.have.property("event");
        expect(read({ request: request.replace("POST", "PUT") }, { beacons: true })).to.have.property("dropped");
    });

    for (const [title, line, reason] of [
        ["was cut in the middle", entry().slice(0, 200), "no whole entry of an Application Load Balancer's access log"],
        ["has a request without URL", entry({ request: "GET /view" }), "the request line has no URL"],
        ["has no client", entry({ client: "-" }), "the client has no IP address"],
        [
            "has a time that there is not",
            entry({ created: "2026-02-30T04:00:00Z" }),
            "column request_time: expected timestamp as YYYY-MM-DD HH:MM:SS[.fraction] or " +
                "YYYY-MM-DDTHH:MM:SS[.fraction]Z, got another string",
        ],
    ] as const) {
        it(`can't be read if its line ${title}`, () => {
            expect(read(line)).to.deep.equal({ reason });
        });
    }
});
