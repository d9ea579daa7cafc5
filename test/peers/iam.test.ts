import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { captured, programs } from "../iam/programs";
import { type CapturedCase, callsOfResources, callsOfRoles } from "./iam/captured";
import { ours, theirs } from "./iam/judges";
import { type Case, cases } from "./iam/requests";
import { judge } from "./judge";

const judged = judge("iam");
const random = 3_000;

describe("iam: @cloud-copilot/iam-simulate", function () {
    this.timeout(600_000);
    before(() => {
        const manifest = join(dirname(require.resolve("@cloud-copilot/iam-simulate")), "..", "..", "package.json");
        judged.version = `iam-simulate ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
    });

    it("judges random policies and calls as ours does", async () => {
        await fc.assert(
            fc.asyncProperty(cases, async (each) => {
                expect(ours(each)).to.equal(await theirs(each));
            }),
            { numRuns: random },
        );
        judged.passed(random);
    });

    for (const program of programs) {
        it(`judges the policies of ${program} as ours does, and knows each action on each resource`, async () => {
            const resources = await captured(program);
            const all = distinct([...callsOfRoles(resources), ...callsOfResources(resources)]);

            const different: string[] = [];
            let judgedCalls = 0;
            for (const { meant, ...each } of all) {
                const [own, other] = [ours(each), await theirs(each)];
                if ((!meant && other.startsWith("refused")) || isKnownToDiffer(each, own, other)) continue;
                judgedCalls++;
                if (own !== other) different.push(`${own}, but ${other}: ${each.action} on ${each.resource}`);
            }

            expect(different).to.deep.equal([]);
            judged.passed(judgedCalls);
        });
    }

    it("knows no encryption context", async () => {
        const key = "kms:EncryptionContext:aws:sns:topicArn";
        const topic = "arn:aws:sns:us-east-1:000000000000:news";
        const each: Case = {
            principal: { service: "s3.amazonaws.com" },
            action: "kms:Decrypt",
            resource: "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555",
            context: { [key]: topic },
            identity: [],
            policy: {
                Version: "2012-10-17",
                Statement: {
                    Effect: "Allow",
                    Principal: { Service: "s3.amazonaws.com" },
                    Action: "kms:Decrypt",
                    Resource: "*",
                    Condition: { StringEquals: { [key]: topic } },
                },
            },
        };

        expect(ours(each)).to.equal("Allowed");
        expect(await theirs(each)).to.equal("ImplicitlyDenied");
        judged.differs(
            `conditions on ${key}`,
            "iam-simulate drops the key from the request, since its name has colons",
        );
    });
});

/** See the last test. */
function isKnownToDiffer({ context }: Case, own: string, other: string): boolean {
    const hasEncryptionContext = Object.keys(context).some((key) => key.startsWith("kms:EncryptionContext:"));
    return hasEncryptionContext && own === "Allowed" && other === "ImplicitlyDenied";
}

/** Programs have much in common. */
function distinct(all: CapturedCase[]): CapturedCase[] {
    return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
