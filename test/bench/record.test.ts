import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fallsOf, type Recorded, read, record } from "../../bench/record";
import type { Result } from "../../bench/results";
import { afterTest } from "../setup";

const result = (lessCpu: number): Result => ({
    case: "counting",
    about: "",
    contestants: [
        { name: "ours", faster: 1, lessCpu: 1, memory: 50, output: 1, differences: [] },
        { name: "other", faster: 1, lessCpu, memory: 50, output: 1, differences: [] },
    ],
});

describe("recorded ratios", () => {
    const recorded: Recorded = { counting: { other: 5 } };

    for (const [lessCpu, falls] of [
        [6, []],
        [4.01, []],
        [3.99, ["counting: other takes 3.99 times our CPU time; 5 are recorded"]],
    ] as const) {
        it(`${falls.length === 0 ? "let pass" : "refuse"} ${lessCpu} where 5 are recorded`, () => {
            expect(fallsOf(result(lessCpu), recorded)).to.deep.equal(falls);
        });
    }

    it("say nothing of what is not recorded", () => {
        expect(fallsOf(result(0.1), {})).to.deep.equal([]);
    });

    it("are kept beside those of other cases", () => {
        const folder = mkdtempSync(join(tmpdir(), "recorded-"));
        afterTest(() => rmSync(folder, { recursive: true }));
        const file = join(folder, "recorded.json");
        writeFileSync(file, JSON.stringify({ plan: { few: 2 }, counting: { other: 1 } }));

        const { contestants, ...counting } = result(5);
        const unsteady = { ...contestants[1]!, name: "unsteady", isUnsteady: true } as const;

        record([{ ...counting, contestants: [...contestants, unsteady] }], file);

        expect(read(file)).to.deep.equal({ plan: { few: 2 }, counting: { other: 5 } });
    });
});
