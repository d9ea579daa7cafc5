import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    cpSync,
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { judge } from "./judge";

const judged = judge("npm");
const root = join(__dirname, "..", "..");
const entries = [
    "eventpipeline",
    "eventpipeline/client",
    "eventpipeline/local",
    "eventpipeline/policy",
    "eventpipeline/processor",
];
const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const megabyte = 1024 * 1024;

describe("npm: the published package in an empty project", function () {
    this.timeout(900_000);
    let work: string;
    let consumer: string;
    let installed: string;
    let tarball: string;

    before(() => {
        work = mkdtempSync(join(tmpdir(), "package-"));
        consumer = join(work, "consumer");
        installed = join(consumer, "node_modules", "eventpipeline");
        judged.version = `npm ${run("npm", ["--version"], root).trim()}`;
        tarball = join(
            work,
            // Not built again: other judges read what is built.
            run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", work], root)
                .trim()
                .split("\n")
                .at(-1)!,
        );
        cpSync(join(__dirname, "npm"), consumer, { recursive: true });
        const program = readFileSync(join(consumer, "program.ts"), "utf8");
        writeFileSync(join(consumer, "program.mts"), program);
        writeFileSync(join(consumer, "wrong.ts"), program.replace("columns: [", "colums: ["));
        install([tarball, withRange("@pulumi/pulumi"), withRange("@pulumi/aws")]);
    });
    after(() => rmSync(work, { recursive: true, force: true }));

    it("is smaller than 2 MB", () => {
        expect(statSync(tarball).size).to.be.lessThan(2 * megabyte);
    });

    it("runs nothing when it is installed", () => {
        const { scripts } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

        expect(scripts).to.not.have.any.keys("preinstall", "install", "postinstall");
    });

    it("brings no DuckDB, and nothing else that only running locally needs", () => {
        const present = Object.keys(own.peerDependenciesMeta).filter((name) =>
            existsSync(join(consumer, "node_modules", name)),
        );

        // Pulumi's own dependencies may bring some.
        expect(present.filter((name) => !name.startsWith("@pulumi/"))).to.deep.equal([]);
    });

    it("has the functions that a build of its sources makes", () => {
        const copy = join(work, "sources");
        for (const file of run("git", ["ls-files"], root).trim().split("\n"))
            cpSync(join(root, file), join(copy, file));
        symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
        run(process.execPath, ["scripts/build.mjs"], copy);

        const built = digests(join(copy, "dist", "functions"));
        expect(Object.keys(built)).to.include.members(["collect", "normalize", "run-query", "convert-result"]);
        expect(digests(join(installed, "dist", "functions"))).to.deep.equal(built);
    });

    it("registers a program's resources, functions' files among them", () => {
        const types: string[] = JSON.parse(run(process.execPath, ["register.cjs"], consumer));

        expect(types).to.include.members([
            "aws:s3/bucket:Bucket",
            "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        ]);
    });

    it("has a command that helps", () => {
        expect(run("npx", ["eventpipeline", "--help"], consumer)).to.include("Commands:");
    });

    describe("with what its client needs", () => {
        before(() => install([withRange("@aws-sdk/client-dynamodb")]));

        for (const [how, file] of [
            ["required", "require.cjs"],
            ["imported", "import.mjs"],
        ] as const) {
            it(`can be ${how}`, () => {
                const names: Record<string, string[]> = JSON.parse(run(process.execPath, [file], consumer));

                expect(Object.keys(names)).to.deep.equal(entries);
                expect(names.eventpipeline).to.include.members(["EventPipeline", "OutputMode", "DeliveryStream"]);
                expect(names["eventpipeline/client"]).to.include("readSeries");
                expect(names["eventpipeline/local"]).to.include("LocalPipeline");
                expect(names["eventpipeline/policy"]).to.include("policies");
            });
        }

        for (const [module, resolution] of [
            ["node16", "node16"],
            ["nodenext", "nodenext"],
            ["esnext", "bundler"],
        ]) {
            for (const file of ["program.ts", "program.mts"]) {
                it(`has types for ${file} under moduleResolution ${resolution}`, () => {
                    expect(errorsOf(file, module!, resolution!)).to.equal("");
                });
            }
        }

        it("has types that refuse what is wrong", () => {
            expect(errorsOf("wrong.ts", "node16", "node16")).to.include("'colums' does not exist in type");
        });
    });

    function install(packages: string[]): void {
        run("npm", ["install", "--no-audit", "--no-fund", ...packages], consumer);
    }

    function errorsOf(file: string, module: string, moduleResolution: string): string {
        const tsc = require.resolve("typescript/bin/tsc");
        const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--ignoreConfig"];
        try {
            return run(
                process.execPath,
                [tsc, ...options, "--module", module, "--moduleResolution", moduleResolution, file],
                consumer,
            );
        } catch (error) {
            return String((error as { stdout: string }).stdout);
        }
    }
});

/** As a user installs a peer. */
function withRange(name: string): string {
    return `${name}@${own.peerDependencies[name]}`;
}

/** Function → digest of its code. */
function digests(folder: string): Record<string, string> {
    const names = readdirSync(folder).sort();
    const digest = (name: string) =>
        createHash("sha256")
            .update(readFileSync(join(folder, name, "index.js")))
            .digest("hex");
    return Object.fromEntries(names.map((name) => [name, digest(name)]));
}

function run(command: string, options: string[], cwd: string): string {
    return execFileSync(command, options, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
