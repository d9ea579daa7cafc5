import { expect } from "chai";
import fc from "fast-check";
import { type EventSettings, eventReader } from "../../../handlers/parse-access-log/event";
import type { Column, ColumnType } from "../../../handlers/shared/columns";
import { columns } from "./columns";
import { type EntryParts, entry } from "./entries";
import { plainOf } from "./plain";

const types: Record<string, ColumnType> = {
    text: { kind: "string" },
    flag: { kind: "boolean" },
    tiny: { kind: "integer", bits: 8 },
    small: { kind: "integer", bits: 16 },
    whole: { kind: "integer", bits: 32 },
    big: { kind: "integer", bits: 64 },
    short: { kind: "float", bits: 32 },
    real: { kind: "float", bits: 64 },
    amount: { kind: "decimal", precision: 6, scale: 2 },
    part: { kind: "decimal", precision: 3, scale: 3 },
    on: { kind: "date" },
    moment: { kind: "timestamp" },
    list: { kind: "array", element: { kind: "string" } },
    with_a_name_of_32_bytes_as_it_is: { kind: "string" },
    größe: { kind: "string" },
};
const own = Object.entries(types).map(([name, type]): Column => ({ name, type }));
const settings: EventSettings = { path: "/view", beacons: false, clientAddress: "keep" };
const readers = ["keep", "truncate", "drop"].map((clientAddress) =>
    eventReader([...columns, ...own], { ...settings, clientAddress }),
);

const url = (query: string): EntryParts => ({ url: `/view?${query}` });
const lengths = Array.from({ length: 70 }, (_, length) => length);
const bytes = Array.from({ length: 256 }, (_, byte) => byte);
/** Every byte; those beyond ASCII are the second ones of a character. */
const characters = bytes.map((byte) => String.fromCharCode(byte)).filter((character) => character !== "\n");
const others = [...'\0\t\r\x1f\x20"%&+-./09:;=?AZ[\\]az~\x7fé𝄞'];
const hexadecimal = (byte: number) => `%${byte.toString(16).padStart(2, "0")}`;
const numbers = Array.from({ length: 100 }, (_, number) => `${number}`.padStart(2, "0"));
const usual = entry(url("text=a+b%C3%BC&whole=7&on=2026-11-21&moment=2026-11-21T04:05:06.5Z"));

