import { Readable } from "node:stream";
import { expect } from "chai";
import { differingLines } from "../../bench/compare-lines";

const lines =
    (...rows: string[]) =>
    () =>
        Readable.from([Buffer.from(rows.map((row) => `${row}\n`).join(""))]);

describe("what lines of JSON have lost", () => {
    const row = '{"a":"","b":null,"c":1.50}';

    for (const [what, actual, differences] of [
        ["nothing", [row, row], []],
        ["which is NULL and which is empty", [row, '{"a":null,"b":"","c":1.50}'], ['NULL and "" are the same (2)']],
        ["that numbers are numbers", [row, '{"a":"","b":null,"c":"1.50"}'], ["numbers as text (1)"]],
        ["digits", ['{"a":"","b":null,"c":1.5}', row], ["numbers spelled otherwise (1)"]],
        ["values", [row, '{"a":"x","b":null,"c":2}'], ["other values (2)"]],
        ["that they are JSON", [row, '{"a":NaN}'], ["lines that are no JSON (1)"]],
        ["lines", [row], ["lines missing (1)"]],
        ["nothing, but have more", [row, row, row], ["lines too many (1)"]],
    ] as const) {
        it(`is said: ${what}`, async () => {
            expect(await differingLines(lines(row, row), lines(...actual))).to.deep.equal(differences);
        });
    }
});
