/** Programs for the engine: the examples as they are, and the examples with other arguments. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { ConfigMap, PulumiFn } from "@pulumi/pulumi/automation";
import * as eventpipeline from "eventpipeline";
import { readProject } from "../../../local/project";

type Args = eventpipeline.EventPipelineArgs;

/** Makes arguments differ from what the program says. */
export type Edit = (args: Args) => void;

/** A program in a file. */
export interface Program {
    project: string;
    folder: string;
    config: ConfigMap;
    /** The program with other arguments for its pipeline. @default its own */
    run(edit?: Edit): PulumiFn;
}

const examples = resolve("examples");

/** Long enough for every kind of key, and nowhere else in the state. */
export const writeKey = "0123456789Abcdefghijklmnopqrstuvwxyz";

/** Those in TypeScript. */
export function exampleNames(): string[] {
    return readdirSync(examples).filter((name) => existsSync(join(examples, name, "index.ts")));
}

export function example(name: string): Program {
    return programIn(join(examples, name));
}

/** The program of a folder, with a value for each secret that it asks for. */
export function programIn(folder: string): Program {
    const file = join(folder, "index.ts");
    const { name: project, config } = readProject({ program: folder, stack: "dev" });
    const secrets = readFileSync(file, "utf8").matchAll(/requireSecret\("(\w+)"\)/g);
    return {
        project,
        folder,
        config: {
            ...Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value }])),
            ...Object.fromEntries([...secrets].map(([, key]) => [`${project}:${key}`, secret])),
        },
        run: (edit) => async () => load(file, edit) as Record<string, unknown>,
    };
}

const secret = { value: writeKey, secret: true };

/** Loads a program anew, in whose eyes the package's pipeline takes edited arguments. */
function load(file: string, edit: Edit = () => {}): unknown {
    const entry = require.cache[require.resolve("eventpipeline")]!;
    class EventPipeline extends eventpipeline.EventPipeline {
        constructor(name: string, args: Args, opts?: ComponentResourceOptions) {
            edit(args);
            super(name, args, opts);
        }
    }
    const { exports } = entry;
    entry.exports = { ...exports, EventPipeline };
    try {
        delete require.cache[file];
        return require(file);
    } finally {
        entry.exports = exports;
    }
}
