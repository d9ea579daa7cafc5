import { expect } from "chai";
import type { StoredObject } from "../../local/services/s3";
import { objectEvent } from "../../local/services/s3/notifications";
import { checkPattern, matches, matchesAttributes, type Pattern } from "../../local/services/sns-filter";
import { start } from "./support";

describe("filter policies", () => {
    const keyPattern = (...conditions: unknown[]): Pattern =>
        ({ Records: { s3: { object: { key: conditions } } } }) as Pattern;

    for (const [key, prefix, expected] of [
        ["raw/v0/ping/2026/11/21/04/a.json.gz", "raw/v0/ping/", true],
        ["raw/v0/pingpong/a.json.gz", "raw/v0/ping/", false],
        ["processed/v0/x/run_date=2026-11-21/a.json.gz", "processed/v0/x/run_date%3D2026", true],
        ["processed/v0/x/run_date=2026-11-21/a.json.gz", "processed/v0/x/run_date=", false],
        ["raw/with space/a", "raw/with+space/", true],
    ] as const) {
        it(`${expected ? "lets" : "does not let"} the event of ${key} through prefix ${prefix}`, () => {
            expect(matches(keyPattern({ prefix }), eventOf(key))).to.equal(expected);
        });
    }

    it("matches when any record and any condition matches", () => {
        const records = { Records: [...eventOf("a/1").Records, ...eventOf("b/1").Records] };

        expect(matches(keyPattern({ prefix: "b/" }), records)).to.equal(true);
        expect(matches(keyPattern({ prefix: "c/" }, { prefix: "a/" }), records)).to.equal(true);
        expect(matches(keyPattern({ prefix: "c/" }, { prefix: "d/" }), records)).to.equal(false);
    });

    it("lets nothing through that lacks what the policy names, such as s3:TestEvent", () => {
        expect(matches(keyPattern({ prefix: "" }), { Event: "s3:TestEvent" })).to.equal(false);
        expect(matches(keyPattern({ prefix: "" }), { Records: [{ s3: null }] })).to.equal(false);
        expect(matches(keyPattern({ prefix: "" }), { Records: "text" })).to.equal(false);
    });

    for (const [condition, matching, others] of [
        ["a", ["a"], ["A", "ab", 1, null]],
        [1, [1], ["1", true]],
        [null, [null], ["null", 0, ""]],
        [true, [true], ["true", 1]],
        [{ prefix: "ab" }, ["ab", "abc"], ["a", "xab", 1]],
        [{ suffix: "bc" }, ["bc", "abc"], ["bcd", 1]],
        [{ "equals-ignore-case": "Ab" }, ["aB", "AB"], ["abc", 1]],
        [{ wildcard: "a*/*.csv" }, ["a/b.csv", "ax/y/z.csv"], ["a/b.csvx", "xa/b.csv", 1]],
        [{ wildcard: "a\\*.[x]" }, ["a*.[x]"], ["ab.[x]", "a*.x"]],
        [{ numeric: ["=", 5] }, [5], [4, "5"]],
        [{ numeric: [">=", 0, "<", 10] }, [0, 9.5], [-1, 10]],
        [{ numeric: [">", 0, "<=", 10] }, [10], [0]],
        [{ "anything-but": "a" }, ["b", 1, null], ["a"]],
        [{ "anything-but": ["a", 1] }, ["b"], ["a", 1]],
        [{ "anything-but": { prefix: "a" } }, ["b"], ["ab"]],
        [{ exists: true }, ["", 0, null], []],
    ] as const) {
        it(`understands ${JSON.stringify(condition)}`, () => {
            const pattern = { field: [condition] } as unknown as Pattern;

            checkPattern(pattern, "filterPolicy");
            expect(matching.map((field) => matches(pattern, { field }))).to.deep.equal(matching.map(() => true));
            expect(others.map((field) => matches(pattern, { field }))).to.deep.equal(others.map(() => false));
            expect(matches(pattern, {})).to.equal(false);
        });
    }

    it("understands what must not be there", () => {
        const pattern: Pattern = { field: [{ exists: false }] };

        expect(matches(pattern, {})).to.equal(true);
        expect(matches(pattern, { field: null })).to.equal(false);
    });

    it("takes all keys together and alternatives apart", () => {
        const pattern: Pattern = { a: [1], $or: [{ b: [2] }, { c: { d: [3] } }] };

        checkPattern(pattern, "filterPolicy");
        expect(matches(pattern, { a: 1, b: 2 })).to.equal(true);
        expect(matches(pattern, { a: 1, c: { d: [9, 3] } })).to.equal(true);
        expect(matches(pattern, { a: 1 })).to.equal(false);
        expect(matches(pattern, { b: 2 })).to.equal(false);
    });

    it("compares attributes as what they are", () => {
        const attributes = {
            text: { DataType: "String", StringValue: "a" },
            number: { DataType: "Number", StringValue: "5" },
            list: { DataType: "String.Array", StringValue: '["x","y"]' },
            bytes: { DataType: "Binary", BinaryValue: "AA==" },
        };

        expect(matchesAttributes({ text: ["a"], number: [{ numeric: [">", 4] }], list: ["y"] }, attributes)).to.equal(
            true,
        );
        expect(matchesAttributes({ list: ["z"] }, attributes)).to.equal(false);
        expect(matchesAttributes({ bytes: ["AA=="] }, attributes)).to.equal(true);
        expect(matchesAttributes({ empty: ["x"] }, { empty: { DataType: "String.Array" } })).to.equal(false);
    });

    for (const [pattern, message] of [
        [{ a: [{ cidr: "10.0.0.0/8" }] }, 'filterPolicy.a[0]: the filter operator "cidr" is not modelled'],
        [{ a: { b: [{ "anything-but": { cidr: "x" } }] } }, 'filterPolicy.a.b[0]: the filter operator "cidr"'],
        [{ $or: [{ a: [{ x: 1 }] }] }, 'filterPolicy.$or[0].a[0]: the filter operator "x"'],
        [{ a: [{ numeric: ["~", 1] }] }, "filterPolicy.a[0]: numeric takes one or two comparisons"],
        [{ a: [{ numeric: 5 }] }, "filterPolicy.a[0]: numeric takes"],
        [{ a: "text" }, "filterPolicy.a: a filter is an object whose leaves are lists"],
        [null, "filterPolicy: a filter is an object"],
    ] as const) {
        it(`refuses ${JSON.stringify(pattern)}`, () => {
            expect(() => checkPattern(pattern, "filterPolicy")).to.throw(message);
        });
    }
});

function eventOf(key: string) {
    const object: StoredObject = {
        bucket: "lake",
        key,
        size: 1,
        etag: "e",
        sequencer: "1",
        lastModified: start,
        file: "",
        metadata: {},
        contentType: "",
    };
    return objectEvent(object, "ObjectCreated:Put", "id") as { Records: object[] };
}
