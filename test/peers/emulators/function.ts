/** The handlers' bundles, as they are deployed. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterTest } from "../../setup";

/** What a function consists of. */
export interface FunctionOptions {
    /** Folder below `dist/functions`. */
    bundle: string;
    /** The file beside the bundle, and what it holds. */
    asset: [string, unknown];
    environment: object;
    /** Where AWS is. */
    url: string;
}

/** A function in a process of its own, until the running test is over. */
export class BundledFunction {
    private readonly process: ChildProcess;
    /** Lambda gives an instance one event at a time. */
    private idle: Promise<unknown> = Promise.resolve();

    constructor({ bundle, asset: [file, content], environment, url }: FunctionOptions) {
        const folder = mkdtempSync(join(tmpdir(), `${bundle}-`));
        cpSync(join("dist", "functions", bundle), folder, { recursive: true });
        writeFileSync(join(folder, file), JSON.stringify(content));
        this.process = fork(join(__dirname, "invoke.cjs"), {
            cwd: folder,
            execArgv: [],
            silent: true,
            env: { ...environment, ...credentials, AWS_ENDPOINT_URL: url, PATH: process.env.PATH },
        });
        this.process.stdout!.resume(); // or it waits for a reader
        afterTest(() => {
            this.process.kill();
            rmSync(folder, { recursive: true });
        });
    }

    /** What the function answers; throws what it throws. */
    async invoke<T>(event: unknown, milliseconds = 60_000): Promise<T> {
        const answered = this.idle.then(() => {
            this.process.send({ event, milliseconds });
            return once(this.process, "message");
        });
        this.idle = answered;
        const [{ answer, error }] = await answered;
        if (error !== undefined) throw new Error(error);
        return answer;
    }
}

/** All emulators take these. */
export const credentials = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
