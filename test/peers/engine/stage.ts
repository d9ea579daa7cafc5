/** An engine with an account of its own, for the time of some tests. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud } from "./cloud";
import type { Program } from "./programs";
import { startProvider } from "./provider";
import { EngineStack } from "./stack";

/** What the programs use and do not own. */
const foreign = [
    "arn:aws:acm:us-east-1:000000000000:certificate/foreign",
    "arn:aws:kinesis:us-east-1:000000000000:stream/foreign",
    "arn:aws:s3:::exports-of-a-service",
    "arn:aws:s3:::foreign-lake",
    "arn:aws:sns:us-east-1:000000000000:foreign",
];

/** An account, and stacks in it. */
export interface Stage {
    cloud: Cloud;
    /** Makes a stack for a program, and works in the program's folder from then on: assets are found from there. */
    open(program: Program, stack?: string): Promise<EngineStack>;
    close(): void;
}

/** An account with a stack of a program, which nothing was done to yet, while the tests of a `describe` run. */
export class ProgramStage {
    #stage?: Stage;
    #stack?: EngineStack;

    constructor(program: Program, installation: () => string | undefined) {
        before(async () => {
            const found = installation();
            if (found === undefined) return;
            this.#stage = await setStage(found);
            this.#stack = await this.#stage.open(program);
        });
        after(() => this.#stage?.close());
    }

    get stack(): EngineStack {
        return this.#stack!;
    }

    get cloud(): Cloud {
        return this.#stage!.cloud;
    }

    /** Another stack in the same account. */
    open(program: Program, stack: string): Promise<EngineStack> {
        return this.#stage!.open(program, stack);
    }
}

/** Makes an account. */
export async function setStage(installation: string): Promise<Stage> {
    const before = process.cwd();
    const work = mkdtempSync(join(tmpdir(), "engine-"));
    const cloud = new Cloud();
    for (const arn of foreign) cloud.foreign.add(arn);
    const provider = await startProvider(cloud);
    return {
        cloud,
        async open({ project, folder, config }, stack = "dev") {
            process.chdir(folder);
            const settings = join(work, stack);
            mkdirSync(settings);
            const engine = { installation, work, port: provider.port };
            return EngineStack.create(engine, { project, stack, folder: settings, config });
        },
        close() {
            process.chdir(before);
            provider.stop();
            rmSync(work, { recursive: true });
        },
    };
}
