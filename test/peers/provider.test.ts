import { expect } from "chai";
import { capture } from "../../local/capture";
import type { CapturedProgram, CapturedResource } from "../../local/program";
import { PlanError, planPipeline } from "../../plan";
import { violationsOf } from "../../policy/control";
import { controls } from "../../policy/index";
import { judge } from "./judge";
import { labelOf, type Translation, translate } from "./provider/configuration";
import { type Difference, differences } from "./provider/differences";
import { keepPlan } from "./provider/kept-plans";
import { type Catcher, type Mistake, mistakes } from "./provider/mistakes";
import { programs } from "./provider/programs";
import { terraformType } from "./provider/schema";
import { type Diagnostic, startTerraform, type Terraform } from "./provider/terraform";

const judged = judge("provider");

describe("provider: AWS's provider, which @pulumi/aws bridges, through Terraform", function () {
    this.timeout(600_000);
    let terraform: Terraform;
    const met = new Set<Difference>();

    before(async function () {
        const started = await startTerraform();
        if ("missing" in started) {
            judged.skip(started.missing);
            return this.skip();
        }
        terraform = started;
        judged.version = started.version;
    });
    after(() => terraform?.stop());

    describe("takes every resource, without a warning, of", () => {
        for (const program of programs) {
            it(program, async () => {
                const captured = await capture({ program });
                const { configuration, ...translation } = translate(captured, terraform.schema);
                for (const difference of translation.met) met.add(difference);

                const validated = await terraform.validate(configuration);
                const { diagnostics, creates } = await terraform.plan(configuration);

                expect(translation.unplaced, "arguments without a place in the provider's schema").to.deep.equal([]);
                expect(validated).to.deep.equal([]);
                expect(diagnostics).to.deep.equal([]);
                expect(creates).to.have.members(addressesOf(captured));
                keepPlan(program, configuration, await terraform.show());
                judged.passed(creates.length);
            });
        }
    });

    describe("is older than the one that @pulumi/aws bridges", () => {
        let asIs: Translation;
        let refused: Diagnostic[];

        before(async () => {
            asIs = translate(await capture({ program: "test/programs/every-source" }), terraform.schema, {
                asIs: true,
            });
            refused = await terraform.validate(asIs.configuration);
        });

        for (const difference of differences) {
            const { what, value, why } = difference;
            const spelled = value ? `${what} = ${value}` : what;
            it(spelled, () => {
                const unknown = value ? refusals(refused, value) : asIs.unplaced;

                expect(met.has(difference), "no program meets it any more").to.equal(true);
                expect(unknown, "the provider knows it now").to.include(value ? what.split(".")[0] : what);
                judged.differs(spelled, why);
            });
        }
    });

    describe("is told mistakes", () => {
        let everySource: CapturedProgram;
        let refused: Diagnostic[];

        before(async () => {
            everySource = await capture({ program: "test/programs/every-source" });
            refused = await refusedMistakes();
        });

        mistakes.forEach((mistake, index) => {
            it(`${mistake.what}: noticed by ${mistake.caughtBy.join(" and ")}`, () => {
                const catchers: Record<Catcher, boolean> = {
                    plan: mistake.args !== undefined && isRefusedByPlan(mistake.args),
                    provider: isRefused(index),
                    policy: mistake.in !== undefined && violatesPolicy(mistake),
                };

                const caughtBy = Object.entries(catchers).filter(([, caught]) => caught);

                expect(caughtBy.map(([catcher]) => catcher)).to.deep.equal(mistake.caughtBy);
            });
        });

        it("of which there are at least twenty", () => {
            expect(mistakes.length).to.be.at.least(20);
        });

        /** All at once: each in a resource of its own. What validation lets pass may be noticed by the plan. */
        async function refusedMistakes(): Promise<Diagnostic[]> {
            const wrong = mistakes.flatMap((mistake, index) => {
                if (!mistake.in) return [];
                const { resource, inputs } = changed(mistake);
                return [{ ...resource, inputs, name: nameOf(index), dependencies: [] }];
            });
            const { configuration } = translate({ resources: wrong }, terraform.schema);
            const validated = await terraform.validate(configuration);
            const passed = wrong.filter(({ name }) => !validated.some((each) => concerns(each, name)));
            const second = translate({ resources: passed }, terraform.schema);
            const { diagnostics } = await terraform.plan(second.configuration);
            return [...validated, ...diagnostics].filter(({ severity }) => severity === "error");
        }

        function isRefused(index: number): boolean {
            return refused.some((each) => concerns(each, nameOf(index)));
        }

        function violatesPolicy(mistake: Mistake): boolean {
            const { resource, inputs } = changed(mistake);
            const seen = everySource.resources.map((each) => ({
                ...each,
                props: { ...each.outputs, ...(each.urn === resource.urn && inputs), id: each.id },
            }));
            return controls.some((control) => violationsOf(control, seen).length > 0);
        }

        function changed({
            in: where,
            change,
        }: Mistake): Pick<CapturedResource, "inputs"> & { resource: CapturedResource } {
            const [type, name] = where!;
            const resource = everySource.resources.find(
                (each) => each.type.endsWith(`:${type}`) && (name === undefined || each.name === name),
            );
            if (!resource) throw new Error(`there is no ${type} ${name ?? ""}`);
            const inputs = structuredClone(resource.inputs);
            change!(inputs);
            return { resource, inputs };
        }
    });

    function addressesOf({ resources }: CapturedProgram): string[] {
        return resources.map((each) => `${terraformType(terraform.schema, each.type)}.${labelOf(each)}`);
    }
});

function isRefusedByPlan(args: NonNullable<Mistake["args"]>): boolean {
    try {
        planPipeline(args, "web");
        return false;
    } catch (error) {
        if (error instanceof PlanError) return true;
        throw error;
    }
}

/** Types whose resources are refused for a value. */
function refusals(diagnostics: Diagnostic[], value: string): string[] {
    const about = diagnostics.filter(({ summary }) => summary.endsWith(`got ${value}`));
    return about.flatMap(({ address }) => address?.split(".")[0] ?? []);
}

function nameOf(index: number): string {
    return `mistake-${index}`;
}

function concerns({ address }: Diagnostic, name: string): boolean {
    return address?.split(".")[1] === name;
}
