import { expect } from "chai";
import { Access } from "../../local/iam/access";
import { requirementsOf } from "../../local/iam/requirements";
import { Journal } from "../../local/journal";
import type { CapturedResource } from "../../local/program";
import { AwsError, type AwsRequest } from "../../local/runtime";
import { S3 } from "../../local/services/s3";
import { arn, bucket, nodeFunction, queue, resource, testRuntime, testServer } from "./support";

const lake = bucket("lake");
const jobs = queue("jobs");
const worker = resource("aws:iam/role:Role", "worker", {
    assumeRolePolicy: document({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
});

function document(...statements: object[]): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: statements.map((each) => ({ Effect: "Allow", ...each })),
    });
}

const allowing = (...statements: object[]) =>
    resource("aws:iam/rolePolicy:RolePolicy", "work", { role: worker.outputs.name, policy: document(...statements) });

function accessOver(...resources: CapturedResource[]) {
    const journal = new Journal();
    const program = { folder: "", project: "", stack: "", resources, components: [], outputs: {}, invented: {} };
    return { access: new Access(program, journal), journal };
}

const request = (parts: Partial<AwsRequest> & { json?: object } = {}): AwsRequest => ({
    method: "GET",
    path: "/",
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(parts.json ? JSON.stringify(parts.json) : ""),
    ...parts,
});

