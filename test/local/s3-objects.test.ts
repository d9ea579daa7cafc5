import { expect } from "chai";
import fc from "fast-check";
import { Objects } from "../../local/services/s3/objects";

/** Few letters, so that keys meet; two of them stand the other way round in UTF-16 than in UTF-8. */
const keys = fc
    .array(fc.constantFrom("a", "b", "/", "\u{ff5e}", "\u{1f680}"), { maxLength: 4 })
    .map((of) => of.join(""));
const steps = fc.array(fc.record({ key: keys, what: fc.constantFrom("set", "set", "set", "delete") }), {
    maxLength: 60,
});

describe("a bucket's objects", () => {
    it("are found by key and by prefix, in the order of their keys' bytes", () => {
        fc.assert(
            fc.property(steps, keys, (steps, prefix) => {
                const objects = new Objects<{ key: string }>();
                const expected = new Map<string, { key: string }>();
                for (const { key, what } of steps) {
                    const object = { key };
                    if (what === "set") {
                        objects.set(object);
                        expected.set(key, object);
                    } else {
                        objects.delete(key);
                        expected.delete(key);
                    }
                }

                const own = [...expected.values()].filter(({ key }) => key.startsWith(prefix));
                own.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
                expect(objects.of(prefix)).to.deep.equal(own);
                for (const { key } of steps) expect(objects.get(key)).to.equal(expected.get(key));
            }),
        );
    });
});
