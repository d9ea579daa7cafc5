import { readFileSync } from "node:fs";
import { expect } from "chai";
import { denies, namesSource, plainHttp, statementsOf } from "../../policy/documents";
import { controls } from "../../policy/index";

describe("docs/policy.md", () => {
    it("lists every policy", () => {
        const rows = controls.map(({ name, description }) => `| \`${name}\` | ${description} |`);
        const table = ["| policy | what must be so |", "| --- | --- |", ...rows].join("\n");

        const [, listed] = /<!-- policies -->\n\n([\s\S]*)\n\n<!-- \/policies -->/.exec(read("docs/policy.md")) ?? [];

        expect(listed).to.equal(table);
    });
});

describe("a policy document", () => {
    it("is read as text or as an object, with single values or lists", () => {
        const one = { Effect: "Deny", Principal: "*", Action: "sqs:*", Resource: "q", Condition: secure("false") };
        const many = {
            ...one,
            Principal: { AWS: ["*"] },
            Action: ["sqs:*"],
            Resource: ["q"],
            Condition: secure(["false"]),
        };

        const documents = [{ Statement: one }, { Statement: [many] }, JSON.stringify({ Statement: [one] })];

        const [first, ...others] = documents.map(statementsOf);
        for (const other of others) expect(other).to.deep.equal(first);
        expect(documents.every((document) => denies(document, "sqs:SendMessage", plainHttp))).to.equal(true);
    });

    it("that is no JSON, or is not there, says nothing", () => {
        expect(statementsOf("{")).to.deep.equal([]);
        expect(statementsOf(undefined)).to.deep.equal([]);
        expect(statementsOf({})).to.deep.equal([]);
    });

    it("spells condition keys as it likes", () => {
        const [statement] = statementsOf({ Statement: { Condition: { StringEquals: { "AWS:SourceAccount": "1" } } } });

        expect(namesSource(statement!)).to.equal(true);
    });
});

function secure(value: unknown) {
    return { Bool: { "aws:SecureTransport": value } };
}

function read(file: string): string {
    return readFileSync(file, "utf8");
}
