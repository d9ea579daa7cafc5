import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readSchema, schemaFile } from "../../scripts/schema";
import { pulumiFolder } from "./engine/cli";
import { writeKey } from "./engine/programs";
import { judge } from "./judge";
import { type Answer, type Deploy, type ForeignProgram, goProgram, pythonProgram, Shop } from "./languages/deployments";
import { installHost, type Plugin, startPlugin, unpackPackage } from "./languages/plugin";
import {
    buildGenerator,
    installPython,
    installSdk,
    makeGoModule,
    pulumiVersion,
    python,
    runIn,
} from "./languages/sdks";

const judged = judge("languages");
const examples = join(__dirname, "..", "..", "languages");

describe("languages: SDKs that Pulumi's generator makes of the schema, and programs with them", function () {
    this.timeout(1_200_000);
    let generator: string;
    let work: string;
    let sdk: string;
    let engine: { folder: string } | { missing: string };
    let plugin: Plugin | undefined;
    let host: string;

    before(async function () {
        const built = await buildGenerator();
        if (!built) {
            judged.skip("there is no Go, or its modules can't be fetched");
            return this.skip();
        }
        generator = built;
        judged.version = `Pulumi ${pulumiVersion} and its code generator`;
        work = mkdtempSync(join(tmpdir(), "languages-"));
        sdk = join(work, "sdk");
        runIn(work, generator, [schemaFile, sdk]);
        engine = await pulumiFolder();
        if ("missing" in engine) judged.differs("Nothing is deployed", `there is no ${engine.missing}`);
        else plugin = await startPlugin(unpackPackage(join(work, "plugin")));
        host = installHost(join(work, "host"));
    });
    after(async () => {
        await plugin?.stop();
        if (work) rmSync(work, { recursive: true, force: true });
    });

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

        isDeployed(
            () => pythonProgram(join(work, "python"), [packages[0]!, installSdk(sdk, join(work, "installed"))]),
            (source) => source.replace(/(\n +)ingest=/, '$1bucket={"force_destroy": True},$&'),
        );

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
        isDeployed(
            () => goProgram(join(work, "deployed-go"), join(examples, "go"), sdk),
            (source) =>
                source.replace(
                    /(\n\t+)Ingest:/,
                    "$1Bucket: &eventpipeline.BucketArgs{ForceDestroy: pulumi.Bool(true)},$&",
                ),
        );

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

    /** Both programs are the one in TypeScript. `letDelete` lets the bucket be deleted with what it holds. */
    function isDeployed(read: () => ForeignProgram, letDelete: (source: string) => string): void {
        describe("is deployed by Pulumi's engine", () => {
            let program: ForeignProgram;
            let deploy: Deploy;
            let shop: Shop;
            let twin: Shop;
            let previewed: Answer;

            before(async function () {
                if ("missing" in engine) return this.skip();
                program = read();
                deploy = program.prepare(program.source);
                twin = await Shop.open(engine.folder, plugin!);
                shop = await Shop.open(engine.folder, plugin!);
            });
            after(() => {
                shop?.close();
                twin?.close();
            });

            it("with a preview", async () => {
                previewed = await shop.run(deploy, "preview");

                expect(previewed.changes).to.have.all.keys("create");
                expect(shop.resources).to.deep.equal([]);
            });

            it("as the program in TypeScript is, to the last input and the functions' files", async () => {
                const urls = await twin.runTypeScript(/SELECT[^"`]*/.exec(program.source)![0]);

                const done = await shop.run(deploy, "up");

                expect(done.changes).to.deep.equal(previewed.changes);
                expect(done.urls).to.deep.equal(urls).and.to.have.all.keys("click");
                expect(twin.resources.length).to.be.greaterThan(80);
                expect(shop.inventory()).to.deep.equal(twin.inventory());
            });

            it("once, and then there is nothing to do", async () => {
                expect((await shop.run(deploy, "up")).changes).to.have.all.keys("same");
            });

            it("with its key encrypted in the state", () => {
                expect(JSON.stringify(shop.stack.state())).not.to.include(writeKey);
            });

            it("or refused with what is wrong with which argument", async () => {
                const wrong = program.prepare(program.source.replace('"bigint"', '"biggint"'));

                const error = await shop.run(wrong, "up").then(() => "", String);

                expect(error).to.include(
                    'queries["raw/v0/click/"][0].output.columns[2].type: unknown type `biggint`: did you mean `bigint`?',
                );
                expect(shop.inventory()).to.deep.equal(twin.inventory());
            });

            it("and deleted, once its data may be", async () => {
                const deletable = program.prepare(letDelete(program.source));
                await shop.run(deletable, "up");

                await shop.run(deletable, "destroy");

                expect(shop.resources).to.deep.equal([]);
            });

            it("by a plugin that the engine finds and starts itself", async () => {
                shop.findPlugin(plugin!.folder, host);

                expect((await shop.run(deploy, "preview")).changes).to.deep.equal(previewed.changes);
            });
        });
    }
});
