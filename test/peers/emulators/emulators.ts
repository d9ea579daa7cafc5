/** Emulators of AWS, each in an environment of its own, fetched once from PyPI. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fetchOnce } from "../cache";
import { installPackages } from "../python";
import { version as motoVersion, startMoto } from "../trino/moto";
import { freePort, startServer, stopServer } from "../trino/processes";

const version = "1.5.33";
const duckDbVersion = "2.0.0";

/** What answers as AWS does, more or less. */
export interface Emulator {
    url: string;
    stop(): Promise<void>;
}

/** How to start each, by its name and version. */
export const emulators: Record<string, () => Promise<Emulator | { missing: string }>> = {
    [`MiniStack ${version}`]: startMiniStack,
    [`moto ${motoVersion}`]: startMoto,
};

/** MiniStack listens on the loopback only, keeps everything below its folder, and finds no Docker. */
async function startMiniStack(): Promise<Emulator | { missing: string }> {
    const packages = await fetchOnce(`ministack-${version}-duckdb-${duckDbVersion}`, (folder) =>
        installPackages(folder, [`ministack==${version}`, `duckdb==${duckDbVersion}`]),
    );
    if (!packages) return { missing: "a Python with pip, or PyPI" };
    const work = mkdtempSync(join(tmpdir(), "ministack-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings = {
        GATEWAY_PORT: port,
        BIND_HOST: "127.0.0.1",
        MINISTACK_HOST: "127.0.0.1",
        STATE_DIR: join(work, "state"),
        S3_DATA_DIR: join(work, "s3"),
        TMPDIR: work,
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`, // its functions' Node is ours
        DOCKER_HOST: `unix://${join(work, "none")}`,
    };
    const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const command = ["env", ...variables, join(packages, "bin/python"), "-m", "ministack"];
    const server = await startServer(command, join(work, "log"), () => fetch(`${url}/_ministack/health`), 60);
    return {
        url,
        stop: async () => {
            await stopServer(server);
            rmSync(work, { recursive: true, force: true });
        },
    };
}
