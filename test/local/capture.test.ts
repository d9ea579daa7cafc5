import { join, resolve } from "node:path";
import { expect } from "chai";
import { createdResource } from "../../local/aws-resources";
import { type CaptureOptions, capture } from "../../local/capture";
import { ofType } from "../../local/program";
import { programFolder, rejection } from "./support";

const imports = `
import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import * as sqs from "@pulumi/aws/sqs";
`;
/** Without the provider's SDK, which takes a third of a second to load. */
const bare = `
import * as pulumi from "@pulumi/pulumi";
const bucket = (name: string) => new pulumi.CustomResource("aws:s3/bucket:Bucket", name);
`;
const minimal = `${bare} bucket("lake");`;

const moduleProgram = `import * as pulumi from "@pulumi/pulumi"; new pulumi.CustomResource("aws:s3/bucket:Bucket", "lake");`;

describe("capture", () => {
    it("tells every resource with its inputs, outputs, parent and dependencies", async () => {
        const { program, folder } = await run({
            "index.ts": `${imports}
                class Group extends pulumi.ComponentResource {
                    constructor(name: string) {
                        super("my:index:Group", name);
                        const dead = new sqs.Queue("dead", {}, { parent: this });
                        new sqs.Queue("jobs", { redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dead.arn }) }, { parent: this });
                    }
                }
                new Group("g");
                const lake = new s3.Bucket("My_Lake");
                export const arn = lake.arn;
                export const secret = pulumi.secret("s");`,
        });

        const [lake] = ofType(program, "aws:s3/bucket:Bucket");
        const [dead, jobs] = ofType(program, "aws:sqs/queue:Queue");
        expect(program).to.deep.include({
            folder,
            stack: "dev",
            outputs: { arn: "arn:aws:s3:::my-lake", secret: "s" },
        });
        expect(program.resources).to.have.length(3);
        expect(lake).to.deep.include({ name: "My_Lake", id: "my-lake", inputs: {}, dependencies: [] });
        expect(lake?.outputs).to.include({ bucket: "my-lake", arn: "arn:aws:s3:::my-lake" });
        expect(jobs?.inputs).to.deep.equal({
            redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead?.outputs.arn }),
        });
        expect(jobs?.parent).to.include("my:index:Group::g");
        expect(jobs?.dependencies).to.deep.equal([dead?.urn]);
        expect(dead?.id).to.equal("http://127.0.0.1:1/000000000000/dead");
    });

    it("unwraps secrets and says which inputs held some", async () => {
        const { program } = await run({
            "index.ts": `${imports}
                new sqs.Queue("q", { name: "plain", tags: { a: pulumi.secret("x"), b: "y" } });`,
        });

        expect(program.resources[0]).to.deep.include({
            secrets: ["tags"],
            inputs: { name: "plain", tags: { a: "x", b: "y" } },
        });
    });

    it("describes assets by absolute paths", async () => {
        const { program, folder } = await run({
            "index.ts": `${imports}
                import * as lambda from "@pulumi/aws/lambda";
                const { asset } = pulumi;
                const code = (code: pulumi.asset.Archive) => ({ code, role: "r", runtime: "nodejs24.x", handler: "index.handler" });
                new lambda.Function("folder", code(new asset.FileArchive("./code")));
                new lambda.Function("zip", code(new asset.FileArchive("./code/a.zip")));
                new lambda.Function("archive", code(new asset.AssetArchive({
                    "a.js": new asset.StringAsset("1"), "b.js": new asset.FileAsset("code/b.js"), c: new asset.FileArchive("code") })));`,
            "code/a.zip": "",
            "code/b.js": "",
        });

        const assets = Object.fromEntries(program.resources.map(({ name, inputs }) => [name, inputs.code]));
        expect(assets).to.deep.equal({
            folder: { asset: "folder", path: join(folder, "code") },
            zip: { asset: "file", path: join(folder, "code/a.zip") },
            archive: {
                asset: "archive",
                entries: {
                    "a.js": { asset: "text", text: "1" },
                    "b.js": { asset: "file", path: join(folder, "code/b.js") },
                    c: { asset: "folder", path: join(folder, "code") },
                },
            },
        });
    });

    it("answers the provider's functions, and does not count resources that are only read", async () => {
        const { program } = await run({
            "index.ts": `${imports}
                import * as aws from "@pulumi/aws";
                const read = s3.Bucket.get("theirs", "their-bucket");
                new s3.Bucket("lake");
                export const name = read.bucket;
                export const arn = read.arn;
                export const account = aws.getCallerIdentityOutput().accountId;
                export const region = aws.getRegionOutput().region;
                export const partition = aws.getPartitionOutput().partition;
                export const policy = aws.iam.getPolicyDocumentOutput({ statements: [{ actions: ["s3:*"] }] }).json;`,
        });

        expect(program.resources.map(({ name }) => name)).to.deep.equal(["lake"]);
        expect(program.outputs).to.deep.equal({
            name: "their-bucket",
            arn: "arn:aws:s3:::their-bucket",
            account: "000000000000",
            region: "us-east-1",
            partition: "aws",
            policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"]}]}',
        });
    });

    it("names resources validly, and by their inputs where these say", async () => {
        const long = "x".repeat(80);
        const { program } = await run({
            "index.ts": `${imports} new s3.Bucket("${long}"); new s3.Bucket("b", { bucket: "named" });`,
        });

        const names = ofType(program, "aws:s3/bucket:Bucket").map(({ outputs }) => String(outputs.bucket));
        expect(names[0]).to.match(/^x{54}-[0-9a-f]{8}$/);
        expect(names[1]).to.equal("named");
    });

    it("gives every type that AWS names the outputs that programs wire by", () => {
        const outputs = (type: string, name: string, inputs = {}) =>
            createdResource(type, "urn", name, inputs, "http://local");
        const account = "us-east-1:000000000000";

        expect(outputs("aws:sns/topic:Topic", "News")).to.deep.include({ id: `arn:aws:sns:${account}:news` });
        expect(outputs("aws:sqs/queue:Queue", "q").outputs).to.deep.equal({
            name: "q",
            url: "http://local/000000000000/q",
            arn: `arn:aws:sqs:${account}:q`,
        });
        expect(outputs("aws:lambda/function:Function", "fn").outputs).to.deep.include({
            arn: `arn:aws:lambda:${account}:function:fn`,
            qualifiedArn: `arn:aws:lambda:${account}:function:fn:$LATEST`,
        });
        expect(outputs("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "s").outputs.arn).to.equal(
            `arn:aws:firehose:${account}:deliverystream/s`,
        );
        expect(outputs("aws:glue/catalogDatabase:CatalogDatabase", "a_b")).to.deep.include({ id: "000000000000:a_b" });
        expect(outputs("aws:glue/catalogTable:CatalogTable", "t", { databaseName: "d" }).outputs.arn).to.equal(
            `arn:aws:glue:${account}:table/d/t`,
        );
        expect(outputs("aws:athena/workgroup:Workgroup", "w").outputs.arn).to.equal(
            `arn:aws:athena:${account}:workgroup/w`,
        );
        const api = outputs("aws:apigatewayv2/api:Api", "a");
        expect(api.outputs.apiEndpoint).to.equal(`https://${api.id}.execute-api.us-east-1.amazonaws.com`);
        expect(api.outputs.executionArn).to.equal(`arn:aws:execute-api:${account}:${api.id}`);
        const stage = outputs("aws:apigatewayv2/stage:Stage", "s", { apiId: "x", name: "$default" });
        expect(stage.outputs.invokeUrl).to.equal("https://x.execute-api.us-east-1.amazonaws.com/");
        expect(outputs("aws:apigatewayv2/stage:Stage", "v1", { apiId: "x" }).outputs.invokeUrl).to.match(/\/v1$/);
        for (const part of ["integration:Integration", "route:Route"]) {
            expect(outputs(`aws:apigatewayv2/${part}`, "p").id).to.match(/^[0-9a-f]{7}$/);
        }
        expect(outputs("aws:cloudwatch/eventRule:EventRule", "r").outputs.arn).to.equal(
            `arn:aws:events:${account}:rule/r`,
        );
        expect(outputs("aws:cloudwatch/logGroup:LogGroup", "/a/b").outputs.name).to.equal("-a-b");
        expect(outputs("aws:cloudwatch/logStream:LogStream", "s", { logGroupName: "g" }).outputs.arn).to.equal(
            `arn:aws:logs:${account}:log-group:g:log-stream:s`,
        );
        expect(outputs("aws:cloudwatch/metricAlarm:MetricAlarm", "a").outputs.arn).to.equal(
            `arn:aws:cloudwatch:${account}:alarm:a`,
        );
        expect(outputs("aws:iam/policy:Policy", "p").id).to.equal("arn:aws:iam::000000000000:policy/p");
        expect(outputs("aws:iam/role:Role", "r").outputs.arn).to.equal("arn:aws:iam::000000000000:role/r");
        expect(outputs("aws:kms/key:Key", "k").outputs.arn).to.match(/^arn:aws:kms:.*:key\/[0-9a-f]{32}$/);
        expect(outputs("aws:lambda/eventSourceMapping:EventSourceMapping", "m").outputs.uuid).to.match(
            /^[0-9a-f]{32}$/,
        );
        expect(outputs("aws:sns/topicSubscription:TopicSubscription", "s", { topic: "arn:t" }).outputs.arn).to.match(
            /^arn:t:/,
        );
    });

    for (const [kind, files] of [
        ["a JavaScript program", { "index.js": `const s3 = require("@pulumi/aws/s3"); new s3.Bucket("lake");` }],
        ["an ES module", { "index.js": moduleProgram, "package.json": '{"type":"module"}' }],
        [
            "a TypeScript ES module",
            { "index.ts": `${moduleProgram} const typed: number = 1;`, "package.json": '{"type":"module"}' },
        ],
        [
            "an exported async function",
            { "index.ts": `${bare} export = async () => { await 0; bucket("lake"); return { a: 1 }; };` },
        ],
        ["a program that creates resources late", { "index.ts": `${bare} setTimeout(() => bucket("lake"), 50);` }],
    ] as const) {
        it(`runs ${kind}`, async () => {
            const { program } = await run(files as Record<string, string>);

            expect(program.resources.map(({ name }) => name)).to.deep.equal(["lake"]);
        });
    }

    describe("project and settings", () => {
        const settings = `${bare}
            const config = new pulumi.Config();
            bucket("lake");
            export const values = { a: config.get("a"), key: config.requireSecret("key"), list: config.getObject("list") };
            export const region = new pulumi.Config("aws").get("region");
            export const project = pulumi.getProject();
            export const cwd = process.cwd();`;

        it("come from the stack's file, the only one there is", async () => {
            const { program } = await run({
                "index.ts": settings,
                "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig:\n  a: default\n  b: { default: 1 }\n",
                "Pulumi.prod.yaml":
                    "config:\n  shop:a: set\n  shop:list: [1, { x: { secure: v1:abc } }]\n  shop:key: { secure: v1:abc }\n",
            });

            expect(program).to.deep.include({ project: "shop", stack: "prod" });
            expect(program.outputs.values).to.deep.equal({
                a: "set",
                key: "local-key-----------",
                list: [1, { x: "local-list----------" }],
            });
            expect(program.outputs.region).to.equal("us-east-1");
            expect(program.invented).to.deep.equal({
                "shop:key": "local-key-----------",
                "shop:list": "local-list----------",
            });
        });

        it("come from the options first, and from Pulumi.yaml last; missing secrets are made up", async () => {
            const files = {
                "index.ts": settings,
                "Pulumi.yaml": "name: shop\nruntime:\n  name: nodejs\nconfig:\n  shop:a: default\n",
                "Pulumi.dev.yaml": "config: {}\n",
                "Pulumi.prod.yaml": "",
            };

            const { program } = await run(files);
            const { program: other } = await run(files, {
                stack: "prod",
                config: { a: "option", "shop:key": "given" },
            });

            expect(program.stack).to.equal("dev");
            expect(program.outputs.values).to.deep.equal({ a: "default", key: "local-key-----------" });
            expect(program.invented).to.deep.equal({ "shop:key": "local-key-----------" });
            expect(other.outputs.values).to.deep.equal({ a: "option", key: "given" });
            expect(other.invented).to.deep.equal({});
        });

        for (const main of ["src", "src/index.ts"]) {
            it(`runs main: ${main} in its folder`, async () => {
                const { program, folder } = await run({
                    "src/index.ts": settings,
                    "Pulumi.yaml": `name: shop\nruntime: nodejs\nmain: ${main}\n`,
                });

                expect(program.folder).to.equal(join(folder, "src"));
                expect(program.outputs).to.deep.include({ project: "shop", cwd: join(folder, "src") });
            });
        }

        it("are found from the program's own folder or file, too", async () => {
            const files = {
                "src/index.ts": settings,
                "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: src/index.ts\n",
            };

            for (const path of ["src", "src/index.ts"]) {
                const { program } = await run(files, {}, path);

                expect(program.project).to.equal("shop");
            }
        });

        it("of another program do not count", async () => {
            const { program } = await run(
                {
                    "other/index.ts": settings,
                    "src/index.ts": "",
                    "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: src\n",
                },
                {},
                "other",
            );

            expect(program.project).to.equal("other");
        });

        it("let package.json choose the program, as Pulumi does", async () => {
            const { program } = await run({
                "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
                "package.json": '{"main":"lib/main.ts"}',
                "lib/main.ts": minimal,
                "index.ts": "throw new Error('not this')",
            });

            expect(program.resources).to.have.length(1);
        });
    });

    describe("refuses", () => {
        for (const [what, files, message] of [
            ["a missing program", {}, "neither a Pulumi.yaml nor an index.ts"],
            [
                "another language",
                { "Pulumi.yaml": "name: a\nruntime: python\n" },
                'runtime "python" does not run here, only nodejs does',
            ],
            ["a missing main", { "Pulumi.yaml": "name: a\nmain: none\n" }, "main: there is no none"],
            ["a program without resources", { "index.js": "" }, "the program registers no resources"],
            [
                "a missing setting",
                { "index.ts": `${bare} bucket("b"); new pulumi.Config("a").require("b");` },
                "Missing required configuration variable 'a:b'",
            ],
            ["a thrown error", { "index.ts": `${bare} bucket("b"); throw new Error("two\\nlines");` }, "two\nlines"],
            [
                "a slip of the pen",
                { "index.ts": `${bare}\nconst a: any = undefined;\na.b();` },
                "TypeError: Cannot read properties of undefined (reading 'b') (index.ts:6)",
            ],
            [
                "an error in an apply",
                { "index.ts": `${bare} bucket("b").urn.apply(() => { throw new Error("in apply"); });` },
                "in apply",
            ],
            [
                "a rejection that nobody handles",
                { "index.ts": `${bare} bucket("b"); Promise.reject(new Error("lost"));` },
                "lost",
            ],
            [
                "an object thrown that is no error",
                { "index.ts": `${bare} bucket("b"); throw { code: 7 };` },
                "{ code: 7 }",
            ],
            ["a text thrown", { "index.ts": `${bare} bucket("b"); throw "text";` }, "text"],
            [
                "a function of the provider",
                {
                    "index.ts": `${imports} import * as aws from "@pulumi/aws"; export const a = aws.getIpRangesOutput({ services: [] });`,
                },
                "the function aws:index/getIpRanges:getIpRanges is not modelled",
            ],
            [
                "a missing asset",
                {
                    "index.ts": `${imports} new s3.BucketObjectv2("o", { bucket: "b", source: new pulumi.asset.FileAsset("none") });`,
                },
                "there is no file or folder none for an asset",
            ],
            [
                "a remote asset",
                {
                    "index.ts": `${imports} new s3.BucketObjectv2("o", { bucket: "b", source: new pulumi.asset.RemoteAsset("https://x") });`,
                },
                "remote assets are not modelled",
            ],
            [
                "a program that leaves",
                { "index.ts": "process.exit(3);" },
                "The program ended its process (exit status 3)",
            ],
            [
                "a program that waits for nothing",
                { "index.ts": "export = async () => { await new Promise(() => {}); };" },
                "the program ended before its resources were all registered",
            ],
            [
                "an ES module without index",
                { "Pulumi.yaml": "name: a\n", "package.json": '{"type":"module"}' },
                "there is no index file in",
            ],
        ] as const) {
            it(what, async () => {
                const { message: said } = await rejection(run(files as Record<string, string>));

                expect(said).to.include(message);
                expect(said).not.to.include("    at ");
            });
        }

        it("broken syntax, with its place", async () => {
            const { message } = await rejection(run({ "index.ts": `${bare}\nconst = 1;` }));

            expect(message).to.match(/index\.ts.*5/s);
        });

        it("all resources that are not modelled, by name", async () => {
            const { message } = await rejection(
                run({
                    "index.ts": `${imports}
                        import * as dynamodb from "@pulumi/aws/dynamodb";
                        import * as aws from "@pulumi/aws";
                        new aws.Provider("p", { region: "us-east-1" });
                        new dynamodb.GlobalTable("ledger", { replicas: [] });
                        new aws.ec2.Vpc("net", {});`,
                }),
            );

            expect(message).to.equal(
                "The program has resources that are not modelled on this machine:" +
                    '\n  aws:dynamodb/globalTable:GlobalTable "ledger"\n  aws:ec2/vpc:Vpc "net"',
            );
        });

        it("a bucket of another region that a pipeline adopts", async () => {
            const adopt = (input: string) =>
                run({
                    "index.ts": `${imports}
                        import { EventPipeline } from ${JSON.stringify(resolve("dist/index.js"))};
                        const theirs = new s3.Bucket("theirs", { ${input} });
                        new EventPipeline("p", {
                            bucket: { existing: theirs.bucket, eventBridge: true },
                            processors: {},
                            ingest: { a: { columns: [{ name: "a", type: "int" }] } },
                        });`,
                });

            expect((await rejection(adopt('region: "eu-west-1"'))).message).to.include(
                "bucket.existing: `theirs` lies in eu-west-1, but the stack in us-east-1",
            );
            expect((await adopt("")).program.resources.map(({ name }) => name)).to.include("theirs");
        });

        it("a path that is not there", async () => {
            expect((await rejection(capture({ program: "/nowhere/at/all" }))).message).to.equal(
                "There is no program at /nowhere/at/all",
            );
        });
    });
});

async function run(files: Record<string, string>, options: Partial<CaptureOptions> = {}, path = ".") {
    const folder = programFolder(files);
    const program = await capture({ program: join(folder, path), endpointUrl: "http://127.0.0.1:1", ...options });
    return { folder, program };
}
