import { expect } from "chai";
import { capture } from "../../local/capture";
import { type Checked, type Checkov, type Findings, startCheckov, version } from "./checkov/run";
import { isWaived, waivers } from "./checkov/waivers";
import { judge } from "./judge";
import { translate } from "./provider/configuration";
import { keptPlan } from "./provider/kept-plans";
import { programs } from "./provider/programs";
import { startTerraform, type Terraform } from "./provider/terraform";

const judged = judge("checkov");

describe("checkov: rules of auditors, over the plans of every program", function () {
    this.timeout(1_200_000);
    let terraform: Terraform;
    let checkov: Checkov;
    let findings: Findings;

    before(async function () {
        const provider = await startTerraform();
        if ("missing" in provider) {
            judged.skip(provider.missing);
            return this.skip();
        }
        terraform = provider;
        const auditor = await startCheckov();
        if ("missing" in auditor) {
            judged.skip(auditor.missing);
            return this.skip();
        }
        checkov = auditor;
        judged.version = `Checkov ${version}`;
        findings = await checkov.check(await plans());
    });
    after(() => terraform?.stop());

    it("fails nothing that is not waived", () => {
        const failed = findings.failed.filter((each) => !waivers.some((waiver) => isWaived(waiver, each)));

        expect(failed.map(lineOf)).to.deep.equal([]);
        expect(findings.passed).to.be.above(1_000);
        judged.passed(findings.passed);
    });

    for (const waiver of waivers) {
        it(`needs the waiver of ${waiver.check}: ${waiver.why}`, () => {
            const waived = findings.failed.filter((each) => isWaived(waiver, each));

            expect(waived, "no resource needs it any more").to.not.have.length(0);
        });
    }

    it("reads the plans: a bucket without protection fails", async () => {
        const everySource = await capture({ program: "test/programs/every-source" });
        const resources = everySource.resources.filter(({ type }) => !type.includes("PublicAccessBlock"));
        const { configuration } = translate({ resources }, terraform.schema);

        const { failed } = await checkov.check([await keptPlan("mistakes/open-bucket", configuration, terraform)]);

        expect(failed.map(({ check, resource }) => `${check} ${resource}`)).to.include("CKV2_AWS_6 aws_s3_bucket.all");
    });

    async function plans(): Promise<string[]> {
        const files: string[] = [];
        for (const program of programs) {
            const { configuration } = translate(await capture({ program }), terraform.schema);
            files.push(await keptPlan(program, configuration, terraform));
        }
        return files;
    }
});

function lineOf({ check, name, program, resource }: Checked): string {
    return `${program}: ${resource}: ${check} ${name}`;
}
