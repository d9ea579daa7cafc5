import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Operations } from "../plan";
import { suggestion } from "../plan/suggestion";
import { readDevFile } from "./dev-file";

/** A pipeline, deployed or running on this machine. */
export interface Target {
    operations: Operations;
    /** Of the local runtime; absent for AWS itself. */
    endpointUrl?: string;
}

/** How a pipeline is named on the command line. */
export interface TargetOptions {
    /** A stack, or a program that `eventpipeline dev` runs. */
    target?: string;
    /** File with the stack's outputs; `-` is standard input. */
    outputs?: string;
    /** Which of several pipelines. */
    pipeline?: string;
}

/** Finds a pipeline by its stack, its program or its outputs. */
export async function findTarget({ target, outputs, pipeline }: TargetOptions): Promise<Target> {
    if ((target === undefined) === (outputs === undefined)) {
        throw new Error(
            "say which pipeline: a stack's name, a program that `eventpipeline dev` runs, or --outputs FILE",
        );
    }
    if (target === undefined) {
        return { operations: operationsIn(readOutputs(outputs!), `--outputs ${outputs}`, pipeline) };
    }
    if (!existsSync(target)) {
        return { operations: operationsIn(await stackOutputs(target), `the stack ${target}`, pipeline) };
    }
    const dev = readDevFile(target);
    if (!dev) {
        throw new Error(
            `${target}: no \`eventpipeline dev\` runs this program; start it, or name a stack that is deployed`,
        );
    }
    return { operations: operationsIn(dev.outputs, target, pipeline), endpointUrl: dev.endpointUrl };
}

/** How the AWS SDK's clients reach it: with the user's credentials, or the local runtime with any. */
export function clientConfig({ operations: { region }, endpointUrl }: Target) {
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    return { region, ...(endpointUrl !== undefined && { endpoint: endpointUrl, credentials }) };
}

/** The pipeline among the outputs of a stack. */
export function operationsIn(outputs: Record<string, unknown>, where: string, pipeline?: string): Operations {
    const all = Object.values(Object(outputs)).filter(isOperations);
    if (all.length === 0) {
        throw new Error(
            `${where} has no output with a pipeline's operations: put \`export const operations = pipeline.operations;\` ` +
                "into the program, and deploy it or start `eventpipeline dev` again",
        );
    }
    const names = all.map((each) => each.pipeline);
    if (pipeline === undefined && all.length > 1) {
        throw new Error(`${where} has several pipelines: say --pipeline ${names.join(" or --pipeline ")}`);
    }
    const found = pipeline === undefined ? all[0] : all.find((each) => each.pipeline === pipeline);
    if (!found) throw new Error(`--pipeline: unknown: \`${pipeline}\`: ${suggestion(pipeline!, names)}`);
    return found;
}

function isOperations(output: unknown): output is Operations {
    const { pipeline, bucketName, ingests, queues, subscribers } = Object(output);
    const isText = [pipeline, bucketName].every((each) => typeof each === "string");
    return isText && [ingests, queues, subscribers].every((each) => typeof each === "object" && each !== null);
}

function readOutputs(file: string): Record<string, unknown> {
    let text: string;
    try {
        text = readFileSync(file === "-" ? 0 : file, "utf8");
    } catch (error) {
        throw new Error(`--outputs ${file}: can't be read (${(error as NodeJS.ErrnoException).code})`);
    }
    return parse(text, `--outputs ${file}`);
}

/** As Pulumi's own command line tells them: it knows the backend, the login and the passphrase. */
async function stackOutputs(stack: string): Promise<Record<string, unknown>> {
    try {
        const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
        const { stdout } = await promisify(execFile)("pulumi", args);
        return parse(stdout, "pulumi stack output");
    } catch (error) {
        const { code, stderr = "", message } = error as Error & { code?: unknown; stderr?: string };
        if (code === "ENOENT") {
            throw new Error(
                `${stack} is no file or folder, and to ask for the outputs of a stack, Pulumi's command line has to be ` +
                    "installed: install it, or say --outputs FILE with what `pulumi stack output --json` prints",
            );
        }
        throw new Error(`the outputs of the stack ${stack}: ${stderr.trim() || message}`);
    }
}

function parse(text: string, where: string): Record<string, unknown> {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Error(`${where}: not JSON: ${(error as Error).message}`);
    }
}
