import { expect } from "chai";
import { nearest, suggestion } from "../../plan/suggestion";

describe("a suggestion", () => {
    for (const [word, candidates, expected] of [
        ["abc", ["abd"], "abd"],
        ["pings", ["ping", "things", "pigs"], "ping"],
        ["ping", ["pings"], "pings"],
        ["dveiceping", ["devicepong", "deviceping"], "deviceping"],
        ["ab", ["cd"], undefined],
        ["ping", ["pingaling"], undefined],
        ["pingaling", ["ping"], undefined],
        ["ping", [], undefined],
    ] as [string, string[], string | undefined][]) {
        it(`for ${word} among ${candidates.join(", ") || "none"} is ${expected ?? "none"}`, () => {
            expect(nearest(word, candidates)).to.equal(expected);
        });
    }

    it("names what was probably meant", () => {
        expect(suggestion("pigns", ["things", "pings"])).to.equal("did you mean `pings`?");
    });

    it("names all there is where nothing is near", () => {
        expect(suggestion("customers", ["things", "pings"])).to.equal("there is `things`, `pings`");
    });
});
