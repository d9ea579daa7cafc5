import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { credentials } from "@grpc/grpc-js";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { expect } from "chai";
import type { ControlledResource } from "../../policy/control";
import { controls, policies } from "../../policy/index";
import { controlledResources, mutated } from "./stack";

const requireFrom = createRequire(__filename);
const { AnalyzerClient } = requireFrom("@pulumi/pulumi/proto/analyzer_grpc_pb");
const messages = requireFrom("@pulumi/pulumi/proto/analyzer_pb");
const { Empty } = requireFrom("google-protobuf/google/protobuf/empty_pb");
const { Struct } = requireFrom("google-protobuf/google/protobuf/struct_pb");

/** A violation as Pulumi's engine hears of it. */
interface Diagnostic {
    policyname: string;
    message: string;
    urn: string;
    enforcementlevel: number;
}

const { MANDATORY: mandatory, ADVISORY: advisory } = messages.EnforcementLevel;

describe("the policy pack", function () {
    this.timeout(60_000);
    let host: ChildProcessByStdio<null, Readable, null>;
    // biome-ignore lint/suspicious/noExplicitAny: the engine's protocol is generated without types
    let client: any;
    let resources: ControlledResource[];

    before(async () => {
        resources = await controlledResources("test/programs/every-source");
        host = startPack();
        client = new AnalyzerClient(`127.0.0.1:${await firstLine(host.stdout)}`, credentials.createInsecure());
    });
    after(() => {
        client?.close();
        host?.kill();
    });

    it("is started as Pulumi starts it, and names every control", async () => {
        const info = (await call("getAnalyzerInfo", new Empty())).toObject();

        expect(info.name).to.equal("eventpipeline");
        expect(info.policiesList.map(({ name }: { name: string }) => name)).to.deep.equal(
            controls.map(({ name }) => name),
        );
    });

    it("has the package's version", () => {
        const versionOf = (file: string) => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;

        expect(versionOf("policy/package.json")).to.equal(versionOf("package.json"));
    });

    it("finds nothing in a pipeline with every source", async () => {
        const found = [...(await analyzeStack(resources)), ...(await analyzeEach(resources))];

        expect(found).to.deep.equal([]);
    });

    it("refuses a resource before it is made", async () => {
        const wrong = mutated(resources, (of) => {
            delete of("Topic").kmsMasterKeyId;
        });

        const found = await analyzeEach(wrong);

        expect(found).to.have.length(1);
        expect(found[0]).to.include({ policyname: "topic-encrypted", enforcementlevel: mandatory });
        expect(found[0]!.urn).to.match(/aws:sns\/topic:Topic::/);
    });

    it("says at a preview what it can't know yet, and lets it pass", async () => {
        const unknown = mutated(resources, (of) => {
            of("Topic").kmsMasterKeyId = unknownValue;
        });

        const found = await analyzeEach(unknown);

        expect(found).to.have.length(1);
        expect(found[0]).to.include({ policyname: "topic-encrypted", enforcementlevel: advisory });
        expect(found[0]!.message).to.match(/preview/);
    });

    it("refuses resources that do not go together", async () => {
        const wrong = mutated(resources, (of) => {
            of("Queue", "all-run-query").visibilityTimeoutSeconds = 60;
        });

        const found = await analyzeStack(wrong);

        expect(found).to.have.length(1);
        expect(found[0]).to.include({ policyname: "queue-hides-long-enough", enforcementlevel: mandatory });
        expect(found[0]!.urn).to.match(/aws:sqs\/queue:Queue::all-run-query$/);
        expect(found[0]!.message).to.include("hides a message for 60 s");
    });

    it("is published with the package", () => {
        const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" });

        const files = (JSON.parse(packed) as { files: { path: string }[] }[])[0]!.files.map(({ path }) => path);

        const needed = [
            "policy/PulumiPolicy.yaml",
            "policy/package.json",
            "dist/policy/pack.js",
            "dist/policy/index.d.ts",
        ];
        expect(files).to.include.members(needed);
    });

    it("goes into a pack of one's own", () => {
        expect(policies.map(({ name }) => name)).to.deep.equal(controls.map(({ name }) => name));
        expect(policies.every((policy) => "validateStack" in policy || "validateResource" in policy)).to.equal(true);
    });

    async function analyzeStack(each: ControlledResource[]): Promise<Diagnostic[]> {
        const request = new messages.AnalyzeStackRequest();
        request.setResourcesList(each.map((resource) => described(new messages.AnalyzerResource(), resource)));
        return (await call("analyzeStack", request)).toObject().diagnosticsList;
    }

    async function analyzeEach(each: ControlledResource[]): Promise<Diagnostic[]> {
        const answers = await Promise.all(
            each.map((resource) => call("analyze", described(new messages.AnalyzeRequest(), resource))),
        );
        return answers.flatMap((answer) => answer.toObject().diagnosticsList);
    }

    // biome-ignore lint/suspicious/noExplicitAny: as above
    function call(method: string, request: unknown): Promise<any> {
        return new Promise((resolve, reject) => {
            client[method](request, (error: unknown, response: unknown) => (error ? reject(error) : resolve(response)));
        });
    }
});

/** As `pulumi up --policy-pack` does: in the pack's folder, which it finds Pulumi's own runner from. */
function startPack() {
    const folder = join(__dirname, "..", "..", "policy");
    const runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
    return spawn(process.execPath, [runner, "127.0.0.1:1", "."], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(stream: Readable): Promise<string> {
    for await (const line of createInterface(stream)) return line;
    throw new Error("the pack ended without a word");
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function described(request: any, { type, urn, name, props }: ControlledResource) {
    request.setType(type);
    request.setUrn(urn);
    request.setName(name);
    request.setProperties(Struct.fromJavaScript(JSON.parse(JSON.stringify(props))));
    request.setOptions(new messages.AnalyzerResourceOptions());
    return request;
}
