import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "..", "..");

describe("the package", () => {
    it("loads no more of AWS than the services it uses, and no local runtime", () => {
        const script = `require("./index"); process.stdout.write(JSON.stringify(Object.keys(require.cache)));`;

        const loaded = execFileSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
            cwd: root,
            encoding: "utf8",
        });

        const files: string[] = JSON.parse(loaded);
        expect(files).to.include(join(root, "components", "event-pipeline.ts"));
        expect(files.filter((file) => file.endsWith(join("@pulumi", "aws", "index.js")))).to.deep.equal([]);
        expect(files.filter((file) => file.startsWith(join(root, "local")))).to.deep.equal([]);
    });

    it("is a plugin for programs in other languages", () => {
        expect(readFileSync(join(root, "PulumiPlugin.yaml"), "utf8")).to.equal("runtime: nodejs\n");
    });
});