describe("access in the local runtime", () => {
    it("answers a function as S3 does where its role may not write, and writes that down", () => {
        const { access, journal } = accessOver(
            lake,
            worker,
            allowing({ Action: "s3:PutObject", Resource: `${arn(lake)}/ok/*` }),
        );
        const put = (path: string) => access.check(arn(worker), "s3", "PutObject", request({ path }));

        expect(() => put("/lake/ok/a%20b.json")).not.to.throw();
        expect(() => put("/lake/other/a.json"))
            .to.throw(
                "worker/local is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::lake/other/a.json",
            )
            .that.includes({ code: "AccessDenied", status: 403 });
        expect(journal.of("denial")).to.deep.equal([
            {
                kind: "denial",
                caller: "worker",
                action: "s3:PutObject",
                resource: "arn:aws:s3:::lake/other/a.json",
                reason: "no policy allows it",
            },
        ]);
    });

    it("does not judge calls from outside, and roles that the program does not register", () => {
        const { access } = accessOver(lake, worker);

        expect(() => access.check(undefined, "s3", "PutObject", request({ path: "/lake/a" }))).not.to.throw();
        expect(() =>
            access.check("arn:aws:iam::1:role/x", "s3", "PutObject", request({ path: "/lake/a" })),
        ).not.to.throw();
    });

    it("words refusals as each service does", () => {
        const { access } = accessOver(worker);
        const codeOf = (service: string, operation: string, parts: Parameters<typeof request>[0]) => {
            try {
                access.check(arn(worker), service, operation, request(parts));
                return undefined;
            } catch (error) {
                return (error as { code: string }).code;
            }
        };

        expect(codeOf("sqs", "SendMessage", { json: { QueueUrl: jobs.outputs.url } })).to.equal("AccessDenied");
        expect(codeOf("sns", "Publish", { body: Buffer.from("TopicArn=arn:a") })).to.equal("AuthorizationError");
        expect(codeOf("dynamodb", "GetItem", { json: { TableName: "t" } })).to.equal("AccessDeniedException");
        expect(codeOf("lambda", "Invoke", { path: "/2015-03-31/functions/f/invocations" })).to.equal(
            "AccessDeniedException",
        );
    });

    it("says of a missing object that it is missing only to who may list it", async () => {
        const missing = () => Promise.reject(new AwsError("NoSuchKey", "The specified key does not exist.", 404));
        const listing = {
            Action: "s3:ListBucket",
            Resource: arn(lake),
            Condition: { StringLike: { "s3:prefix": "raw/*" } },
        };
        const { access } = accessOver(lake, worker, allowing(listing));
        const codeOf = (path: string) =>
            access.hideMissing(arn(worker), "s3", request({ path }), missing()).catch(({ code }) => code);

        expect(await codeOf("/lake/raw/a.json")).to.equal("NoSuchKey");
        expect(await codeOf("/lake/other/a.json")).to.equal("AccessDenied");
    });

    it("lets services deliver where the target's policy names them and the source", () => {
        const from = (service: string, source: string) => ({
            Principal: { Service: service },
            Action: "sqs:SendMessage",
            Resource: arn(jobs),
            Condition: { ArnEquals: { "aws:SourceArn": source } },
        });
        const policy = resource("aws:sqs/queuePolicy:QueuePolicy", "jobs", {
            queueUrl: jobs.outputs.url,
            policy: document(from("sns.amazonaws.com", "arn:aws:sns:us-east-1:000000000000:news")),
        });
        const { access, journal } = accessOver(jobs, policy);
        const deliver = (topic: string, target = arn(jobs)) =>
            access.mayDeliver(
                { service: "sns.amazonaws.com", arn: `arn:aws:sns:us-east-1:000000000000:${topic}` },
                target,
            );

        expect(deliver("news")).to.equal(true);
        expect(deliver("other")).to.equal(false);
        expect(deliver("other", "arn:aws:sqs:us-east-1:000000000000:of-others")).to.equal(true);
        expect(journal.of("denial").map(({ caller, action }) => [caller, action])).to.deep.equal([
            ["sns.amazonaws.com", "sqs:SendMessage"],
        ]);
    });

    it("asks a topic's key, too, which AWS's own never lets a service use", () => {
        const key = resource("aws:kms/key:Key", "key", {
            policy: document({ Principal: { Service: "s3.amazonaws.com" }, Action: "kms:*", Resource: "*" }),
        });
        const topic = (kmsMasterKeyId: unknown) => resource("aws:sns/topic:Topic", "news", { kmsMasterKeyId });
        const policy = resource("aws:sns/topicPolicy:TopicPolicy", "news", {
            arn: arn(topic("")),
            policy: document({ Principal: "*", Action: "sns:Publish", Resource: "*" }),
        });
        const deliver = (kmsMasterKeyId: unknown, service: string) =>
            accessOver(topic(kmsMasterKeyId), policy, key).access.mayDeliver(
                { service, arn: arn(lake) },
                arn(topic(kmsMasterKeyId)),
            );

        expect(deliver(key.outputs.arn, "s3.amazonaws.com")).to.equal(true);
        expect(deliver(key.outputs.keyId, "events.amazonaws.com")).to.equal(false);
        expect(deliver("alias/aws/sns", "s3.amazonaws.com")).to.equal(false);
        expect(deliver(undefined, "s3.amazonaws.com")).to.equal(true);
    });

    it("takes a permission of a function for its policy", () => {
        const count = nodeFunction("count", "");
        const permission = resource("aws:lambda/permission:Permission", "count", {
            function: count.outputs.name,
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            sourceArn: "arn:aws:events:us-east-1:000000000000:rule/hourly",
        });
        const { access } = accessOver(count, permission);
        const invoke = (rule: string) =>
            access.mayDeliver(
                { service: "events.amazonaws.com", arn: `arn:aws:events:us-east-1:000000000000:rule/${rule}` },
                arn(count),
            );

        expect(invoke("hourly")).to.equal(true);
        expect(invoke("daily")).to.equal(false);
    });

    it("lets a service act as a role only if the role trusts it", () => {
        const { access, journal } = accessOver(worker, allowing({ Action: "*", Resource: "*" }));
        const need = { action: "sqs:ReceiveMessage", resource: arn(jobs) };

        expect(access.mayServiceAs(arn(worker), { service: "lambda.amazonaws.com" }, [need])).to.equal(true);
        expect(access.mayServiceAs(arn(worker), { service: "firehose.amazonaws.com" }, [need])).to.equal(false);
        expect(journal.of("denial").map(({ action }) => action)).to.deep.equal(["sts:AssumeRole"]);
    });

    it("knows policies that are attached, inline, and AWS's own", () => {
        const own = resource("aws:iam/policy:Policy", "own", { policy: document({ Action: "sqs:*", Resource: "*" }) });
        const basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        const attach = (policyArn: string) =>
            resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", policyArn, {
                role: worker.outputs.name,
                policyArn,
            });
        const { access } = accessOver(worker, own, attach(arn(own)), attach(basic));

        expect(access.mayRole(arn(worker), [{ action: "sqs:SendMessage", resource: arn(jobs) }])).to.equal(true);
        expect(access.mayRole(arn(worker), [{ action: "logs:PutLogEvents", resource: "arn:a" }])).to.equal(true);
        expect(
            access
                .permissions()
                .filter(({ used }) => used)
                .map(({ action }) => action),
        ).to.have.members(["sqs:*", "logs:PutLogEvents"]);
        expect(() => accessOver(worker, attach("arn:aws:iam::aws:policy/PowerUserAccess"))).to.throw(
            "what the policy arn:aws:iam::aws:policy/PowerUserAccess says is not known on this machine",
        );
    });
});

