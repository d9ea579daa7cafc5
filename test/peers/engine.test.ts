import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as s3 from "@pulumi/aws/s3";
import * as sqs from "@pulumi/aws/sqs";
import { ComponentProvider, getPulumiComponents } from "@pulumi/pulumi/provider/experimental/provider";
import { expect } from "chai";
import * as eventpipeline from "../../index";
import { changes, partOf, parts } from "./engine/changes";
import { pulumiFolder, version } from "./engine/cli";
import { type Edit, example, exampleNames, type Program, programIn, writeKey } from "./engine/programs";
import { holdsData } from "./engine/replacements";
import { type Step, type StoredResource, shown } from "./engine/stack";
import { ProgramStage } from "./engine/stage";
import { readState, statesFolder } from "./engine/states";
import { judge } from "./judge";

const judged = judge("engine");
const everything = programIn(join(__dirname, "engine", "everything"));

describe("engine: Pulumi's own, with a provider that keeps an account of its own", function () {
    this.timeout(600_000);
    let installation: string | undefined;
    const stageOf = (program: Program) => new ProgramStage(program, () => installation);

    before(async function () {
        const found = await pulumiFolder();
        if ("missing" in found) {
            judged.skip(`there is no ${found.missing}`);
            return this.skip();
        }
        judged.version = `Pulumi ${version}`;
        installation = found.folder;
    });

    for (const name of exampleNames()) {
        describe(`the example ${name}`, () => {
            const program = example(name);
            let previewed: string[];

            const on = stageOf(program);

            it("is previewed with nothing known yet", async () => {
                previewed = shown(await on.stack.preview(program.run()));

                expect(previewed.length).to.be.greaterThan(10);
                expect(on.cloud.resources).to.deep.equal([]);
            });

            it("is created as previewed", async () => {
                const done = shown(await on.stack.up(program.run()));

                expect(done).to.deep.equal(previewed);
                expect(done.filter((step) => !step.startsWith("create "))).to.deep.equal([]);
                expect(on.cloud.resources).to.have.length(done.length);
            });

            it("is not changed when it is deployed again", async () => {
                expect(shown(await on.stack.up(program.run()))).to.deep.equal([]);
            });

            it("is found as it was left", async () => {
                expect(await on.stack.refresh()).to.have.all.keys("same");
            });

            it("announces no object before everybody who is to hear of it is there", () => {
                const { resources } = on.stack.state().deployment;

                expect(announcedTooSoon(resources)).to.deep.equal([]);
            });

            it("keeps keys encrypted in its state, and what is made of them", () => {
                const state = JSON.stringify(on.stack.state());

                expect(state).not.to.include(writeKey);
                expect(state).not.to.include(createHash("sha256").update(writeKey).digest("hex"));
                const secrets = Object.values(program.config).filter(({ secret }) => secret);
                expect(state.includes('"ciphertext":')).to.equal(secrets.length > 0);
            });

            it("is deleted in an order that works, once its data may be", async () => {
                await on.stack.up(program.run(letDelete));

                await on.stack.destroy();

                expect(on.cloud.resources).to.deep.equal([]);
            });
        });
    }

    it("knows a change of every argument", async () => {
        expect(changes.map(({ path }) => path)).to.include.members(await argumentPaths());
    });

    for (const [part, only] of Object.entries(parts)) {
        describe(`an argument that changes, of the ${part}`, () => {
            const on = stageOf(everything);
            const edited = (edit?: Edit) =>
                everything.run((args) => {
                    only(args);
                    edit?.(args);
                });

            before(async () => {
                await on.stack.up(edited());
            });

            for (const { path, edit, does } of changes.filter((change) => partOf(change.path) === part)) {
                it(`changes just what follows from it: ${path}`, async () => {
                    expect(shown(await on.stack.preview(edited(edit)))).to.deep.equal(does);
                });
            }
        });
    }

    describe("a program that changes", () => {
        const on = stageOf(everything);

        before(async () => {
            await on.stack.up(everything.run());
        });

        it("moves what belongs to a query that is renamed, and back", async () => {
            const renamed: Edit = ({ queries }) => {
                queries!["processed/v0/total/"]![0]!.name = "summary";
            };

            const there = await on.stack.up(everything.run(renamed));
            const back = await on.stack.up(everything.run());

            const moved = ["Workgroup", "CatalogTable"];
            expect(createdOrDeleted(there)).to.have.members([
                ...moved.map((type) => `create ${type} ${type === "Workgroup" ? "all-run-query" : "all"}-summary`),
                ...moved.map((type) => `delete ${type} ${type === "Workgroup" ? "all-run-query" : "all"}-report`),
            ]);
            expect(createdOrDeleted(back)).to.have.length(4);
        });

        for (const source of ["http", "iot", "kinesis", "loadBalancer"] as const) {
            it(`loses what belongs to a source that is removed: ${source}`, async () => {
                const removed: Edit = (args) => {
                    delete args.ingest!.event![source];
                    if (source === "kinesis") delete args.streamApi;
                };

                const steps = await on.stack.preview(everything.run(removed));

                const ofSource = {
                    http: "-http",
                    iot: "[-_]iot",
                    kinesis: "-kinesis|-stream-api",
                    loadBalancer: "-pixel|-alarms-event-dead-letters",
                };
                const lost = createdOrDeleted(steps).filter((step) => step.startsWith("delete "));
                expect(lost.length).to.be.greaterThan(3);
                expect(lost.filter((step) => !new RegExp(`all.*(${ofSource[source]})`).test(step))).to.deep.equal([]);
                // A load balancer's events have columns of their own, which the API's models have, too.
                const others = createdOrDeleted(steps).filter((step) => !lost.includes(step));
                expect(others.filter((step) => !step.startsWith("replace Deployment "))).to.deep.equal([]);
            });
        }

        it("is put right where somebody changed the account", async () => {
            const queue = on.cloud.resources.find(({ urn }) => urn.endsWith("Queue::all-counts"))!;
            queue.inputs = { ...queue.inputs, visibilityTimeoutSeconds: 1 };
            queue.outputs = { ...queue.outputs, visibilityTimeoutSeconds: 1 };

            await on.stack.refresh();
            const steps = shown(await on.stack.up(everything.run()));

            expect(steps).to.deep.equal(["update Queue all-counts"]);
            expect(queue.inputs.visibilityTimeoutSeconds).to.equal(1800);
        });

        it("does not lose a table that it would replace", async () => {
            const replaced: Edit = ({ rollups }) => {
                rollups!["raw/v0/event/"]![0]!.timestampAttribute = "Time";
            };

            await refusal(on.stack.up(everything.run(replaced)), /OperationNotPermitted: .*Table::all-counts/);

            const tables = on.cloud.resources.filter(({ urn }) => urn.endsWith("Table::all-counts"));
            expect(tables.map(({ inputs }) => inputs.rangeKey)).to.include("timestamp");
        });

        it("is not deleted with its data", async () => {
            await refusal(on.stack.destroy(), /OperationNotPermitted/);

            expect(on.cloud.resources.map(({ type }) => type)).to.include("aws:dynamodb/table:Table");
        });
    });

    describe("a deployment that fails", () => {
        const program = example("shop");

        for (const nth of [1, 25, 50, 80]) {
            describe(`at the ${nth}. resource`, () => {
                const on = stageOf(program);

                it("is completed by the next, without twins or leftovers", async () => {
                    on.cloud.failCreation(nth);
                    await refusal(on.stack.up(program.run()), /this creation was to fail/);
                    const before = on.cloud.resources.map(({ urn }) => urn);

                    const steps = await on.stack.up(program.run());

                    const urns = on.cloud.resources.map(({ urn }) => urn);
                    expect(new Set(urns).size).to.equal(urns.length);
                    expect(before.length + steps.length).to.equal(urns.length);
                    expect(shown(await on.stack.preview(program.run()))).to.deep.equal([]);
                });
            });
        }
    });

    describe("two stacks of one program in one account", () => {
        const program = example("shop");

        const on = stageOf(program);

        it("stand side by side, and one goes without the other", async () => {
            const other = await on.open(program, "prod");
            await on.stack.up(program.run(letDelete));
            const own = on.cloud.resources.length;
            await other.up(program.run(letDelete));
            const both = on.cloud.resources.length;

            await on.stack.destroy();

            expect(both).to.equal(2 * own);
            expect(on.cloud.resources).to.have.length(own);
            expect(on.cloud.resources.every(({ urn }) => urn.startsWith("urn:pulumi:prod::"))).to.equal(true);
            expect(shown(await other.preview(program.run(letDelete)))).to.deep.equal([]);
        });
    });

    describe("a stack of a release", () => {
        for (const release of readdirSync(statesFolder)) {
            const program = programIn(join(statesFolder, release));

            describe(release, () => {
                const on = stageOf(program);

                it("keeps what holds data when it is deployed by today's package", async () => {
                    const state = readState(release);
                    on.cloud.load(state.deployment.resources);
                    await on.stack.restore(state);

                    const steps = await on.stack.up(program.run());

                    expect(endangered(steps)).to.deep.equal([]);
                    expect(shown(await on.stack.preview(program.run()))).to.deep.equal([]);
                });
            });
        }
    });

    describe("what this judge notices", () => {
        const on = stageOf(everything);

        it("an input that is not known, and one that is missing", async () => {
            const wrong = async () => {
                const versioningConfiguration = {
                    mfa: "on",
                } as unknown as s3.BucketVersioningArgs["versioningConfiguration"];
                new s3.BucketVersioning("versioning", { bucket: "bucket", versioningConfiguration });
            };

            await refusal(on.stack.preview(wrong), /versioningConfiguration.mfa is not known/);
            await refusal(on.stack.preview(wrong), /versioningConfiguration.status is required/);
        });

        it("a reference to nothing", async () => {
            const dangling = async () => {
                const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:nowhere";
                new sqs.Queue("queue", { redrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) });
            };

            await refusal(on.stack.up(dangling), /there is no arn:aws:sqs:us-east-1:000000000000:nowhere/);
        });

        it("two of what there can be one of", async () => {
            const twins = async () => {
                new sqs.Queue("one", { name: "queue" });
                new sqs.Queue("other", { name: "queue" });
            };

            await refusal(on.stack.up(twins), /AlreadyExists/);
        });

        it("a table that is replaced", async () => {
            await on.stack.up(everything.run());

            const steps = await on.stack.preview(
                everything.run(({ rollups }) => {
                    rollups!["raw/v0/event/"]![0]!.nameAttribute = "Name";
                }),
            );

            expect(endangered(steps)).to.deep.equal(["replace Table all-counts: hashKey"]);
        });
    });
});

