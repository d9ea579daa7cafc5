import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";

describe("each example", () => {
    for (const { name } of readdirSync("examples", { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
        it(`${name} says what it shows and how it is run and deployed, and has a test`, () => {
            const readme = `examples/${name}/README.md`;

            expect(existsSync(readme), readme).to.equal(true);
            expect(readFileSync(readme, "utf8"))
                .to.match(/^## On this machine$/m)
                .and.to.match(/^## On AWS$/m);
            expect(existsSync(`test/examples/${name}.test.ts`), `test/examples/${name}.test.ts`).to.equal(true);
        });
    }
});
