import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchOnce } from "../cache";

/** Of Pulumi's generator, and of its SDK for Go. */
export const pulumiVersion = "3.259.0";
const pythonPackages = ["pulumi==3.272.0", "parver==1.0.1.post0", "mypy==2.4.1"];
const generator = join(__dirname, "generator");

/** Pulumi's generator as a program, built once; undefined where there is no Go or it can't be fetched. */
export async function buildGenerator(): Promise<string | undefined> {
    const folder = await fetchOnce(`pulumi-codegen-${pulumiVersion}`, (into) => {
        const { status } = spawnSync("go", ["build", "-trimpath", "-o", join(into, "generator"), "."], {
            cwd: generator,
        });
        return status === 0;
    });
    return folder && join(folder, "generator");
}

/** Pulumi's packages for Python, and a checker of types; undefined where there is no Python or they can't be fetched. */
export async function installPython(): Promise<string | undefined> {
    return fetchOnce("python-pulumi-3.272.0-parver-1.0.1", (into) => {
        const { status } = spawnSync("python3", ["-m", "pip", "install", "-q", "--target", into, ...pythonPackages]);
        return status === 0;
    });
}

/** Installs the SDK for Python as its users do: it asks what version of it is installed. */
export function installSdk(sdk: string, folder: string): string {
    const options = ["install", "-q", "--no-deps", "--disable-pip-version-check", "--target", folder];
    runIn(sdk, "python3", ["-m", "pip", ...options, join(sdk, "python")]);
    return folder;
}

/** A Python that has these packages, run in that folder. */
export function python(packages: string[], cwd: string, ...options: string[]): string {
    const env = {
        ...process.env,
        PYTHONPATH: packages.join(":"),
        MYPYPATH: packages.at(-1),
        PYTHONDONTWRITEBYTECODE: "1",
    };
    return runIn(cwd, "python3", options, env);
}

/** Puts a Go module of the program and the SDK there. */
export function makeGoModule(folder: string, program: string, sdk: string): void {
    const requirements = `require github.com/pulumi/pulumi/sdk/v3 v${pulumiVersion}\n`;
    const sdkModule = "example.com/pulumi-eventpipeline/sdk/go";
    mkdirSync(folder);
    cpSync(join(sdk, "go"), join(folder, "sdk"), { recursive: true });
    cpSync(program, folder, { recursive: true });
    writeFileSync(join(folder, "sdk", "go.mod"), `module ${sdkModule}\n\ngo 1.24\n\n${requirements}`);
    writeFileSync(
        join(folder, "go.mod"),
        `module shop\n\ngo 1.24\n\n${requirements}require ${sdkModule} v0.0.0\n\nreplace ${sdkModule} => ./sdk\n`,
    );
    // What is required by what is required.
    cpSync(join(generator, "go.sum"), join(folder, "go.sum"));
}

/** What the command prints; throws with what it says is wrong. */
export function runIn(cwd: string, command: string, options: string[], env = process.env): string {
    try {
        return execFileSync(command, options, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        throw new Error(`${command} ${options.join(" ")}\n${stdout}${stderr}`);
    }
}