/** Lets a stack be deleted with its data; otherwise it is as it was. */
function letDelete(args: eventpipeline.EventPipelineArgs): void {
    for (const { loadBalancer } of Object.values(args.ingest ?? {})) {
        if (loadBalancer) loadBalancer.deletionProtection = false;
    }
    args.bucket = { ...args.bucket, forceDestroy: true };
}

function createdOrDeleted(steps: Step[]): string[] {
    return shown(steps.filter(({ operation }) => operation !== "update"));
}

/** What would be lost with what it holds. */
function endangered(steps: Step[]): string[] {
    return shown(steps.filter(({ operation, type }) => ["replace", "delete"].includes(operation) && holdsData(type)));
}

async function refusal(deployment: Promise<unknown>, message: RegExp): Promise<void> {
    const error = await deployment.then(
        () => undefined,
        (reason) => String(reason),
    );
    expect(error).to.match(message);
}

/** Subscriptions that new objects are announced without; those to logs come before the load balancer that writes them. */
function announcedTooSoon(resources: StoredResource[]): string[] {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const announcers = resources.filter(({ type, inputs }) => type === notification || inputs?.inputTransformer);
    expect(announcers).to.have.length(1);
    const [announcer] = announcers;
    const topicArn = (announcer!.inputs!.topics as { topicArn: string }[] | undefined)?.[0]?.topicArn;
    const subscriptions = resources.filter(
        ({ type, inputs }) => type === subscription && inputs?.topic === (topicArn ?? announcer!.inputs!.arn),
    );
    expect(subscriptions.length).to.be.greaterThan(0);
    const consumers = resources.filter(({ inputs }) =>
        subscriptions.some(({ inputs: own }) => inputs?.eventSourceArn === own!.endpoint),
    );
    const before = neededBy(announcer!.urn);
    const loadBalancers = resources.filter(({ type }) => type === loadBalancer).map(({ urn }) => neededBy(urn));
    return [...subscriptions, ...consumers]
        .map(({ urn }) => urn)
        .filter((urn) => !before.has(urn) && !loadBalancers.some((needed) => needed.has(urn)));

    function neededBy(urn: string, found = new Set<string>()): Set<string> {
        for (const dependency of byUrn.get(urn)?.dependencies ?? []) {
            if (found.has(dependency)) continue;
            found.add(dependency);
            neededBy(dependency, found);
        }
        return found;
    }
}

