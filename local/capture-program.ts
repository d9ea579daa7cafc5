/**
 * Child process of capture.ts: runs a Pulumi program as Pulumi's own runner does (@pulumi/pulumi/cmd/run), with mocks in
 * place of the engine, and reports what it registered.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire, register } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import type * as Pulumi from "@pulumi/pulumi";
import { callFunction, createdResource } from "./aws-resources";
import type { CaptureReply, CaptureRequest } from "./capture";
import type { CapturedAsset } from "./program";
import { inventValue } from "./project";

type Properties = Record<string, unknown>;

/** Requests to the engine, as far as they say what the mocks leave out. */
interface RegisterRequest {
    getParent(): string;
    getCustom(): boolean;
    getRemote(): boolean;
    getDependenciesList(): string[];
}

/** Turns places in compiled code into places in TypeScript. */
let mapStack: typeof Error.prepareStackTrace | undefined;

process.once("message", (request: CaptureRequest) => void start(request));

async function start(request: CaptureRequest): Promise<void> {
    const reply: CaptureReply = { resources: [], components: [], outputs: {}, invented: request.invented };
    const fail = (error: unknown) => {
        // The first says what happened; others follow from it.
        if (reply.error !== undefined) return;
        reply.error = describe(error, request.folder);
        reply.problems = problemsOf(error);
    };
    process.on("uncaughtException", fail);
    process.on("unhandledRejection", fail);
    let finished = false;
    // The program is done when nothing is left to wait for, as it is for Pulumi.
    process.channel?.unref();
    process.once("beforeExit", () => {
        if (!finished) fail(new Error("the program ended before its resources were all registered"));
        process.send!(reply, () => process.exit());
    });

    try {
        // Everything below uses the program's own copy of Pulumi.
        const requireFromProgram = createRequire(join(request.folder, "index.js"));
        const pulumi = loadPulumi(requireFromProgram);
        await setUp(pulumi, request, reply, fail);
        const outputs = await pulumi.runtime.runInPulumiStack(() => runProgram(request, requireFromProgram));
        reply.outputs = await new Promise(
            (settled) => void pulumi.output(outputs).apply((value) => settled(value ?? {})),
        );
        await pulumi.runtime.disconnect();
    } catch (error) {
        fail(error);
    }
    finished = true;
}

function loadPulumi(requireFromProgram: NodeJS.Require): typeof Pulumi {
    try {
        return requireFromProgram("@pulumi/pulumi");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
        throw new Error("the program finds no @pulumi/pulumi: npm install @pulumi/pulumi");
    }
}

/** Puts mocks in place of the engine, and the settings in place. */
async function setUp(
    pulumi: typeof Pulumi,
    request: CaptureRequest,
    reply: CaptureReply,
    fail: (error: unknown) => void,
): Promise<void> {
    /** What the mocks don't pass on, of the registration that they are about to hear of. */
    let registering: RegisterRequest | undefined;
    await pulumi.runtime.setMocks(
        {
            call: failing(async ({ token, inputs }: Pulumi.runtime.MockCallArgs) =>
                callFunction(token, inputs, reply.resources),
            ),
            newResource: failing(async (resource: Pulumi.runtime.MockResourceArgs) => {
                const registration = registering;
                registering = undefined;
                return createResource(pulumi, request, reply, resource, registration);
            }),
        },
        request.name,
        request.stack,
        false,
        "organization",
    );
    const monitor = monitorOf(pulumi);
    const registerResource = monitor.registerResource.bind(monitor);
    monitor.registerResource = (resource, callback) => {
        registering = resource;
        return registerResource(resource, callback);
    };
    pulumi.runtime.setAllConfig(request.config, request.secrets);
    inventMissingSecrets(pulumi, reply);

    /** Notes the error here: by the time it comes out of Pulumi, it is wrapped many times. */
    function failing<A, R>(action: (args: A) => Promise<R>): (args: A) => Promise<R> {
        return async (args) => {
            try {
                return await action(args);
            } catch (error) {
                fail(error);
                throw error;
            }
        };
    }
}

