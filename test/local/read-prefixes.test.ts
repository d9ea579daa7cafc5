import { expect } from "chai";
import type { Permission } from "../../local/iam/access";
import { readPrefixes } from "../../local/read-prefixes";
import { nodeFunction, resource, testRuntime } from "./support";

const role = resource("aws:iam/role:Role", "reader");
const { program } = testRuntime([role, nodeFunction("read", "", { role: role.outputs.arn })]);
const allowing = (action: string, ...resources: string[]): Permission => ({
    ...{ place: "policy", role: "reader", action, used: false },
    ...(resources.length > 0 && { resources }),
});

describe("what a program reads", () => {
    it("lies below the prefixes that its roles may read", () => {
        const permissions = [
            allowing("s3:GetObject", "arn:aws:s3:::lake/raw/b/*", "arn:aws:s3:::lake/raw/a/*"),
            allowing("s3:get*", "arn:aws:s3:::lake/raw/a/*", "arn:aws:s3:::lake/list.csv"),
            allowing("s3:PutObject", "arn:aws:s3:::lake/reports/*"),
            { ...allowing("s3:GetObject", "arn:aws:s3:::lake/owner/*"), role: undefined },
        ];

        expect(readPrefixes(program, permissions)).to.deep.equal(["list.csv", "raw/a/", "raw/b/"]);
        expect(readPrefixes(program, [])).to.deep.equal([]);
    });

    it("may be anything where a role may read all", () => {
        for (const resources of [[], ["*"], ["arn:aws:s3:::lake/*"], ["arn:aws:s3:::*/raw/*"]]) {
            expect(readPrefixes(program, [allowing("s3:*", ...resources)]), resources[0]).to.equal(undefined);
        }
    });

    it("may be anything where a function has a role of somebody else", () => {
        const foreign = nodeFunction("foreign", "", { role: "arn:aws:iam::123456789012:role/theirs" });

        expect(readPrefixes(testRuntime([role, foreign]).program, [])).to.equal(undefined);
    });
});