/** What lines there are, and how many of them at least are plain. */
const kinds: Record<string, [least: number, lines: string[]]> = {
    "a line up to each of its bytes": [1, [...usual].map((_, length) => usual.slice(0, usual.length - length))],
    "a line from each of its bytes": [1, [...usual].map((_, start) => usual.slice(start))],
    "a line without each of its bytes": [
        usual.length / 2,
        [...usual].map((_, at) => usual.slice(0, at) + usual.slice(at + 1)),
    ],
    "lines with something else at every place": [
        usual.length * 10,
        [...usual].flatMap((_, at) => others.map((each) => usual.slice(0, at) + each + usual.slice(at + 1))),
    ],
    "user agents of all lengths": [70, lengths.map((length) => entry({ userAgent: "a".repeat(length) }))],
    "traces of all lengths": [69, lengths.map((length) => entry({ traceId: `Root=${"a".repeat(length)}` }))],
    "traces with a semicolon at all places": [
        0,
        lengths.map((length) => entry({ traceId: `Root=${"a".repeat(length)};Self=b` })),
    ],
    "semicolons behind the trace": [
        70,
        lengths.map((length) => usual.replace('"-" "-" 0', `"${"a".repeat(length)};" "-" 0`)),
    ],
    "other texts of all lengths": [
        140,
        lengths.flatMap((length) => [
            usual.replace('"-" "-" 0', `"${"a".repeat(length)}" "${"b".repeat(70 - length)}" 0`),
            usual.replace("fixed-response", "c".repeat(length)),
        ]),
    ],
    "words of all lengths": [69, lengths.map((length) => usual.replace("app/views", "a".repeat(length)))],
    "hosts of all lengths": [70, lengths.map((length) => usual.replace("lb.example.com", "a".repeat(length)))],
    "paths of all lengths": [70, lengths.map((length) => entry({ url: `/${"a".repeat(length)}` }))],
    "methods of all lengths": [69, lengths.map((length) => entry({ request: `${"A".repeat(length)} b c` }))],
    "texts of all lengths": [140, lengths.flatMap((length) => behindAndBefore(`text=${"a".repeat(length)}`))],
    "raw characters at all places": [70, lengths.map((length) => entry(url(`text=${"a".repeat(length)}ü𝄞b`)))],
    "encoded characters at all places": [
        140,
        lengths.flatMap((length) =>
            behindAndBefore(`text=${"a".repeat(length)}%C3%BC+%22%f0%9d%84%9e${"b".repeat(20)}`),
        ),
    ],
    "all encoded bytes": [90, bytes.map((byte) => entry(url(`text=a${hexadecimal(byte)}`)))],
    "all codes": [28, characters.flatMap((one) => [entry(url(`text=%${one}1`)), entry(url(`text=%4${one}`))])],
    "all pairs of encoded bytes": [
        1_000,
        bytes
            .slice(128)
            .flatMap((one) => bytes.slice(64).map((two) => entry(url(`text=${hexadecimal(one)}${hexadecimal(two)}`)))),
    ],
    "encoded characters of three bytes and of four": [
        300,
        bytes
            .slice(0xe0)
            .flatMap((one) =>
                [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0].flatMap((two) =>
                    ["", "%80", "%bf", "%7f", "%c0", "é", "%80%80", "%bf%bf", "%80%7f", "%80a"].map((rest) =>
                        entry(url(`text=${hexadecimal(one)}${hexadecimal(two)}${rest}&flag=true`)),
                    ),
                ),
            ),
    ],
    "columns with all values": [
        150,
        Object.keys(types).flatMap((name) => {
            const values = [
                "",
                "a",
                "5",
                "-5",
                "05",
                "-",
                "1.5",
                "0.5",
                ".5",
                "1.",
                "1e3",
                "true",
                "false",
                "null",
                "[]",
                "NaN",
            ];
            const times = ["2026-11-21", "2026-11-21 04:05:06", "2026-11-21T04:05:06Z", "2026-11-21T04:05:06"];
            return [...values, ...times].flatMap((value) => behindAndBefore(`${name}=${encodeURIComponent(value)}`));
        }),
    ],
    "numbers of all lengths": [
        162,
        lengths.flatMap((digits) =>
            ["tiny", "small", "whole", "big", "short", "real", "amount", "part"].flatMap((name) => [
                entry(url(`${name}=${"7".repeat(digits)}`)),
                entry(url(`${name}=-0.${"7".repeat(digits)}`)),
            ]),
        ),
    ],
    "all days": [
        730,
        numbers.flatMap((month) =>
            numbers
                .slice(0, 40)
                .flatMap((day) => [
                    entry(url(`on=2026-${month}-${day}`)),
                    entry({ created: `2026-${month}-${day}T04:05:06Z` }),
                ]),
        ),
    ],
    "all times": [
        3 * (24 + 60 + 60),
        numbers.flatMap((number) =>
            [`${number}:00:00`, `00:${number}:00`, `00:00:${number}`].flatMap((clock) => [
                entry(url(`moment=2026-11-21+${clock}`)),
                entry(url(`moment=2026-11-21T${clock}Z`)),
                entry({ created: `2026-11-21T${clock}Z` }),
            ]),
        ),
    ],
    "fractions of seconds": [
        20,
        lengths
            .slice(0, 12)
            .flatMap((digits) => [
                entry(url(`moment=2026-11-21+04:05:06.${"1".repeat(digits)}`)),
                entry(url(`moment=2026-11-21T04:05:06.${"1".repeat(digits)}Z`)),
                entry({ created: `2026-11-21T04:05:06.${"1".repeat(digits)}Z` }),
            ]),
    ],
    "names that go on or stop": [
        3,
        own.flatMap(({ name }) =>
            [`${name}x=1`, `${name}`, `${name.slice(0, -1)}=1`, `${name}+=1`].map((query) => entry(url(query))),
        ),
    ],
    "columns in any order": [
        170,
        own.flatMap(({ name }) => own.map((other) => entry(url(`${valued(name)}&${valued(other.name)}&page=x`)))),
    ],
    "fields of the log behind a query string that gives them, and not": [
        8,
        ["event_id=a", "", "received_at=2026-11-21+00:00:00", "page=a"].flatMap((query) => [
            entry(url(query)),
            entry(),
        ]),
    ],
    "user agents that go on like an entry": [
        0,
        lengths.map((length) =>
            entry({ userAgent: `Bot" - - - "Root=1-a" "-" "-" 0 2026-11-21T03:00:00Z "${"a".repeat(length)}` }),
        ),
    ],
    "no times behind the actions": [
        210,
        lengths.flatMap((length) =>
            ['Z" x', 'Z  "x"', ' Z x"'].map((text) =>
                entry({ more: ` ${"a".repeat(length)}${text} ${"a".repeat(70 - length)}` }),
            ),
        ),
    ],
    "user agents like those of health checks": [
        400,
        characters.flatMap((each) => [
            entry({ userAgent: `ELB-HealthChecker${each}` }),
            entry({ userAgent: `Amazon-Route53-Health-Check-Service${each} x` }),
        ]),
    ],
    "parts of addresses of IPv4": [
        4 * 256,
        [...bytes, 256, 260, 299, 300, 999, 1000].flatMap((part) => [
            entry({ client: `${part}.0.1.2:1` }),
            entry({ client: `1.${part}.0.2:1` }),
            entry({ client: `1.2.${part}.0:1` }),
            entry({ client: `1.2.0.${part}:1` }),
            entry({ client: `1.2.0.0${part}:1` }),
        ]),
    ],
    "addresses of IPv6 with two colons anywhere": [
        60,
        Array.from({ length: 10 }, (_, before) => before).flatMap((before) =>
            Array.from({ length: 10 }, (_, behind) => behind).flatMap((behind) => {
                const address = [groups(before), groups(behind)].join("::");
                return [`[${address}]:80`, `${address}:80`, `[${groups(before)}]:80`].map((client) =>
                    entry({ client }),
                );
            }),
        ),
    ],
};

describe("the kernel and the exact reader say the same of", () => {
    for (const [what, [least, lines]] of Object.entries(kinds)) {
        it(what, () => {
            for (const readEvent of readers) {
                const plain = plainOf(lines, readEvent);

                expect(plain).to.be.at.least(least);
            }
        });
    }

    it("addresses of IPv6", () => {
        for (const readEvent of readers) {
            fc.assert(
                fc.property(fc.ipV6(), (address) => {
                    plainOf([entry({ client: `[${address}]:1` }), entry({ client: `${address}:1` })], readEvent);
                }),
                { numRuns: 500 },
            );
        }
    });
});

function behindAndBefore(field: string): string[] {
    return [entry(url(`page=a&${field}`)), entry(url(`${field}&page=a`))];
}

function valued(name: string): string {
    return `${name}=${{ flag: "true", on: "2026-11-21", moment: "2026-11-21+04:05:06", text: "a" }[name] ?? "0"}`;
}

function groups(count: number): string {
    return Array.from({ length: count }, (_, index) => `${index + 1}a${index}`).join(":");
}