/** Answers a registration, and writes it down. */
async function createResource(
    pulumi: typeof Pulumi,
    request: CaptureRequest,
    reply: CaptureReply,
    { type, name, inputs, id }: Pulumi.runtime.MockResourceArgs,
    registration: RegisterRequest | undefined,
): Promise<{ id: string; state: Properties }> {
    const plain = (await toPlain(pulumi, inputs, request.folder)) as Properties;
    const isComponent = registration && !registration.getCustom() && !registration.getRemote();
    if (isComponent) {
        reply.components.push({ type, name, inputs: plain });
        return { id: "", state: inputs };
    }
    const urn = monitorOf(pulumi).newUrn(registration?.getParent() ?? "", type, name);
    // A resource that is only read, with `Bucket.get` say, is known by its id.
    const knownAs = registration ? name : (id ?? name);
    const created = createdResource(type, urn, knownAs, plain, request.endpointUrl);
    if (registration) {
        reply.resources.push({
            type,
            name,
            urn,
            id: created.id,
            inputs: plain,
            outputs: created.outputs,
            ...(registration.getParent() && { parent: registration.getParent() }),
            dependencies: registration.getDependenciesList(),
            secrets: Object.keys(inputs).filter((key) => isSecret(inputs[key])),
        });
    }
    return { id: created.id, state: { ...created.outputs, ...inputs } };
}

interface Monitor {
    registerResource(request: RegisterRequest, callback: unknown): Promise<void>;
    newUrn(parent: string, type: string, name: string): string;
}

function monitorOf(pulumi: typeof Pulumi): Monitor {
    return (pulumi.runtime as unknown as { getMonitor(): Monitor }).getMonitor();
}

/** A secret that nobody set for this stack does not keep the program from running here. */
function inventMissingSecrets(pulumi: typeof Pulumi, reply: CaptureReply): void {
    const { requireSecret } = pulumi.Config.prototype;
    pulumi.Config.prototype.requireSecret = function (this: Pulumi.Config, key: string, options?: never) {
        if (this.get(key) === undefined) {
            const fullKey = `${this.name}:${key}`;
            reply.invented[fullKey] = inventValue(fullKey);
            pulumi.runtime.setConfig(fullKey, reply.invented[fullKey]);
        }
        return requireSecret.call(this, key, options) as never;
    };
}

/** Loads the program, as its package and Pulumi.yaml say, and calls what it exports if that is a function. */
async function runProgram(request: CaptureRequest, requireFromProgram: NodeJS.Require): Promise<unknown> {
    const { manifest, root } = nearestPackage(request.folder);
    const program =
        request.entry === "." ? entryOf(request.folder, manifest, root) : join(request.folder, request.entry);
    const isModule = manifest.type === "module" || program.endsWith(".mjs");
    loadTypeScript(requireFromProgram, isModule);
    const exported: unknown = isModule ? await importProgram(program) : requireFromProgram(program);
    return exported instanceof Function ? exported() : exported;
}

interface PackageManifest {
    type?: string;
    main?: string;
    exports?: string | Record<string, string | Record<string, string>>;
}

function nearestPackage(folder: string): { manifest: PackageManifest; root: string } {
    const file = join(folder, "package.json");
    if (existsSync(file)) return { manifest: JSON.parse(readFileSync(file, "utf8")) as PackageManifest, root: folder };
    return dirname(folder) === folder ? { manifest: {}, root: folder } : nearestPackage(dirname(folder));
}

/** Without a file in Pulumi.yaml's `main`, Pulumi follows the nearest package.json, and falls back to the folder. */
function entryOf(folder: string, { exports, main }: PackageManifest, root: string): string {
    const exported = typeof exports === "object" ? exports["."] : exports;
    const target = typeof exported === "object" ? (exported.default ?? exported.require ?? exported.import) : exported;
    const entry = exports === undefined ? main : target;
    return entry && existsSync(join(root, entry)) ? join(root, entry) : `${folder}/`;
}

async function importProgram(program: string): Promise<unknown> {
    const isFolder = statSync(program).isDirectory();
    const indexes = ["index.js", "index.mjs", "index.ts", "index.mts"].map((file) => join(program, file));
    const file = isFolder ? indexes.find(existsSync) : program;
    if (!file) throw new Error(`there is no index file in ${program}`);
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default ?? module;
}

