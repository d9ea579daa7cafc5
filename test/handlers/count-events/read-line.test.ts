import { expect } from "chai";
import { lineReader } from "../../../handlers/count-events/read-line";
import type { Column } from "../../../handlers/shared/columns";
import { pings } from "./world";

const column = (name: string, type: Column["type"]): Column => ({ name, type });

/** Counts by one column, with one sum. */
const read = (type: Column["type"], literal: string) =>
    lineReader({
        ...pings,
        by: [column("value", type)],
        time: column("at", { kind: "string" }),
        sum: [],
    })(`{"value":${literal},"at":"2026-11-21"}`);

const epoch = (type: Column["type"], timeUnit: "seconds" | "milliseconds", literal: string) =>
    lineReader({ ...pings, by: [], time: column("at", type), timeUnit, interval: "minute", sum: [] })(
        `{"at":${literal}}`,
    );

const int = { kind: "integer", bits: 32 } as const;
const bigint = { kind: "integer", bits: 64 } as const;
const double = { kind: "float", bits: 64 } as const;
const decimal = { kind: "decimal", precision: 10, scale: 2 } as const;
const far = (unit: string) => `column at: not within the years 1 to 9999, as ${unit} since 1970`;

describe("a line that others wrote", () => {
    for (const [type, literal, name] of [
        [{ kind: "string" }, "1.50", "1.50"],
        [{ kind: "string" }, "true", "true"],
        [{ kind: "string" }, "null", "\\N"],
        [{ kind: "boolean" }, '"true"', "true"],
        [{ kind: "boolean" }, "false", "false"],
        [int, '"5"', "5"],
        [int, '"-007"', "-7"],
        [bigint, '"9007199254740993"', "9007199254740993"],
        [decimal, '"1.50"', "1.5"],
        [{ kind: "date" }, '"2026-11-21"', "2026-11-21"],
    ] as const) {
        it(`counts ${literal} as the ${type.kind} ${name}, as the table reads it`, () => {
            expect(read(type, literal)).to.deep.include({ counter: [name, "2026-11-21T00:00:00Z"] });
        });
    }

    for (const [type, literal, reason] of [
        [{ kind: "string" }, '{"a":1}', "expected string, got an object"],
        [{ kind: "string" }, "[1]", "expected string, got an array"],
        [{ kind: "boolean" }, '"yes"', "expected boolean, got a string"],
        [{ kind: "boolean" }, "1", "expected boolean, got a number"],
        [int, '"5.0"', "expected int, got a number with a fraction or an exponent"],
        [int, '"3000000000"', "out of range for int"],
        [int, '" 5"', "expected int, got a string"],
        [int, '"five"', "expected int, got a string"],
        [decimal, '"1.234"', "does not fit decimal(10,2)"],
        [{ kind: "date" }, '"21.11.2026"', "expected date as YYYY-MM-DD, got another string"],
        [
            { kind: "timestamp" },
            '"2026-11-21T04:00:00+01:00"',
            "expected timestamp as YYYY-MM-DD HH:MM:SS[.fraction] or YYYY-MM-DDTHH:MM:SS[.fraction]Z, got another string",
        ],
    ] as const) {
        it(`does not count ${literal} as ${type.kind}, which the table does not read`, () => {
            expect(read(type, literal)).to.deep.include({ reason: `column value: ${reason}` });
        });
    }

    it("has its sums from texts with numbers, too", () => {
        const reader = lineReader({ ...pings, by: [], sum: [column("volts", double)] });

        const reading = reader('{"at":"2026-11-21 04:00:00","volts":"0.5e1","other":[]}');

        expect(reading).to.deep.include({ totals: { count: 10n ** 15n, sum_volts: 5n * 10n ** 15n } });
    });

    it("has its keys in any case, and each once", () => {
        const reader = lineReader({ ...pings, sum: [] });

        expect(reader('{"Device":"a","AT":"2026-11-21 04:00:00"}')).to.deep.include({
            counter: ["a", "2026-11-21T04:00:00Z"],
        });
        expect(reader('{"device":"a","Device":"a","at":"2026-11-21 04:00:00"}')).to.deep.equal({
            reason: "a key is given twice",
        });
        expect(reader('{"device":"a","at":"2026-11-21 04:00:00","x":1,"x":2}')).to.deep.equal({
            reason: "a key is given twice",
        });
    });
});

describe("a time that is a number", () => {
    for (const [type, unit, literal, minute] of [
        [bigint, "seconds", "1795233599", "2026-11-21T03:59:00Z"],
        [int, "seconds", "1795233600", "2026-11-21T04:00:00Z"],
        [double, "seconds", "1795233599.9999", "2026-11-21T03:59:00Z"],
        [double, "seconds", "1.7952336e9", "2026-11-21T04:00:00Z"],
        [bigint, "seconds", '"1795233600"', "2026-11-21T04:00:00Z"],
        [bigint, "milliseconds", "1795233599999", "2026-11-21T03:59:00Z"],
        [bigint, "milliseconds", "1795233600000", "2026-11-21T04:00:00Z"],
        [double, "milliseconds", "1795233600000.5", "2026-11-21T04:00:00Z"],
        [bigint, "seconds", "0", "1970-01-01T00:00:00Z"],
        [double, "seconds", "-0.5", "1969-12-31T23:59:00Z"],
        [bigint, "milliseconds", "-1", "1969-12-31T23:59:00Z"],
        [bigint, "seconds", "253402300799", "9999-12-31T23:59:00Z"],
        [bigint, "seconds", "-62135596800", "0001-01-01T00:00:00Z"],
    ] as const) {
        it(`${literal} ${unit} are in the minute ${minute}`, () => {
            expect(epoch(type, unit, literal)).to.deep.include({ counter: ["", minute] });
        });
    }

    for (const [type, unit, literal, reason] of [
        [bigint, "seconds", "253402300800", far("seconds")],
        [bigint, "seconds", "-62135596801", far("seconds")],
        [bigint, "seconds", "1795233600000", far("seconds")],
        [bigint, "milliseconds", "9223372036854775807", far("milliseconds")],
        [double, "seconds", "1e300", far("seconds")],
        [double, "seconds", '"soon"', "column at: expected double, got a string"],
        [bigint, "seconds", "1.5", "column at: expected bigint, got a number with a fraction or an exponent"],
        [bigint, "seconds", "null", "column at: missing or null, and events are counted by it"],
    ] as const) {
        it(`${literal} ${unit} are refused`, () => {
            expect(epoch(type, unit, literal)).to.deep.include({ reason });
        });
    }
});
