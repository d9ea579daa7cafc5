import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect } from "chai";
import { afterTest } from "../setup";

const script = resolve("scripts/include-code.mjs");
const program = `import { a } from "a";

// #region all
export function main() {
    // #region call
    a({
        b: 1,
    });

    // #endregion
}
// #endregion all
`;

describe("npm run docs", () => {
    it("fills a block with a file, without the lines of its regions", () => {
        const docs = documents({ "README.md": block("<!-- code: a.ts -->", "old"), "a.ts": program });

        expect(docs.run()).to.deep.equal({ status: 0, said: "" });

        const shown = program
            .split("\n")
            .filter((line) => !line.includes("region"))
            .join("\n");
        expect(docs.read("README.md")).to.equal(`# Title\n\n<!-- code: a.ts -->\n\`\`\`ts\n${shown}\`\`\`\n\nEnd.\n`);
    });

    it("fills a block with a region, moved to the left", () => {
        const docs = documents({ "README.md": block("<!-- code: a.ts#call -->", ""), "a.ts": program });

        docs.run();

        expect(docs.read("README.md")).to.include("```ts\na({\n    b: 1,\n});\n\n```\n");
    });

    it("knows outer regions from inner ones, and the comments of other languages", () => {
        const docs = documents({
            "README.md": block("<!-- code: a.ts#all -->", ""),
            "docs/a/b.md": block("<!-- code: a.py#call -->", ""),
            "examples/a/README.md": block("<!-- code: a.sql#call -->", ""),
            "a.ts": program,
            "a.py": "# #region call\ndef a():\n    pass\n# #endregion\n",
            "a.sql": "-- #region call\nSELECT 1\n-- #endregion\n",
        });

        docs.run();

        expect(docs.read("README.md")).to.match(/```ts\nexport function main[^#]*\n}\n```/);
        expect(docs.read("docs/a/b.md")).to.include("```python\ndef a():\n    pass\n```");
        expect(docs.read("examples/a/README.md")).to.include("```sql\nSELECT 1\n```");
    });

    it("fences code with fences in it by longer ones", () => {
        const docs = documents({ "README.md": block("<!-- code: a.ts -->", ""), "a.ts": "/**\n```\n*/\n" });

        docs.run();

        expect(docs.read("README.md")).to.include("````ts\n/**\n```\n*/\n````\n");
        expect(docs.run("--check")).to.deep.equal({ status: 0, said: "" });
    });

    it("leaves everything else as it is, commands and output above all", () => {
        const text = "```sh\nnpm ci\n```\n\n~~~text\n```ts\n~~~\n\n    indented\n\n```\nopen";
        const docs = documents({ "README.md": text });

        expect(docs.run()).to.deep.equal({ status: 0, said: "" });

        expect(docs.read("README.md")).to.equal(text);
    });

    it("names everything that is wrong, and fills the rest", () => {
        const docs = documents({
            "README.md": [
                block("<!-- code: none.ts -->", "kept"),
                block("<!-- code: a.ts#cal -->", "kept"),
                block("<!-- code: open.ts#open -->", "kept"),
                "<!-- code: a.ts -->\n\nText.\n",
                "  ```python\n  rots\n  ```\n",
                block("<!-- code: a.ts#call -->", "filled"),
            ].join(""),
            "docs/plain.md": block("<!-- code: plain.ts#any -->", "kept"),
            "a.ts": program,
            "open.ts": "// #region open\n",
            "plain.ts": "1;\n",
        });

        const { status, said } = docs.run();

        expect(status).to.equal(1);
        expect(said.trim().split("\n")).to.deep.equal([
            "README.md:3: none.ts can't be read (ENOENT)",
            "README.md:11: a.ts has no region cal; it has all, call",
            "README.md:19: open.ts: region open is not closed",
            "README.md:25: no code block stands below the marker",
            "README.md:28: put <!-- code: FILE --> above this block, so that it is a tested program's",
            "docs/plain.md:3: plain.ts has no region any; it has none",
        ]);
        expect(docs.read("README.md").match(/kept/g)).to.have.length(3);
        expect(docs.read("README.md")).not.to.include("filled");
    });
});

describe("npm run docs -- --check", () => {
    it("refuses a block that is not what its program is, and writes nothing", () => {
        const text = block("<!-- code: a.ts#call -->", "old");
        const docs = documents({ "README.md": text, "a.ts": program });
        const { mtimeMs } = statSync(docs.path("README.md"));

        expect(docs.run("--check")).to.deep.equal({
            status: 1,
            said: "README.md:3: the block is not what a.ts says: run npm run docs\n",
        });

        expect(docs.read("README.md")).to.equal(text);
        expect(statSync(docs.path("README.md")).mtimeMs).to.equal(mtimeMs);
    });

    it("is content with what npm run docs wrote, until the program changes", () => {
        const docs = documents({ "README.md": block("<!-- code: a.ts -->", "old"), "a.ts": program });
        docs.run();
        const before = docs.run("--check");

        writeFileSync(docs.path("a.ts"), program.replace("b: 1", "b: 2"));

        expect(before).to.deep.equal({ status: 0, said: "" });
        expect(docs.run("--check").status).to.equal(1);
    });

    it("finds this repository's documents to be what its programs are", () => {
        const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });

        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    });
});

function block(marker: string, code: string): string {
    return `# Title\n\n${marker}\n\`\`\`ts\n${code}\n\`\`\`\n\nEnd.\n`;
}

/** A folder with these files, in which the script runs. */
function documents(files: Record<string, string>) {
    const folder = mkdtempSync(join(tmpdir(), "documents-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    const path = (file: string) => join(folder, file);
    for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(path(file)), { recursive: true });
        writeFileSync(path(file), text);
    }
    return {
        path,
        read: (file: string) => readFileSync(path(file), "utf8"),
        run: (...args: string[]) => {
            const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
                cwd: folder,
                encoding: "utf8",
            });
            return { status, said: stderr };
        },
    };
}
