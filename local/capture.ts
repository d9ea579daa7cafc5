import { fork } from "node:child_process";
import { isKnownType } from "./aws-resources";
import { packageFile } from "./package";
import type { CapturedProgram } from "./program";
import { type ArgumentProblem, ProgramError, type Project, type ProjectOptions, readProject } from "./project";

export { ProgramError } from "./project";

/** How to run a program for its resources. */
export interface CaptureOptions extends ProjectOptions {
    /** The loopback server, which addresses such as a queue's URL point to. */
    endpointUrl?: string;
}

/** What the child process is told. */
export interface CaptureRequest extends Project {
    endpointUrl: string;
}

/** What the child process answers. */
export interface CaptureReply extends Pick<CapturedProgram, "resources" | "components" | "outputs" | "invented"> {
    /** Why the program failed. */
    error?: string;
    /** What is wrong with which argument, where the error says it. */
    problems?: ArgumentProblem[];
}

/** Runs a Pulumi program in a process of its own, creating nothing, and tells what it registers. */
export async function capture(options: CaptureOptions): Promise<CapturedProgram> {
    const project = readProject(options);
    const { error, problems, resources, components, outputs, invented } = await runProgram({
        ...project,
        endpointUrl: options.endpointUrl ?? "http://127.0.0.1",
    });
    const unknown = resources.filter(({ type }) => !isKnownType(type));
    if (unknown.length > 0) {
        const list = unknown.map(({ type, name }) => `\n  ${type} "${name}"`).sort();
        throw new ProgramError(`The program has resources that are not modelled on this machine:${list.join("")}`);
    }
    if (error !== undefined) throw new ProgramError(error, problems);
    if (resources.length === 0) throw new ProgramError(`${project.folder}: the program registers no resources`);
    const { folder, name, stack } = project;
    return { folder, project: name, stack, resources, components, outputs, invented };
}

function runProgram(request: CaptureRequest): Promise<CaptureReply> {
    return new Promise((resolve, reject) => {
        const child = fork(packageFile("dist/local/capture-program.js"), {
            cwd: request.folder,
            execArgv: [],
            env: { ...process.env, NODE_NO_WARNINGS: "1" },
            stdio: ["ignore", "pipe", "inherit", "ipc"],
        });
        // Standard output belongs to our caller's results.
        child.stdout!.pipe(process.stderr, { end: false });
        let reply: CaptureReply | undefined;
        child.on("message", (message) => {
            reply = message as CaptureReply;
        });
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (reply) resolve(reply);
            else reject(new ProgramError(`The program ended its process (${signal ?? `exit status ${code}`})`));
        });
        child.send(request);
    });
}
