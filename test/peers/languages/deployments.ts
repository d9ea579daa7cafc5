/** Programs in other languages, deployed by Pulumi's engine through Pulumi's Automation API in their own language. */
import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import type { Held } from "../engine/cloud";
import { example } from "../engine/programs";
import { content } from "../engine/provider";
import type { EngineStack } from "../engine/stack";
import { type Stage, setStage } from "../engine/stage";
import type { Plugin } from "./plugin";
import { makeGoModule, runIn } from "./sdks";

/** What the engine did. */
export interface Answer {
    /** Steps of each kind. */
    changes: Record<string, number>;
    /** The program's output. */
    urls?: Record<string, string>;
}

/** A program in another language. */
export interface ForeignProgram {
    source: string;
    /** Makes it ready to be deployed, with another source. */
    prepare(source: string): Deploy;
}

/** The command that does something to the stack whose settings are in that folder. */
export type Deploy = (operation: string, folder: string) => { command: string[]; cwd: string; environment?: object };

/** The shop in Python, with packages from these folders. */
export function pythonProgram(folder: string, packages: string[]): ForeignProgram {
    cpSync(join(__dirname, "deploy.py"), join(folder, "deploy.py"));
    return {
        source: readFileSync(join(folder, "__main__.py"), "utf8"),
        prepare(source) {
            writeFileSync(join(folder, "edited.py"), source);
            const environment = { PYTHONPATH: packages.join(":"), PYTHONDONTWRITEBYTECODE: "1" };
            return (operation, settings) => ({
                command: ["python3", "deploy.py", operation, "edited.py", settings],
                cwd: folder,
                environment,
            });
        },
    };
}

/** The shop in Go. */
export function goProgram(folder: string, program: string, sdk: string): ForeignProgram {
    makeGoModule(folder, program, sdk);
    cpSync(join(__dirname, "deploy_test.go"), join(folder, "deploy_test.go"));
    const file = join(folder, "main.go");
    return {
        source: readFileSync(file, "utf8"),
        prepare(source) {
            writeFileSync(file, source);
            runIn(folder, "go", ["test", "-mod=mod", "-c", "-o", "deploy", "."]);
            return (operation, settings) => ({ command: [join(folder, "deploy"), operation, settings], cwd: folder });
        },
    };
}

/** The shop's stack in an account of its own. */
export class Shop {
    private constructor(
        private readonly stage: Stage,
        readonly stack: EngineStack,
        private readonly environment: Record<string, string>,
    ) {}

    static async open(installation: string, plugin: Plugin): Promise<Shop> {
        const stage = await setStage(installation);
        const stack = await stage.open(example("shop"));
        const { PULUMI_DEBUG_PROVIDERS: providers, ...environment } = stack.environment;
        return new Shop(stage, stack, {
            ...environment,
            PULUMI_DEBUG_PROVIDERS: `${providers},eventpipeline:${plugin.port}`,
            PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
            PATH: `${join(installation, "bin")}:${process.env.PATH}`,
        });
    }

    /** Has the engine find the package in that folder by the project's settings, and start it by the package's. */
    findPlugin(folder: string, host: string): void {
        const file = join(this.stack.folder, "Pulumi.yaml");
        const project = parse(readFileSync(file, "utf8"));
        const plugins = { providers: [{ name: "eventpipeline", path: folder }] };
        writeFileSync(file, stringify({ ...project, plugins }));
        this.environment.PULUMI_DEBUG_PROVIDERS = this.stack.environment.PULUMI_DEBUG_PROVIDERS!;
        this.environment.PATH = `${host}:${this.environment.PATH}`;
    }

    get resources(): Held[] {
        return this.stage.cloud.resources;
    }

    /** Has a program in another language do it; throws with what that says. */
    async run(deploy: Deploy, operation: "preview" | "up" | "destroy"): Promise<Answer> {
        const { command, cwd, environment } = deploy(operation, this.stack.folder);
        const [program, ...options] = command;
        const env = { ...process.env, ...this.environment, ...environment };
        const running = promisify(execFile)(program!, options, { cwd, env });
        const { stdout } = await running.catch(({ code, stdout, stderr }) => {
            throw new Error(`${command.join(" ")} ended with ${code}\n${stdout}${stderr}`);
        });
        return JSON.parse(stdout);
    }

    /** Deploys the program in TypeScript, with that SQL's spaces, after a preview: each of them makes up names. */
    async runTypeScript(sql: string): Promise<Answer["urls"]> {
        const program = example("shop").run(({ queries }) => {
            queries!["raw/v0/click/"]![0]!.sql = sql;
        });
        await this.stack.preview(program);
        await this.stack.up(program);
        return (await this.stack.stack.outputs()).urls!.value;
    }

    /** What there is, in the order of its names, without the places of files. */
    inventory(): Record<string, unknown> {
        const resources = this.resources.map(({ urn, id, inputs }) => [urn, { id, inputs: content(inputs) }] as const);
        return Object.fromEntries(resources.sort(([a], [b]) => (a < b ? -1 : 1)));
    }

    close(): void {
        this.stage.close();
    }
}
