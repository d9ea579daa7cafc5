import { expect } from "chai";
import { fixedPoint, printFixedPoint } from "../../../handlers/shared/fixed-point";

describe("sums of decimal digits", () => {
    for (const [literal, kept] of [
        ["0", "0"],
        ["-0.0", "0"],
        ["9007199254740993", "9007199254740993"],
        ["-9223372036854775808", "-9223372036854775808"],
        ["0.1", "0.1"],
        ["1.5e3", "1500"],
        ["15E-1", "1.5"],
        ["0.0000000000000005", "0.000000000000001"],
        ["-0.0000000000000004", "0"],
        ["1e-300", "0"],
        ["0.30000000000000004", "0.3"],
    ]) {
        it(`keeps ${literal} as ${kept}`, () => {
            expect(printFixedPoint(fixedPoint(literal!)!)).to.equal(kept);
        });
    }

    it("takes no more than 19 digits before the point", () => {
        expect(fixedPoint("1e18")).to.equal(10n ** 33n);
        expect(fixedPoint("1e19")).to.equal(undefined);
    });
});
