import { expect } from "chai";
import fc from "fast-check";
import {
    fitsDecimal,
    fitsFloat,
    fitsInteger,
    isDate,
    isInteger,
    timestamp,
    timestampOf,
} from "../../../handlers/shared/values";

describe("values", () => {
    for (const bits of [8, 16, 32, 64]) {
        it(`takes integers of ${bits} bits to the last digit`, () => {
            const most = 2n ** BigInt(bits - 1) - 1n;

            expect(fitsInteger(`${most}`, bits)).to.equal(true);
            expect(fitsInteger(`${-most - 1n}`, bits)).to.equal(true);
            expect(fitsInteger(`${most + 1n}`, bits)).to.equal(false);
            expect(fitsInteger(`${-most - 2n}`, bits)).to.equal(false);
        });
    }

    it("refuses a megabyte of digits at once", () => {
        expect(fitsInteger("9".repeat(1_000_000), 64)).to.equal(false);
        expect(fitsDecimal(`0.${"0".repeat(1_000_000)}1`, 38, 38)).to.equal(false);
    });

    it("tells integers from other numbers by their spelling", () => {
        expect(["0", "-0", "12"].every(isInteger)).to.equal(true);
        expect(["1.0", "1e3", "-1.5"].some(isInteger)).to.equal(false);
    });

    it("takes floats that are finite", () => {
        expect(fitsFloat("1e400", 64)).to.equal(false);
        expect(fitsFloat("1e308", 64)).to.equal(true);
        expect(fitsFloat("1e308", 32)).to.equal(false);
        expect(fitsFloat("-3.4e38", 32)).to.equal(true);
        expect(fitsFloat("1e-400", 64)).to.equal(true);
    });

    const decimals: [string, number, number, boolean][] = [
        ["0", 1, 0, true],
        ["-0.000", 1, 0, true],
        ["999.99", 5, 2, true],
        ["-999.99", 5, 2, true],
        ["999.990", 5, 2, true],
        ["999.991", 5, 2, false],
        ["1000", 5, 2, false],
        ["0.01", 2, 2, true],
        ["1", 2, 2, false],
        ["1.5e2", 3, 0, true],
        ["1.5E+2", 2, 0, false],
        ["1500e-3", 2, 1, true],
        ["1e-3", 5, 2, false],
        ["1e99999999999999999999", 38, 0, false],
        ["1e-99999999999999999999", 38, 38, false],
        ["0e99999999999999999999", 1, 0, true],
        ["99999999999999999999999999999999999999", 38, 0, true],
        ["100000000000000000000000000000000000000", 38, 0, false],
    ];
    for (const [literal, precision, scale, fits] of decimals) {
        it(`says that ${literal} ${fits ? "fits" : "does not fit"} decimal(${precision},${scale})`, () => {
            expect(fitsDecimal(literal, precision, scale)).to.equal(fits);
        });
    }

    it("takes the decimals whose digits fit, however they are written", () => {
        const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
        fc.assert(
            fc.property(
                digits,
                fc.integer({ min: 0, max: 10 }),
                fc.integer({ min: 0, max: 6 }),
                (value, scale, more) => {
                    const largest = 10n ** 38n - 1n;
                    const fits = value <= largest && value >= -largest;

                    expect(fitsDecimal(`${value}${"0".repeat(more)}e-${scale + more}`, 38, scale)).to.equal(fits);
                },
            ),
        );
    });

    it("takes the calendar's days", () => {
        const real = ["2026-11-21", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2026-04-30"];
        const unreal = [
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "0000-01-01",
        ];
        const misspelled = ["2026-1-1", "26-01-01", "2026-01-01 ", "2026/01/01", "2026-01-01T00:00:00Z", ""];

        expect(real.filter((text) => !isDate(text))).to.deep.equal([]);
        expect([...unreal, ...misspelled].filter(isDate)).to.deep.equal([]);
    });

    it("takes every day that Date knows, and no other", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1000, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
                const text = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
                const date = new Date(Date.UTC(year, month - 1, day));

                expect(isDate(text)).to.equal(date.toISOString().startsWith(text));
            }),
        );
    });

    it("spells timestamps in one way", () => {
        expect(timestamp("2026-11-21 04:05:06")).to.equal("2026-11-21 04:05:06");
        expect(timestamp("2026-11-21 04:05:06.123456789")).to.equal("2026-11-21 04:05:06.123456789");
        expect(timestamp("2026-11-21T04:05:06Z")).to.equal("2026-11-21 04:05:06");
        expect(timestamp("2026-11-21T23:59:59.5Z")).to.equal("2026-11-21 23:59:59.5");
    });

    const noTimestamps = [
        "2026-11-21",
        "2026-11-21T04:05:06",
        "2026-11-21 04:05:06Z",
        "2026-11-21T04:05:06+00:00",
        "2026-11-21 24:00:00",
        "2026-11-21 04:60:00",
        "2026-11-21 04:05:60",
        "2026-02-30 04:05:06",
        "2026-02-30T04:05:06Z",
        "2026-11-21 04:05:06.",
        "2026-11-21 04:05:06.1234567890",
        "2026-11-21  04:05:06",
        "1763697906000",
        "",
    ];
    for (const text of noTimestamps) {
        it(`refuses the timestamp ${JSON.stringify(text)}`, () => {
            expect(timestamp(text)).to.equal(undefined);
        });
    }

    it("writes the clock as a timestamp that it reads", () => {
        expect(timestampOf(Date.UTC(2026, 10, 21, 4, 5, 6, 7))).to.equal("2026-11-21 04:05:06.007");
        fc.assert(
            fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
                const written = timestampOf(date.getTime());

                expect(timestamp(written)).to.equal(written);
                expect(timestamp(date.toISOString())).to.equal(written);
            }),
        );
    });
});
