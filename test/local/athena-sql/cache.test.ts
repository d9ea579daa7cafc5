import { expect } from "chai";
import { Cache } from "../../../local/athena-sql/cache";

describe("what is remembered of a query's patterns", () => {
    it("is made once", () => {
        const cache = new Cache<object>();
        const first = cache.get("a", () => ({}));

        expect(cache.get("a", () => ({}))).to.equal(first);
        expect(cache.get("b", () => ({}))).not.to.equal(first);
    });

    it("does not grow with the rows that patterns are taken from", () => {
        const cache = new Cache<number>();
        for (let row = 0; row < 10_000; row++) expect(cache.get(String(row), () => row)).to.equal(row);

        expect(cache.size).to.be.at.most(1_000);
    });

    it("is nothing where making it fails", () => {
        const cache = new Cache<number>();
        const fail = () => {
            throw new Error("wrong");
        };

        expect(() => cache.get("a", fail)).to.throw("wrong");
        expect(cache.get("a", () => 1)).to.equal(1);
    });
});