const notification = "aws:s3/bucketNotification:BucketNotification";
const subscription = "aws:sns/topicSubscription:TopicSubscription";
const loadBalancer = "aws:lb/loadBalancer:LoadBalancer";

interface Property {
    $ref?: string;
    items?: Property;
    additionalProperties?: Property;
}

interface Schema {
    resources: Record<string, { inputProperties: Record<string, Property> }>;
    types: Record<string, { properties?: Record<string, Property> }>;
}

/** Every argument of the pipeline, as other languages see it; a column counts as one. */
async function argumentPaths(): Promise<string[]> {
    const provider = new ComponentProvider({
        components: getPulumiComponents(eventpipeline),
        dirname: join(__dirname, "../.."),
        name: "eventpipeline",
    });
    const { resources, types } = JSON.parse((await provider.getSchema()) as string) as Schema;
    return Object.entries(resources["eventpipeline:index:EventPipeline"]!.inputProperties).flatMap(pathsOf);

    function pathsOf([name, property]: [string, Property]): string[] {
        const { $ref = "" } =
            property.items ?? property.additionalProperties?.items ?? property.additionalProperties ?? property;
        const type = $ref.slice("#/types/".length);
        const inner = type.endsWith(":ColumnArgs") ? undefined : types[type]?.properties;
        return inner
            ? Object.entries(inner)
                  .flatMap(pathsOf)
                  .map((path) => `${name}.${path}`)
            : [name];
    }
}
