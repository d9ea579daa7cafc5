import { createHash } from "node:crypto";
import { expect } from "chai";
import { expiryAttribute, ledgerDays } from "../../handlers/shared/ledger-contract";
import { capture } from "../../local/capture";
import { type CapturedProgram, ofType } from "../../local/program";

const day = 24 * 60 * 60;

/** What no control of single stacks can say, because it is about secrets and about time. */
describe("a pipeline", () => {
    for (const { example, keeper } of [
        { example: "examples/collector", keeper: "aws:lambda/function:Function" },
        { example: "examples/stream-api", keeper: "aws:apigateway/apiKey:ApiKey" },
    ]) {
        it(`keeps the keys of ${example} secret, and their hashes`, async () => {
            const program = await capture({ program: example });

            const keys = Object.values(program.invented);
            const traces = [...keys, ...keys.map((key) => createHash("sha256").update(key).digest("hex"))];
            const inSecret = mentions(program, traces).filter(({ secret }) => secret);
            const inPlain = mentions(program, traces).filter(({ secret }) => !secret);

            expect(keys).to.have.length(1);
            expect(inPlain).to.deep.equal([]);
            expect(inSecret.map(({ type }) => type)).to.deep.equal([keeper]);
            expect(JSON.stringify([program.components, program.outputs])).not.to.match(new RegExp(traces.join("|")));
        });
    }

    it("remembers in its ledger longer than a message can wait", async () => {
        const program = await capture({ program: "test/programs/every-source" });

        const [ledger] = ofType(program, "aws:dynamodb/table:Table");
        const waits = ofType(program, "aws:sqs/queue:Queue").map(({ inputs }) =>
            Number(inputs.messageRetentionSeconds),
        );
        const inQueue = Math.max(...waits.filter((wait) => wait < 14 * day));

        expect(ledger?.inputs.ttl).to.deep.equal({ enabled: true, attributeName: expiryAttribute });
        expect(ledgerDays * day).to.be.above(2 * (Math.max(...waits) + inQueue));
    });

    it("lets no page call it unless the program names it", async () => {
        const { resources } = await capture({ program: "test/programs/every-source" });

        const apis = resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");

        expect(apis.map(({ inputs }) => inputs.corsConfiguration)).to.deep.equal([undefined]);
    });
});

/** Inputs that hold one of the texts. */
function mentions({ resources }: CapturedProgram, texts: string[]) {
    return resources.flatMap(({ type, inputs, secrets }) =>
        Object.entries(inputs)
            .filter(([, value]) => texts.some((text) => JSON.stringify(value)?.includes(text)))
            .map(([input]) => ({ type, input, secret: secrets.includes(input) })),
    );
}
