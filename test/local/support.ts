import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createdResource } from "../../local/aws-resources";
import { type Clock, VirtualClock } from "../../local/clock";
import { Journal } from "../../local/journal";
import type { CapturedResource } from "../../local/program";
import type { Endpoint, Runtime } from "../../local/runtime";
import { Server } from "../../local/server";
import { Lambda } from "../../local/services/lambda";
import { Work } from "../../local/work";
import { afterTest } from "../setup";

export { afterTest } from "../setup";

/** When every virtual clock of these tests begins. */
export const start = Date.UTC(2026, 10, 21, 4, 0, 0);

/** A resource as a program would register it. */
export function resource(type: string, name: string, inputs: Record<string, unknown> = {}): CapturedResource {
    const urn = `urn:pulumi:test::test::${type}::${name}`;
    const created = createdResource(type, urn, name, inputs, "http://127.0.0.1");
    return { type, name, urn, inputs, ...created, dependencies: [], secrets: [] };
}

export const bucket = (name: string) => resource("aws:s3/bucket:Bucket", name);

export const versioning = (name: string) =>
    resource("aws:s3/bucketVersioning:BucketVersioning", name, {
        bucket: name,
        versioningConfiguration: { status: "Enabled" },
    });

export const queue = (name: string, inputs = {}) => resource("aws:sqs/queue:Queue", name, inputs);

/** A Node function from the source of its `index.js`. */
export const nodeFunction = (name: string, source: string, inputs = {}) =>
    resource("aws:lambda/function:Function", name, {
        runtime: "nodejs24.x",
        handler: "index.handler",
        code: { asset: "archive", entries: { "index.js": { asset: "text", text: source } } },
        ...inputs,
    });

/** A Python function from the source of its `main.py`. */
export const pythonFunction = (name: string, source: string, inputs = {}) =>
    nodeFunction(name, "", {
        runtime: "python3.13",
        handler: "main.handler",
        code: { asset: "archive", entries: { "main.py": { asset: "text", text: source } } },
        ...inputs,
    });

export const arn = (of: CapturedResource) => String(of.outputs.arn);

/** A runtime over these resources with a folder of its own; its virtual clock begins at `start`. */
export function testRuntime(resources: CapturedResource[] = [], clock: Clock = new VirtualClock(start)): Runtime {
    const folder = mkdtempSync(join(tmpdir(), "eventpipeline-test-"));
    afterTest(() => rmSync(folder, { recursive: true, force: true }));
    const program = { folder, project: "test", stack: "test", resources, components: [], outputs: {}, invented: {} };
    return { program, clock, work: new Work(), journal: new Journal(), folder };
}

/** The loopback server with these services and the runtime's functions. */
export async function testServer(runtime: Runtime, endpoints: (lambda: Lambda) => Endpoint[] = () => []) {
    const server = await Server.start();
    afterTest(() => server.stop());
    const lambda = new Lambda(runtime, server.url);
    afterTest(() => lambda.stop());
    server.serve(runtime, lambda, endpoints(lambda));
    return { server, lambda };
}

/** Moves the virtual clock from deadline to deadline until nothing moves. */
export async function settle({ clock, work }: Runtime): Promise<void> {
    for (;;) {
        await work.idle();
        const next = clock.next();
        if (next === undefined) return;
        (clock as VirtualClock).advanceTo(next);
    }
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
    try {
        await promise;
    } catch (error) {
        return error as Error & Record<string, unknown>;
    }
    throw new Error("expected a rejection");
}

/** A program's folder with these files, where the repository's packages are found. */
export function programFolder(files: Record<string, string>): string {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "eventpipeline-program-")));
    afterTest(() => rmSync(folder, { recursive: true, force: true }));
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    }
    return folder;
}
