import fc from "fast-check";

/** A call and the policies that judge it, as both evaluators take them. */
export interface Case {
    principal: { role: string } | { service: string };
    action: string;
    resource: string;
    /** By condition key as it is spelled. */
    context: Record<string, string | string[]>;
    identity: object[];
    /** Absent where the resource has none. */
    policy?: object;
}

export const account = "000000000000";
const worker = `arn:aws:iam::${account}:role/worker`;
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${account}:${resource}`;

/** What is called, on what. */
const calls: Record<string, string[]> = {
    "s3:GetObject": [
        "arn:aws:s3:::lake/raw/a.json",
        "arn:aws:s3:::lake/raw/b/c:d.json",
        "arn:aws:s3:::other/raw/a.json",
    ],
    "s3:PutObject": ["arn:aws:s3:::lake/raw/a.json", "arn:aws:s3:::lake/failed/x"],
    "s3:ListBucket": ["arn:aws:s3:::lake", "arn:aws:s3:::other"],
    "sqs:SendMessage": [arn("sqs", "jobs"), arn("sqs", "jobs-dead")],
    "sns:Publish": [arn("sns", "news"), arn("sns", "other")],
    "lambda:InvokeFunction": [arn("lambda", "function:count"), arn("lambda", "function:count:$LATEST")],
    "kms:Decrypt": [arn("kms", "key/11111111-2222-3333-4444-555555555555")],
    "sts:AssumeRole": [worker],
};

const actionPatterns = [
    ...Object.keys(calls),
    ...["*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "sqs:Send*", "sns:*", "kms:*", "lambda:Invoke*"],
    ...["s3:*Object", "kms:Decryp?", "SNS:PUBLISH"],
];

const resourcePatterns = [
    ...new Set(Object.values(calls).flat()),
    ...["*", "arn:aws:s3:::lake/*", "arn:aws:s3:::lake/raw/*", "arn:aws:s3:::l?ke/raw/a.json", "arn:aws:s3:::*"],
    ...["arn:aws:s3:::lake*", "arn:aws:s3:*:*:lake/raw/*", "arn:aws:sqs:*:*:jobs", "arn:aws:sqs:us-east-1:*:jobs*"],
    ...["arn:aws:sns:*:000000000000:*", "arn:aws:lambda:us-east-1:*:function:count:*", "arn:aws:kms:*:*:key/*"],
    ...["arn:*:s3:::lake/raw/*", "arn:aws:s3:::LAKE/raw/a.json", "arn:aws:iam::*:role/*"],
];

const principals = [
    "*",
    { AWS: "*" },
    { AWS: worker },
    { AWS: [`arn:aws:iam::${account}:role/other`, worker] },
    { AWS: `arn:aws:iam::${account}:root` },
    { AWS: account },
    { AWS: "arn:aws:iam::111111111111:root" },
    { Service: "s3.amazonaws.com" },
    { Service: ["sns.amazonaws.com", "s3.amazonaws.com"] },
    { Service: "lambda.amazonaws.com", AWS: worker },
];

/** Values that a request may have of a key, and that a policy may ask for. */
const keys: Record<string, { given: string[]; wanted: string[]; operators: string[] }> = {
    "aws:SourceArn": {
        given: ["arn:aws:s3:::lake", arn("sns", "news")],
        wanted: [
            "arn:aws:s3:::lake",
            "arn:aws:s3:::*",
            "arn:aws:s3:*:*:lake",
            arn("sns", "news"),
            "arn:aws:sns:*:*:n?ws",
        ],
        operators: [
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
            "StringEquals",
            "StringLike",
            "StringNotLike",
        ],
    },
    "aws:SourceAccount": {
        given: [account, "111111111111"],
        wanted: [account, "111111111111", "0000*"],
        operators: ["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIgnoreCase"],
    },
    "aws:SecureTransport": { given: ["true", "false"], wanted: ["true", "false"], operators: ["Bool"] },
    "aws:PrincipalArn": {
        given: [worker],
        wanted: [worker, "arn:aws:iam::*:role/*", `arn:aws:iam::${account}:role/other`],
        operators: ["ArnEquals", "ArnLike", "ArnNotLike", "StringEquals"],
    },
    "aws:CalledVia": {
        given: ["athena.amazonaws.com", "glue.amazonaws.com"],
        wanted: ["athena.amazonaws.com", "a*", "glue.amazonaws.com"],
        operators: [
            ...["ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAnyValue:StringLike"],
            ...["ForAllValues:StringNotEquals", "ForAnyValue:StringNotEquals"],
        ],
    },
};

/** What only some actions have. */
const keysOf: Record<string, typeof keys> = {
    "s3:ListBucket": {
        "s3:prefix": {
            given: ["raw/", "raw/a", ""],
            wanted: ["raw/", "raw/*", "RAW/*", "", "r?w/"],
            operators: [
                "StringEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
            ],
        },
        "s3:max-keys": {
            given: ["10", "1000"],
            wanted: ["10", "100", "1000"],
            operators: [
                ...["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"],
                ...["NumericGreaterThan", "NumericGreaterThanEquals"],
            ],
        },
    },
    "s3:GetObject": {
        "s3:TlsVersion": { given: ["1.2", "1.3"], wanted: ["1.2", "1.3"], operators: ["NumericLessThan"] },
    },
    "kms:Decrypt": {
        "kms:ViaService": {
            given: ["sns.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"],
            wanted: ["sns.us-east-1.amazonaws.com", "s?s.*.amazonaws.com"],
            operators: ["StringEquals", "StringLike", "StringNotEquals"],
        },
    },
};

/** Policies of the shapes that programs have, and of others, with a call that they may or may not be about. */
export const cases: fc.Arbitrary<Case> = fc.constantFrom(...Object.keys(calls)).chain((action) => {
    const known = { ...keys, ...keysOf[action] };
    const statement = (ofResource: boolean) =>
        fc
            .record({
                Effect: fc.constantFrom("Allow", "Allow", "Deny"),
                action: fc.tuple(
                    fc.constantFrom("Action", "Action", "Action", "NotAction"),
                    oneOrMore(closeTo(action, actionPatterns)),
                ),
                resource: fc.tuple(
                    fc.constantFrom("Resource", "Resource", "Resource", "NotResource"),
                    oneOrMore(closeTo(calls[action]!, resourcePatterns)),
                ),
                Principal: fc.constantFrom(...principals),
                Condition: fc.oneof(fc.constant(undefined), conditions(known)),
            })
            .map(({ Effect, action, resource, Principal, Condition }) => ({
                Effect,
                [action[0]]: action[1],
                // A trust policy has no resource.
                ...(!(ofResource && action[1] === "sts:AssumeRole") && { [resource[0]]: resource[1] }),
                ...(ofResource && { Principal }),
                ...(Condition && { Condition }),
            }));
    const policy = (ofResource: boolean) =>
        fc
            .array(statement(ofResource), { minLength: 1, maxLength: 3 })
            .map((Statement) => ({ Version: "2012-10-17", Statement }));
    return fc.record(
        {
            principal: fc.constantFrom({ role: worker }, { role: worker }, { service: "s3.amazonaws.com" }),
            action: fc.constant(action),
            resource: fc.constantFrom(...calls[action]!),
            context: context(known),
            identity: fc.array(policy(false), { maxLength: 2 }),
            policy: policy(true),
        },
        // Keys and roles always have a policy.
        {
            requiredKeys: [
                "principal",
                "action",
                "resource",
                "context",
                "identity",
                ...(isGoverned(action) ? ["policy" as const] : []),
            ],
        },
    ) as fc.Arbitrary<Case>;
});

/** Whether the resource's own policy decides. */
export function isGoverned(action: string): boolean {
    return /^(kms|sts):/.test(action);
}

function closeTo(wanted: string | string[], all: string[]): fc.Arbitrary<string> {
    return fc.oneof(fc.constantFrom(...[wanted].flat()), fc.constantFrom(...all));
}

function oneOrMore(one: fc.Arbitrary<string>): fc.Arbitrary<string | string[]> {
    return fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
}

function context(known: typeof keys): fc.Arbitrary<Case["context"]> {
    const values = Object.entries(known).map(([key, { given }]) =>
        fc.tuple(
            fc.constant(key),
            key === "aws:CalledVia"
                ? fc.uniqueArray(fc.constantFrom(...given), { minLength: 1 })
                : fc.constantFrom<string | string[]>(...given),
            fc.boolean(),
        ),
    );
    return fc
        .tuple(...values)
        .map((all) => Object.fromEntries(all.flatMap(([key, value, there]) => (there ? [[key, value]] : []))));
}

function conditions(known: typeof keys): fc.Arbitrary<object> {
    const one = fc.constantFrom(...Object.entries(known)).chain(([key, { wanted, operators }]) =>
        fc.record({
            operator: fc.oneof(
                fc.constantFrom(...operators),
                // What a missing key means to both at once is said nowhere.
                fc
                    .constantFrom(...operators)
                    .map((operator) => (operator.startsWith("ForAnyValue") ? operator : `${operator}IfExists`)),
            ),
            key: fc.constantFrom(key, key.toLowerCase()),
            values: oneOrMore(fc.constantFrom(...wanted)),
        }),
    );
    const nullity = fc.record({
        operator: fc.constant("Null"),
        key: fc.constantFrom(...Object.keys(known)),
        values: fc.constantFrom<string | string[]>("true", "false"),
    });
    return fc.array(fc.oneof({ arbitrary: one, weight: 5 }, nullity), { minLength: 1, maxLength: 2 }).map((all) => {
        const block: Record<string, Record<string, unknown>> = {};
        for (const { operator, key, values } of all) block[operator] = { ...block[operator], [key]: values };
        return block;
    });
}
