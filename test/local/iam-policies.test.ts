import { expect } from "chai";
import { callFunction } from "../../local/aws-resources";
import type { Context } from "../../local/iam/condition";
import { evaluate } from "../../local/iam/evaluate";
import { type AccessRequest, readPolicy } from "../../local/iam/policy";

const worker = "arn:aws:iam::000000000000:role/worker";
const object = "arn:aws:s3:::lake/raw/a.json";

/** One statement; what it leaves out is as the call wants it. */
const statement = (parts: object) =>
    readPolicy("policy", { Version: "2012-10-17", Statement: { Effect: "Allow", ...parts } });
const reading = { Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/*" };
const call = (parts: Partial<AccessRequest> = {}): AccessRequest => ({
    principal: { role: worker },
    action: "s3:GetObject",
    resource: object,
    context: {},
    ...parts,
});
const judge = (parts: object, request: Partial<AccessRequest> = {}) =>
    evaluate(call(request), { identity: statement(parts) }).decision;

describe("IAM policies", () => {
    it("allow what a statement says, and deny all else", () => {
        expect(judge(reading)).to.equal("allowed");
        expect(judge(reading, { action: "s3:PutObject" })).to.equal("denied implicitly");
        expect(judge(reading, { resource: "arn:aws:s3:::other/raw/a.json" })).to.equal("denied implicitly");
    });

    it("deny what one statement denies, whoever allows it", () => {
        const denial = statement({ Effect: "Deny", Principal: "*", ...reading });

        const { decision, by } = evaluate(call(), { identity: statement(reading), resource: denial });

        expect(decision).to.equal("denied explicitly");
        expect(by).to.deep.equal(denial);
    });

    for (const [what, parts, request, expected] of [
        ["actions in any case", { ...reading, Action: "S3:getobject" }, {}, true],
        ["actions with wildcards", { ...reading, Action: ["s3:Put*", "s3:?etObject"] }, {}, true],
        ["all actions but", { ...reading, Action: undefined, NotAction: "s3:PutObject" }, {}, true],
        ["all actions but this", { ...reading, Action: undefined, NotAction: "s3:Get*" }, {}, false],
        ["all resources but this", { Action: "*", NotResource: "arn:aws:s3:::lake/raw/*" }, {}, false],
        ["a wildcard over slashes", { ...reading, Resource: "arn:aws:s3:::l?ke/*.json" }, {}, true],
        ["no wildcard over colons", { ...reading, Resource: "arn:*/raw/a.json" }, {}, false],
        ["colons in the last part", { ...reading, Resource: "arn:aws:s3:::lake/*" }, { resource: `${object}:b` }, true],
        ["resources in their own case", { ...reading, Resource: "arn:aws:s3:::LAKE/*" }, {}, false],
    ] as [string, object, Partial<AccessRequest>, boolean][]) {
        it(`know ${what}`, () => {
            expect(judge(parts, request)).to.equal(expected ? "allowed" : "denied implicitly");
        });
    }

    for (const [operator, wanted, given, expected] of [
        ["StringEquals", "raw/", "raw/", true],
        ["StringEquals", ["a", "raw/"], "raw/", true],
        ["StringEquals", "raw/*", "raw/a", false],
        ["StringEquals", "raw/", undefined, false],
        ["StringEqualsIfExists", "raw/", undefined, true],
        ["StringNotEquals", ["raw/", "b"], "raw/", false],
        ["StringNotEquals", "raw/", undefined, true],
        ["StringEqualsIgnoreCase", "RAW/", "raw/", true],
        ["StringLike", "r?w/*", "raw/a/b", true],
        ["StringNotLike", "raw/*", "raw/a", false],
        ["ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::lake", true],
        ["ArnEquals", "arn:aws:*", "arn:aws:s3:::lake", false],
        ["ArnNotEquals", "arn:aws:s3:::lake", "arn:aws:s3:::lake", false],
        ["Bool", "true", "TRUE", true],
        ["Bool", "true", "false", false],
        ["NumericLessThan", "1.2", "1.1", true],
        ["NumericLessThan", "1.2", "1.3", false],
        ["NumericGreaterThanEquals", "10", "10", true],
        ["NumericEquals", "10", "ten", false],
        ["Null", "true", undefined, true],
        ["Null", "false", undefined, false],
        ["ForAnyValue:StringEquals", "a", ["b", "a"], true],
        ["ForAnyValue:StringEquals", "a", undefined, false],
        ["ForAllValues:StringEquals", ["a", "b"], ["b", "a"], true],
        ["ForAllValues:StringEquals", "a", ["b", "a"], false],
        ["ForAllValues:StringEquals", "a", undefined, true],
    ] as [string, unknown, string | string[] | undefined, boolean][]) {
        it(`know ${operator} ${JSON.stringify(wanted)} of ${JSON.stringify(given)}`, () => {
            const context: Context = given === undefined ? {} : { "aws:sourcearn": given };
            const condition = { [operator]: { "aws:SourceArn": wanted } };

            const decision = judge({ ...reading, Condition: condition }, { context });

            expect(decision).to.equal(expected ? "allowed" : "denied implicitly");
        });
    }

    it("of a resource allow roles and services that they name", () => {
        const decide = (Principal: unknown, principal: AccessRequest["principal"]) =>
            evaluate(call({ principal }), { identity: [], resource: statement({ ...reading, Principal }) }).decision;
        const service = { service: "s3.amazonaws.com" };

        expect(decide({ AWS: worker }, { role: worker })).to.equal("allowed");
        expect(decide({ AWS: worker }, service)).to.equal("denied implicitly");
        expect(decide({ Service: ["sns.amazonaws.com", "s3.amazonaws.com"] }, service)).to.equal("allowed");
        expect(decide({ Service: "s3.amazonaws.com" }, { role: worker })).to.equal("denied implicitly");
        // By the account's name the resource allows nobody: its roles' own policies do.
        expect(decide({ AWS: "arn:aws:iam::000000000000:root" }, { role: worker })).to.equal("denied implicitly");
    });

    it("of a key decide alone, or hand over to the account's own", () => {
        const Resource = "*";
        const mine = statement({ Action: "kms:Decrypt", Resource });
        const decide = (Principal: unknown) =>
            evaluate(call({ action: "kms:Decrypt", resource: "arn:aws:kms:us-east-1:000000000000:key/1" }), {
                identity: mine,
                resource: statement({ Action: "kms:*", Resource, Principal }),
                resourceDecides: true,
            }).decision;

        expect(decide({ Service: "s3.amazonaws.com" })).to.equal("denied implicitly");
        expect(decide({ AWS: "000000000000" })).to.equal("allowed");
    });

    for (const [what, parts, message] of [
        [
            "an operator",
            { Condition: { IpAddress: { "aws:SourceArn": "10.0.0.0/8" } } },
            'the condition operator "IpAddress"',
        ],
        ["a key", { Condition: { StringEquals: { "aws:userid": "a" } } }, 'the condition key "aws:userid"'],
        ["a variable", { Resource: "arn:aws:s3:::lake/${aws:username}/*" }, "the policy variable ${aws:username}"],
        ["a kind of principal", { Principal: { Federated: "x" } }, 'a principal of the kind "Federated"'],
        ["an element", { NotPrincipal: "*" }, "NotPrincipal"],
    ] as [string, object, string][]) {
        it(`refuse ${what} that is not modelled, by name`, () => {
            expect(() => statement({ ...reading, ...parts })).to.throw(
                `policy: ${message} is not modelled on this machine`,
            );
        });
    }

    it("refuse what is no policy", () => {
        expect(() => readPolicy("role", "{}")).to.throw("role: it has no Statement");
        expect(() => readPolicy("role", "{")).to.throw("role: ");
        expect(() => statement({ ...reading, Effect: "allow" })).to.throw(
            'the effect "allow" is neither Allow nor Deny',
        );
    });

    it("are written by getPolicyDocument as the provider writes them", () => {
        const { json } = callFunction("aws:iam/getPolicyDocument:getPolicyDocument", {
            statements: [
                {
                    sid: "Read",
                    actions: ["s3:GetObject"],
                    resources: ["arn:aws:s3:::lake/*"],
                    principals: [{ type: "Service", identifiers: ["s3.amazonaws.com"] }],
                    conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: ["000000000000"] }],
                },
            ],
        });

        expect(JSON.parse(String(json))).to.deep.equal({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "Read",
                    Effect: "Allow",
                    Principal: { Service: ["s3.amazonaws.com"] },
                    Action: ["s3:GetObject"],
                    Resource: ["arn:aws:s3:::lake/*"],
                    Condition: { StringEquals: { "aws:SourceAccount": ["000000000000"] } },
                },
            ],
        });
    });
});
