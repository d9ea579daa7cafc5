/** Pulumi's engine: the command line, built from its Go module. No registry has it ready-made. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchOnce } from "../cache";

/** The version of the command line; @pulumi/pulumi may be newer. */
export const version = "3.259.0";

const command = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const manifest = `module engine

go 1.25.11

tool ${command}

require github.com/pulumi/pulumi/pkg/v3 v${version}
`;

/** The folder with `bin/pulumi`, or what this machine lacks. The first time takes minutes. */
export async function pulumiFolder(): Promise<{ folder: string } | { missing: string }> {
    const go = spawnSync("go", ["version"], { encoding: "utf8" });
    const folder = await fetchOnce(`pulumi-${version}`, (empty) => go.status === 0 && build(empty));
    if (folder !== undefined) return { folder };
    return { missing: go.status === 0 ? `Pulumi ${version}, which Go could not build` : "Go, which builds Pulumi" };
}

function build(folder: string): boolean {
    const source = join(folder, "source");
    mkdirSync(source);
    writeFileSync(join(source, "go.mod"), manifest);
    const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
    const options = ["-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", `-s -w -X ${variable}=v${version}`];
    const built =
        // Tests of dependencies may want modules that no longer exist; the command does not.
        run(["mod", "tidy", "-e"]) && run(["build", ...options, "-o", join(folder, "bin", "pulumi"), command]);
    rmSync(source, { recursive: true });
    return built;

    /** Politely: it takes all processors for minutes. */
    function run(args: string[]): boolean {
        const { status, stderr } = spawnSync("nice", ["-n", "10", "go", ...args], { cwd: source, encoding: "utf8" });
        if (status !== 0) process.stderr.write(stderr);
        return status === 0;
    }
}
