import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readSchema, schemaFile } from "../../scripts/schema";
import { judge } from "./judge";
import { buildGenerator, installPython, makeGoModule, pulumiVersion, python, runIn } from "./languages/sdks";

const judged = judge("languages");
const examples = join(__dirname, "..", "..", "languages");

describe("languages: SDKs that Pulumi's generator makes of the schema", function () {
    this.timeout(1_200_000);
    let generator: string;
    let work: string;
    let sdk: string;

    before(async function () {
        const built = await buildGenerator();
        if (!built) {
            judged.skip("there is no Go, or its modules can't be fetched");
            return this.skip();
        }
        generator = built;
        judged.version = `Pulumi's code generator ${pulumiVersion}`;
        work = mkdtempSync(join(tmpdir(), "languages-"));
        sdk = join(work, "sdk");
        runIn(work, generator, [schemaFile, sdk]);
    });
    after(() => work && rmSync(work, { recursive: true, force: true }));

    describe("in Python", () => {
        let packages: string[];

        before(async function () {
            const installed = await installPython();
            if (!installed) {
                judged.differs("Python is not judged", "there is no Python, or its packages can't be fetched");
                return this.skip();
            }
            packages = [installed, join(sdk, "python")];
            cpSync(join(examples, "python"), join(work, "python"), { recursive: true });
        });

        it("take the example", () => {
            expect(check("__main__.py")).to.include("no issues found");
        });

        it("refuse an argument that there is not", () => {
            const program = readFileSync(join(examples, "python", "__main__.py"), "utf8");
            writeFileSync(join(work, "python", "wrong.py"), program.replace('"allowed_origins"', '"allowed_origin"'));

            expect(() => check("wrong.py")).to.throw("[dict-item]");
        });

        function check(file: string): string {
            return python(packages, join(work, "python"), "-m", "mypy", "--strict", "--no-incremental", file);
        }
    });

    describe("in Go", () => {
        it("take the example", () => {
            const folder = join(work, "go");
            makeGoModule(folder, join(examples, "go"), sdk);

            vet(folder, "./...");
        });

        it("refuse an argument that there is not", () => {
            const folder = join(work, "wrong");
            makeGoModule(folder, join(examples, "go"), sdk);
            const program = readFileSync(join(folder, "main.go"), "utf8");
            writeFileSync(join(folder, "main.go"), program.replace("AllowedOrigins:", "AllowedOrigin:"));

            expect(() => vet(folder, "./...")).to.throw("unknown field AllowedOrigin");
        });

        it("of the schema that Pulumi derives by itself do not compile, which is why there is another", async () => {
            const whole = join(work, "whole.json");
            writeFileSync(whole, JSON.stringify(await readSchema()));
            runIn(work, generator, [whole, join(work, "whole")]);
            const folder = join(work, "whole-go");
            makeGoModule(folder, join(examples, "go"), join(work, "whole"));

            expect(() => vet(folder, "example.com/pulumi-eventpipeline/sdk/go/eventpipeline")).to.throw("undefined: ");
            judged.differs(
                "the whole schema in Go",
                "the generator leaves out types that components take in plain lists; schema.json has none",
            );
        });

        function vet(folder: string, packages: string): string {
            return runIn(folder, "go", ["vet", "-mod=mod", packages]);
        }
    });
});
