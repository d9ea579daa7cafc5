import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { region } from "./runtime";

/** How a program is to be run, as Pulumi's own files say. */
export interface Project {
    name: string;
    stack: string;
    /** Working directory of the program. */
    folder: string;
    /** File in it; `.` leaves the choice to package.json. */
    entry: string;
    /** Configuration by full key, values as strings. */
    config: Record<string, string>;
    /** Full keys of secrets. */
    secrets: string[];
    /** Made-up values of encrypted settings, by full key. */
    invented: Record<string, string>;
}

/** What a caller may say about it. */
export interface ProjectOptions {
    /** Folder with a Pulumi.yaml or an index file, or a file. */
    program: string;
    /** @default the only stack that has a settings file, or `dev` */
    stack?: string;
    /** Settings that count more than the stack's, by key or full key. */
    config?: Record<string, string>;
}

/** A problem of the user's program or its settings, in words for its author. */
export class ProgramError extends Error {
    override name = "ProgramError";

    constructor(
        message: string,
        /** Where single arguments are at fault: which, and what is wrong with each. */
        readonly problems: ArgumentProblem[] = [],
    ) {
        super(message);
    }
}

/** What is wrong with one argument. */
export interface ArgumentProblem {
    path: string;
    message: string;
}

/** Finds the program, its project and its settings. */
export function readProject(options: ProjectOptions): Project {
    const program = resolve(options.program);
    if (!existsSync(program)) throw new ProgramError(`There is no program at ${options.program}`);
    const { projectFolder, manifest, folder, entry } = locate(program);
    if (runtimeOf(manifest) !== "nodejs") {
        throw new ProgramError(
            `${join(projectFolder, "Pulumi.yaml")}: runtime "${runtimeOf(manifest)}" does not run here, only nodejs does`,
        );
    }
    const name = manifest.name ?? (basename(projectFolder) || "project");
    const stack = options.stack ?? onlyStack(projectFolder) ?? "dev";
    const settings = { ...defaultsOf(manifest), ...readStack(projectFolder, stack), ...options.config };
    return { name, stack, folder, entry, ...readSettings(name, settings) };
}

interface Manifest {
    name?: string;
    runtime?: string | { name?: string };
    main?: string;
    config?: Record<string, unknown> | string;
}

interface Location {
    projectFolder: string;
    manifest: Manifest;
    folder: string;
    entry: string;
}

/** A Pulumi.yaml counts for its own folder and for the program that its `main` names. */
function locate(program: string): Location {
    const isFolder = statSync(program).isDirectory();
    for (let projectFolder = isFolder ? program : dirname(program); ; projectFolder = dirname(projectFolder)) {
        const file = join(projectFolder, "Pulumi.yaml");
        if (existsSync(file)) {
            const manifest = (parse(readFileSync(file, "utf8")) ?? {}) as Manifest;
            const main = mainOf(projectFolder, manifest);
            const named = [projectFolder, main.folder, join(main.folder, main.entry)].includes(program);
            if (named) return { projectFolder, manifest, ...main };
        }
        if (projectFolder === dirname(projectFolder)) break;
    }
    const folder = isFolder ? program : dirname(program);
    return { projectFolder: folder, manifest: {}, folder, entry: isFolder ? indexOf(folder) : basename(program) };
}

/** `main` is a folder or a file; the program runs in that folder. */
function mainOf(projectFolder: string, { main }: Manifest): { folder: string; entry: string } {
    if (!main) return { folder: projectFolder, entry: "." };
    const path = resolve(projectFolder, main);
    if (!existsSync(path)) throw new ProgramError(`${join(projectFolder, "Pulumi.yaml")}: main: there is no ${main}`);
    return statSync(path).isDirectory()
        ? { folder: path, entry: "." }
        : { folder: dirname(path), entry: basename(path) };
}

function indexOf(folder: string): string {
    const found = ["index.ts", "index.js", "index.mjs"].find((file) => existsSync(join(folder, file)));
    if (found) return found;
    throw new ProgramError(
        `${folder} has neither a Pulumi.yaml nor an index.ts or index.js: name the program's folder or file`,
    );
}

function runtimeOf({ runtime = "nodejs" }: Manifest): string {
    return typeof runtime === "string" ? runtime : (runtime.name ?? "nodejs");
}

function onlyStack(folder: string): string | undefined {
    const stacks = readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []);
    return stacks.length === 1 ? stacks[0] : undefined;
}

/** Values that Pulumi.yaml gives for all stacks. */
function defaultsOf({ config }: Manifest): Record<string, unknown> {
    if (typeof config !== "object") return {};
    const values = Object.entries(config).map(([key, setting]) => {
        const described =
            typeof setting === "object" && setting !== null ? (setting as Record<string, unknown>) : undefined;
        return [key, described ? (described.value ?? described.default) : setting];
    });
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function readStack(folder: string, stack: string): Record<string, unknown> {
    const file = join(folder, `Pulumi.${stack}.yaml`);
    if (!existsSync(file)) return {};
    return ((parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> }).config ?? {};
}

/** Full keys, and strings for values; what is encrypted gets a value made up for this machine. */
function readSettings(project: string, settings: Record<string, unknown>) {
    const config: Record<string, string> = { "aws:region": region };
    const invented: Record<string, string> = {};
    for (const [name, value] of Object.entries(settings)) {
        const key = name.includes(":") ? name : `${project}:${name}`;
        const decrypted = decrypt(value, inventValue(key));
        config[key] = typeof decrypted.value === "string" ? decrypted.value : JSON.stringify(decrypted.value);
        if (decrypted.secret) invented[key] = inventValue(key);
    }
    return { config, invented, secrets: Object.keys(invented) };
}

/** A value for a secret that this machine does not know, long enough to pass for a write key or an API key. */
export function inventValue(fullKey: string): string {
    return `local-${fullKey.slice(fullKey.indexOf(":") + 1)}`.padEnd(20, "-");
}

function decrypt(value: unknown, substitute: string): { value: unknown; secret: boolean } {
    if (typeof value !== "object" || value === null) return { value, secret: false };
    if ("secure" in value) return { value: substitute, secret: true };
    let secret = false;
    const decrypted = Object.entries(value).map(([key, inner]) => {
        const result = decrypt(inner, substitute);
        secret ||= result.secret;
        return [key, result.value];
    });
    return {
        value: Array.isArray(value) ? decrypted.map(([, inner]) => inner) : Object.fromEntries(decrypted),
        secret,
    };
}
