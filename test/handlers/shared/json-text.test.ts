import { expect } from "chai";
import fc from "fast-check";
import { edited, elements, isJson, members, skipValue, stringOf } from "../../../handlers/shared/json-text";
import { readJson } from "../../read-json";

/** JSON texts as people and machines write them: with and without white space and escapes. */
const jsonText = (value: fc.Arbitrary<unknown>) =>
    fc.tuple(value, fc.constantFrom("", " ", "\t", "\n  ", "\r\n"), fc.boolean()).map(([content, indent, escaped]) => {
        const text = JSON.stringify(content, null, indent.trim() === "" ? indent.replace(/[\r\n]/g, "") : indent);
        return `${indent}${escaped ? text.replaceAll("/", "\\/") : text}${indent}`;
    });

describe("json-text", () => {
    it("finds the elements that a parser finds", () => {
        fc.assert(
            fc.property(jsonText(fc.array(fc.jsonValue())), (text) => {
                const found = [...elements(text)].map(({ start, end }) => readJson(text.slice(start, end)));

                expect(found).to.deep.equal(readJson(text));
            }),
        );
    });

    it("finds the members that a parser finds", () => {
        fc.assert(
            fc.property(jsonText(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue())), (text) => {
                const found = members(text).map(({ name, start, end }) => [name, readJson(text.slice(start, end))]);

                expect(Object.fromEntries(found)).to.deep.equal(readJson(text));
                expect(found.length).to.equal(Object.keys(readJson(text)).length);
            }),
        );
    });

    it("cuts values as they are written, brackets and quotes in strings included", () => {
        const text = ` [ {"a" : "]}\\"[{,"} ,"\\\\", 1.50e+3,[[ ]],null ] `;

        const found = [...elements(text)].map(({ start, end }) => text.slice(start, end));

        expect(found).to.deep.equal([`{"a" : "]}\\"[{,"}`, `"\\\\"`, "1.50e+3", "[[ ]]", "null"]);
    });

    it("lists every member, those given twice and __proto__ too", () => {
        const names = members('{"a":1,"__proto__":{},"\\u0061":2,"\\\\":3,"\\"":4}').map(({ name }) => name);

        expect(names).to.deep.equal(["a", "__proto__", "a", "\\", '"']);
    });

    it("passes a hundred thousand levels without running out of stack", () => {
        const text = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

        expect(skipValue(text, 0)).to.equal(text.length);
    });

    it("comes to an end on any text", () => {
        fc.assert(
            fc.property(fc.string({ unit: fc.constantFrom(...'[]{}",:\\ 1tn\n') }), (text) => {
                expect(skipValue(text, 0)).to.be.at.least(0);
            }),
        );
    });

    it("reads strings with and without escapes", () => {
        expect(stringOf('"plain"')).to.equal("plain");
        expect(stringOf('"\\"\\u00fc\\n"')).to.equal('"ü\n');
    });

    it("edits several places at once", () => {
        const text = edited("a-b-c", [
            { start: 1, end: 2, text: "++" },
            { start: 3, end: 5, text: "" },
        ]);

        expect(text).to.equal("a++b");
    });

    it("tells JSON from other text", () => {
        expect([isJson("{}"), isJson("1"), isJson("{"), isJson("")]).to.deep.equal([true, true, false, false]);
    });
});