/** Teaches Node to load TypeScript with the compiler that Pulumi would use, when the first such file is loaded. */
function loadTypeScript(requireFromProgram: NodeJS.Require, isModule: boolean): void {
    const options = () => {
        const { typeScriptRequireStrings, loadTypeScriptCompilerOptions } =
            requireFromProgram("@pulumi/pulumi/tsutils");
        const { typescriptRequire, tsnodeRequire } = typeScriptRequireStrings();
        const defaults = { target: "ES2020", module: "nodenext", moduleResolution: "nodenext", sourceMap: "true" };
        return {
            tsnodeRequire,
            compiler: typescriptRequire,
            transpileOnly: true,
            skipProject: !existsSync("tsconfig.json"),
            compilerOptions: { ...defaults, ...loadTypeScriptCompilerOptions("tsconfig.json") },
        };
    };
    const runner = requireFromProgram.resolve("@pulumi/pulumi/cmd/run/run.js");
    if (isModule) {
        if (!isFound("ts-node/esm", createRequire(runner))) return;
        // Pulumi's hooks start ts-node before they hear of any options; its environment is read in time.
        process.env.TS_NODE_TRANSPILE_ONLY = "true";
        process.env.TS_NODE_COMPILER_OPTIONS = JSON.stringify(options().compilerOptions);
        register("./hooks.js", pathToFileURL(runner));
        return;
    }
    const extensions = require.extensions;
    extensions[".ts"] = (module, file) => {
        delete extensions[".ts"];
        const { tsnodeRequire, ...others } = options();
        createRequire(runner)(tsnodeRequire).register(others);
        // Pulumi takes a stack for every promise: mapping them all to their TypeScript would take half of the time.
        mapStack = Error.prepareStackTrace;
        setStackMapping(undefined);
        extensions[".ts"]!(module, file);
    };
}

function isFound(module: string, requireFrom: NodeJS.Require): boolean {
    try {
        requireFrom.resolve(module);
        return true;
    } catch {
        return false;
    }
}

function setStackMapping(mapping: typeof mapStack): void {
    (Error as { prepareStackTrace?: typeof mapStack }).prepareStackTrace = mapping;
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function isSecret(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    if ((value as Properties)[signature] === secretSignature) return true;
    return Object.values(value).some(isSecret);
}

/** Values without secrets' wrapping, assets described. */
async function toPlain(pulumi: typeof Pulumi, value: unknown, folder: string): Promise<unknown> {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return Promise.all(value.map((element) => toPlain(pulumi, element, folder)));
    if (pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value)) {
        return toAsset(pulumi, value, folder);
    }
    if ((value as Properties)[signature] === secretSignature) {
        return toPlain(pulumi, (value as { value: unknown }).value, folder);
    }
    const entries = Object.entries(value).map(async ([key, inner]) => [key, await toPlain(pulumi, inner, folder)]);
    return Object.fromEntries(await Promise.all(entries));
}

async function toAsset(pulumi: typeof Pulumi, asset: unknown, folder: string): Promise<CapturedAsset> {
    const { StringAsset, FileAsset, FileArchive, AssetArchive } = pulumi.asset;
    if (asset instanceof StringAsset) return { asset: "text", text: await asset.text };
    if (asset instanceof FileAsset || asset instanceof FileArchive) {
        const given = await asset.path;
        const path = resolve(folder, given);
        if (!existsSync(path)) throw new Error(`there is no file or folder ${given} for an asset`);
        return { asset: statSync(path).isDirectory() ? "folder" : "file", path };
    }
    if (!(asset instanceof AssetArchive)) throw new Error("remote assets are not modelled on this machine");
    const entries = Object.entries(await asset.assets).map(async ([name, entry]) => [
        name,
        await toAsset(pulumi, entry, folder),
    ]);
    return { asset: "archive", entries: Object.fromEntries(await Promise.all(entries)) };
}

/** What an error says of single arguments, if it does. */
function problemsOf(error: unknown): CaptureReply["problems"] {
    const { problems } = (error ?? {}) as { problems?: unknown };
    return Array.isArray(problems) ? problems : undefined;
}

/** An error in words for the program's author: where a slip of the pen is, no stack. */
function describe(error: unknown, folder: string): string {
    if (!(error instanceof Error)) return typeof error === "string" ? error : inspect(error);
    setStackMapping(mapStack);
    const { name, message, stack = "" } = error;
    if (name === "SyntaxError" || name === "TSError") return `${stack.slice(0, stack.indexOf(message))}${message}`;
    if (!["TypeError", "ReferenceError", "RangeError"].includes(name)) return message;
    const frame = stack.split("\n").find((line) => line.includes(folder) && !line.includes("node_modules"));
    const [, file, line] = /\(?(?:file:\/\/)?([^()\s]+):(\d+):\d+\)?$/.exec(frame ?? "") ?? [];
    return `${name}: ${message}${file ? ` (${relative(folder, file)}:${line})` : ""}`;
}
