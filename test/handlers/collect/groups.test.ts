import { expect } from "chai";
import fc from "fast-check";
import { groups } from "../../../handlers/collect/groups";

const sizes = (grouped: Buffer[][]) => grouped.map((group) => group.map((item) => item.length));
const items = (...lengths: number[]) => lengths.map((length) => Buffer.alloc(length));

describe("groups", () => {
    it("fills each group up to its last byte", () => {
        expect(sizes(groups(items(4, 6, 1, 10, 1), { items: 9, bytes: 10 }))).to.deep.equal([[4, 6], [1], [10], [1]]);
    });

    it("fills each group up to its last item", () => {
        expect(sizes(groups(items(1, 1, 1), { items: 2, bytes: 10 }))).to.deep.equal([[1, 1], [1]]);
    });

    it("leaves alone what is too large for any group", () => {
        expect(sizes(groups(items(1, 11, 1), { items: 9, bytes: 10 }))).to.deep.equal([[1], [11], [1]]);
    });

    it("keeps all items in their order, within the limits, and no two groups that would fit one", () => {
        const buffers = fc.array(fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)));
        fc.assert(
            fc.property(buffers, fc.integer({ min: 1, max: 5 }), (given, most) => {
                const limit = { items: most, bytes: 10 };
                const weight = (group: Buffer[]) => Buffer.concat(group).length;

                const grouped = groups(given, limit);

                expect(grouped.flat()).to.deep.equal(given);
                for (const [index, group] of grouped.entries()) {
                    const next = grouped[index + 1];
                    expect(group.length).to.be.within(1, most);
                    expect(group.length === 1 || weight(group) <= limit.bytes).to.equal(true);
                    if (next)
                        expect(group.length === most || weight([...group, next[0]!]) > limit.bytes).to.equal(true);
                }
            }),
        );
    });
});