describe("a function in the local runtime", function () {
    this.timeout(30_000);

    it("sees what S3 answers to who may not", async () => {
        const source = `exports.handler = async (key) => {
            const credential = process.env.AWS_ACCESS_KEY_ID + "/20261121/us-east-1/s3/aws4_request";
            const headers = { authorization: "AWS4-HMAC-SHA256 Credential=" + credential };
            const response = await fetch(process.env.AWS_ENDPOINT_URL + "/lake/" + key, { method: "PUT", body: "{}", headers });
            return [response.status, /<Code>(.*)<.Code>/.exec(await response.text())?.[1]];
        };`;
        const count = nodeFunction("count", source, { role: worker.outputs.arn });
        const runtime = testRuntime([lake, worker, allowing({ Action: "s3:*", Resource: `${arn(lake)}/ok/*` }), count]);
        runtime.access = new Access(runtime.program, runtime.journal);
        const { lambda } = await testServer(runtime, () => [new S3(runtime)]);

        expect((await lambda.invoke("count", "ok/a.json")).payload).to.deep.equal([200, null]);
        expect((await lambda.invoke("count", "other/a.json")).payload).to.deep.equal([403, "AccessDenied"]);
        // Lambda itself could not keep the function's log.
        expect(new Set(runtime.journal.of("denial").map(({ action }) => action))).to.deep.equal(
            new Set(["logs:CreateLogStream", "s3:PutObject"]),
        );
    });
});

describe("what calls need", () => {
    for (const [service, operation, parts, needs] of [
        ["s3", "HeadObject", { path: "/b/k" }, ["s3:GetObject arn:aws:s3:::b/k"]],
        [
            "s3",
            "GetObject",
            { path: "/b/k", query: new URLSearchParams("versionId=1") },
            ["s3:GetObjectVersion arn:aws:s3:::b/k"],
        ],
        ["s3", "UploadPart", { path: "/b/k" }, ["s3:PutObject arn:aws:s3:::b/k"]],
        [
            "s3",
            "ListObjectsV2",
            { path: "/b", query: new URLSearchParams("prefix=raw/") },
            ["s3:ListBucket arn:aws:s3:::b"],
        ],
        ["s3", "ListObjectVersions", { path: "/b/" }, ["s3:ListBucketVersions arn:aws:s3:::b"]],
        [
            "s3",
            "PutObject",
            { path: "/b/k", headers: { "x-amz-copy-source": "other/a%20b?versionId=1" } },
            ["s3:PutObject arn:aws:s3:::b/k", "s3:GetObjectVersion arn:aws:s3:::other/a b"],
        ],
        [
            "s3",
            "PutObject",
            { path: "/b/k", headers: { "if-match": "x", "x-amz-tagging": "a=b" } },
            ["s3:PutObject arn:aws:s3:::b/k", "s3:GetObject arn:aws:s3:::b/k", "s3:PutObjectTagging arn:aws:s3:::b/k"],
        ],
        [
            "s3",
            "DeleteObjects",
            { path: "/b", body: Buffer.from("<Delete><Object><Key>a&amp;b&#x20;c</Key></Object></Delete>") },
            ["s3:DeleteObject arn:aws:s3:::b/a&b c"],
        ],
        [
            "sqs",
            "SendMessageBatch",
            { json: { QueueUrl: "http://127.0.0.1/000000000000/jobs" } },
            ["sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:jobs"],
        ],
        [
            "dynamodb",
            "TransactWriteItems",
            {
                json: {
                    TransactItems: [
                        { Put: { TableName: "a" } },
                        { ConditionCheck: { TableName: "b" } },
                        { Delete: { TableName: "a" } },
                    ],
                },
            },
            [
                "dynamodb:PutItem arn:aws:dynamodb:us-east-1:000000000000:table/a",
                "dynamodb:ConditionCheckItem arn:aws:dynamodb:us-east-1:000000000000:table/b",
                "dynamodb:DeleteItem arn:aws:dynamodb:us-east-1:000000000000:table/a",
            ],
        ],
        [
            "dynamodb",
            "BatchGetItem",
            { json: { RequestItems: { a: {} } } },
            ["dynamodb:BatchGetItem arn:aws:dynamodb:us-east-1:000000000000:table/a"],
        ],
        [
            "kinesis",
            "PutRecord",
            { json: { StreamName: "s" } },
            ["kinesis:PutRecord arn:aws:kinesis:us-east-1:000000000000:stream/s"],
        ],
        ["firehose", "ListDeliveryStreams", { json: {} }, ["firehose:ListDeliveryStreams *"]],
        [
            "iotdata",
            "/topics/a%2Fb",
            { path: "/topics/a%2Fb" },
            ["iot:Publish arn:aws:iot:us-east-1:000000000000:topic/a/b"],
        ],
        [
            "lambda",
            "Invoke",
            { path: "/2015-03-31/functions/f/invocations" },
            ["lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:f"],
        ],
    ] as [string, string, Parameters<typeof request>[0], string[]][]) {
        it(`${service} ${operation} ${needs.length > 1 ? `needs ${needs.length} actions` : `needs ${needs[0]}`}`, () => {
            const found = requirementsOf(service, operation, request(parts));

            expect(found.map(({ action, resource }) => `${action} ${resource}`)).to.deep.equal(needs);
        });
    }
});
