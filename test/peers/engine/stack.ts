/** Stacks of Pulumi's engine, with their state in files, over a cloud of our own. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
    type ConfigMap,
    type Deployment,
    type EngineEvent,
    LocalWorkspace,
    type OpMap,
    PulumiCommand,
    type PulumiFn,
    type Stack,
} from "@pulumi/pulumi/automation";

/** A passphrase for tests: it protects nothing. */
export const passphrase = "correct horse battery staple";

/** How to make stacks. */
export interface EngineOptions {
    /** Folder with `bin/pulumi`. */
    installation: string;
    /** A folder for the state and for what the engine keeps. */
    work: string;
    /** Where the provider listens. */
    port: number;
}

/** A stack to be made. */
export interface StackOptions {
    project: string;
    stack: string;
    /** Relative paths of assets start here. */
    folder: string;
    config?: ConfigMap;
}

/** What the engine does to a resource. */
export interface Step {
    /** `create`, `update`, `replace` or `delete`. */
    operation: string;
    type: string;
    name: string;
    urn: string;
    /** Inputs for which it is replaced. */
    reasons: string[];
}

/** Of a replacement, one step of three is enough. */
const unnoticed = new Set<string>(["same", "create-replacement", "delete-replaced"]);

/** A stack and what the engine makes of programs in it. */
export class EngineStack {
    private constructor(
        readonly stack: Stack,
        /** Where the stack's settings are. */
        readonly folder: string,
        /** What a process of its own needs to work on the stack. */
        readonly environment: Record<string, string>,
        private readonly file: string,
    ) {}

    static async create(engine: EngineOptions, { project, stack, folder, config }: StackOptions): Promise<EngineStack> {
        const state = join(engine.work, "state");
        mkdirSync(state, { recursive: true });
        const environment = {
            PULUMI_HOME: join(engine.work, "home"),
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: passphrase,
            PULUMI_DEBUG_PROVIDERS: `aws:${engine.port}`,
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
        const made = await LocalWorkspace.createOrSelectStack(
            { projectName: project, stackName: stack, program: async () => {} },
            {
                workDir: folder,
                pulumiCommand: await PulumiCommand.get({ root: engine.installation, skipVersionCheck: true }),
                envVars: environment,
            },
        );
        await made.setAllConfig({ "aws:region": { value: "us-east-1" }, ...config });
        const file = join(state, ".pulumi", "stacks", project, `${stack}.json`);
        return new EngineStack(made, folder, environment, file);
    }

    /** What the engine would do. */
    async preview(program: PulumiFn): Promise<Step[]> {
        return this.#steps((onEvent) => this.stack.preview({ program, onEvent }));
    }

    /** What the engine did; it failed if this throws. */
    async up(program: PulumiFn): Promise<Step[]> {
        return this.#steps((onEvent) => this.stack.up({ program, onEvent }));
    }

    async refresh(): Promise<OpMap | undefined> {
        return (await this.stack.refresh()).summary.resourceChanges;
    }

    async destroy(): Promise<void> {
        await this.stack.destroy();
    }

    /** The state as it is stored; the engine would export it with its secrets in plain text. */
    state(): State {
        const { version, checkpoint } = JSON.parse(readFileSync(this.file, "utf8"));
        return { version, deployment: checkpoint.latest };
    }

    async restore(state: State): Promise<void> {
        await this.stack.importStack(state);
    }

    async #steps(run: (onEvent: (event: EngineEvent) => void) => Promise<unknown>): Promise<Step[]> {
        const steps: Step[] = [];
        await orderly(() =>
            run(({ resourcePreEvent }) => {
                const { op, urn, type, keys } = resourcePreEvent?.metadata ?? {};
                if (op === undefined || unnoticed.has(op) || !type?.startsWith("aws:")) return;
                steps.push({ operation: op, type, urn: urn!, name: nameOf(urn!), reasons: keys ?? [] });
            }),
        );
        return steps;
    }
}

/**
 * Runs a program in this process. When the engine gives up, what the program still waits for fails with nobody listening;
 * the engine has said why by then.
 */
async function orderly(run: () => Promise<unknown>): Promise<void> {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // Pulumi takes a stack for every promise, which is half of the time
    const listeners = process.listeners("unhandledRejection");
    const unheard: unknown[] = [];
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason) => unheard.push(reason));
    try {
        await run();
        if (unheard.length > 0) throw unheard[0];
    } finally {
        await setTimeout(100);
        process.removeAllListeners("unhandledRejection");
        for (const listener of listeners) process.on("unhandledRejection", listener);
        Error.stackTraceLimit = stackTraceLimit;
    }
}

/** The engine's state of a stack. */
export interface State extends Deployment {
    deployment: { resources: StoredResource[]; manifest: { time: string } };
}

/** A resource in the engine's state. */
export interface StoredResource {
    urn: string;
    type: string;
    id?: string;
    custom: boolean;
    parent?: string;
    dependencies?: string[];
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
    created?: string;
    modified?: string;
    sourcePosition?: string;
    stackTrace?: unknown;
}

/** Steps in words, in the order of the alphabet: `replace Table all-counts: hashKey`. */
export function shown(steps: Step[]): string[] {
    const words = ({ operation, type, name, reasons }: Step) =>
        `${operation} ${type.slice(type.lastIndexOf(":") + 1)} ${name}${operation === "replace" ? `: ${reasons.join(", ")}` : ""}`;
    return steps.map(words).sort();
}

/** The last part of a URN: what the program calls it. */
export function nameOf(urn: string): string {
    return urn.slice(urn.lastIndexOf("::") + 2);
}
