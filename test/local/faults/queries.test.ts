import {
    AthenaClient,
    GetQueryExecutionCommand,
    StartQueryExecutionCommand,
    StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { expect } from "chai";
import { type Faults, LocalPipeline } from "../../../local";
import { afterTest, programFolder, start } from "../support";

/** A workgroup whose runs' ends, and those of all others that fail, are announced to two queues. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import * as athena from "@pulumi/aws/athena";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as s3 from "@pulumi/aws/s3";
import * as sqs from "@pulumi/aws/sqs";

const lake = new s3.Bucket("lake");
new athena.Workgroup("lake-seen", { name: "lake-dev-seen", configuration: {
    enforceWorkgroupConfiguration: true, resultConfiguration: { outputLocation: pulumi.interpolate\`s3://\${lake.bucket}/athena/seen/\` },
} });
const tell = (name: string, detail: object) => {
    const queue = new sqs.Queue(name, { name });
    const rule = new cloudwatch.EventRule(name, {
        eventPattern: JSON.stringify({ source: ["aws.athena"], "detail-type": ["Athena Query State Change"], detail }),
    });
    new sqs.QueuePolicy(name, { queueUrl: queue.url, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: [{
        Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queue.arn,
        Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
    }] }) });
    new cloudwatch.EventTarget(name, {
        rule: rule.name, arn: queue.arn, retryPolicy: { maximumRetryAttempts: 3 }, deadLetterConfig: { arn: queue.arn },
    });
};
tell("all", { workgroupName: [{ prefix: "lake-dev-" }] });
tell("failed", { currentState: [{ "anything-but": ["QUEUED", "RUNNING", "SUCCEEDED"] }], workgroupName: [{ wildcard: "*-seen" }] });
tell("retryable", { athenaError: { retryable: [true] }, previousState: [{ exists: true }] });
`;

interface Event {
    time: string;
    detail: Record<string, unknown>;
}

describe("Athena's runs", function () {
    this.timeout(60_000);

    it("are announced with every state by EventBridge", async () => {
        const { local, startQuery, events } = await prepare();

        const id = await startQuery("SELECT 1 AS n");
        await local.settle();

        const all = await events("all");
        expect(all[0]).to.deep.include({
            ...{ version: "0", source: "aws.athena", "detail-type": "Athena Query State Change", resources: [] },
            ...{ account: "000000000000", region: "us-east-1", time: "2026-11-21T04:00:00Z" },
        });
        expect(all.map(({ detail }) => detail)).to.deep.equal([
            detail({ currentState: "QUEUED", sequenceNumber: "1" }),
            detail({ currentState: "RUNNING", previousState: "QUEUED", sequenceNumber: "2" }),
            detail({ currentState: "SUCCEEDED", previousState: "RUNNING", sequenceNumber: "3" }),
        ]);
        expect(await events("failed")).to.deep.equal([]);

        function detail(own: object) {
            return {
                ...{ versionId: "0", statementType: "DML", queryExecutionId: id, workgroupName: "lake-dev-seen" },
                ...own,
            };
        }
    });

    it("say why they failed, in the event as in the description", async () => {
        const { local, startQuery, events, describe } = await prepare();

        const id = await startQuery("SELECT nothing FROM nowhere");
        await local.settle();

        const [first, ...others] = await events("failed");
        const detail = first!.detail;
        const { AthenaError } = (await describe(id)).Status!;
        expect(others).to.deep.equal([]);
        expect(detail).to.include({ currentState: "FAILED", sequenceNumber: "3", queryExecutionId: id });
        expect(detail.athenaError).to.deep.equal({
            ...{ errorCategory: 2, errorType: 1000, retryable: false },
            errorMessage: AthenaError!.ErrorMessage,
        });
        expect(AthenaError!.ErrorMessage).to.match(/nowhere/);
        expect(await events("retryable")).to.deep.equal([]);
    });

    it("share a sequence number where an announcement comes twice", async () => {
        const { local, startQuery, events, injected } = await prepare({
            notifications: [{ fault: "duplicate", target: "all", prefix: "lake-dev-seen/SUCCEEDED" }],
        });

        await startQuery("SELECT 1 AS n");
        await local.settle();

        const numbers = (await events("all")).map(({ detail }) => detail.sequenceNumber);
        expect(numbers).to.deep.equal(["1", "2", "3", "3"]);
        expect(injected()).to.deep.equal(["notifications[0] duplicate all 1"]);
    });

    for (const { state, retryable, error } of [
        { state: "FAILED", retryable: false, error: { ErrorCategory: 1, ErrorType: 200, Retryable: false } },
        { state: "FAILED", retryable: true, error: { ErrorCategory: 1, ErrorType: 200, Retryable: true } },
        { state: "CANCELLED", retryable: false, error: undefined },
    ] as const) {
        it(`end ${state}${retryable ? ", retryable," : ""} where a fault wants it, and leave no result`, async () => {
            const { local, startQuery, events, describe, injected } = await prepare({
                queries: [{ query: "seen", state, retryable, times: 1 }],
            });

            const [id, next] = [await startQuery("SELECT 1 AS n"), await startQuery("SELECT 2 AS n")];
            await local.settle();

            const { State, StateChangeReason, AthenaError } = (await describe(id)).Status!;
            expect(State).to.equal(state);
            expect(AthenaError).to.deep.equal(error && { ...error, ErrorMessage: StateChangeReason });
            expect((await events("failed")).map(({ detail }) => detail.queryExecutionId)).to.deep.equal([id]);
            expect((await events("retryable")).length).to.equal(retryable ? 1 : 0);
            expect(local.journal.of("object").filter(({ key }) => key.endsWith(".csv"))).to.have.length(1);
            expect((await describe(next)).Status!.State).to.equal("SUCCEEDED");
            expect(injected()).to.deep.equal([`queries[0] ${state}${retryable ? ", retryable" : ""} lake-dev-seen 1`]);
            expect((await local.report()).runs).to.deep.include({
                ...{ query: "seen", tier: 1, trigger: [], state, reason: StateChangeReason, rows: 0, bytesScanned: 0 },
            });
        });
    }

    it("stall until Athena's limit, and then fail with the reason that a fault gives", async () => {
        const { local, startQuery, events, describe } = await prepare({
            queries: [{ state: "STALLED", reason: "Query timeout, alas" }],
        });

        const id = await startQuery("SELECT 1 AS n");
        await local.advanceTo(start + 29 * 60_000);
        const during = (await describe(id)).Status!.State;
        await local.settle();

        const { State, StateChangeReason, AthenaError } = (await describe(id)).Status!;
        expect(during).to.equal("RUNNING");
        expect([State, StateChangeReason]).to.deep.equal(["FAILED", "Query timeout, alas"]);
        expect(AthenaError).to.include({ ErrorCategory: 2, ErrorType: 210 });
        expect((await events("failed")).map(({ time }) => time)).to.deep.equal(["2026-11-21T04:30:00Z"]);
    });

    it("can be stopped while they stall", async () => {
        const { local, athena, startQuery, events, describe } = await prepare({ queries: [{ state: "STALLED" }] });
        const QueryExecutionId = await startQuery("SELECT 1 AS n");
        await local.advanceTo(start + 1000);

        await athena.send(new StopQueryExecutionCommand({ QueryExecutionId }));
        await local.settle();

        expect((await describe(QueryExecutionId)).Status!.State).to.equal("CANCELLED");
        expect((await events("failed")).map(({ detail }) => detail.currentState)).to.deep.equal(["CANCELLED"]);
    });
});

async function prepare(faults?: Faults) {
    const folder = programFolder({ "index.ts": program, "Pulumi.yaml": "name: lake\nruntime: nodejs\n" });
    const local = await LocalPipeline.start({ program: folder, at: new Date(start), faults });
    afterTest(() => local.stop());
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const athena = new AthenaClient({ endpoint: local.endpointUrl, region: "us-east-1", credentials });
    afterTest(() => athena.destroy());
    return { local, athena, startQuery, describe, events, injected };

    async function startQuery(QueryString: string): Promise<string> {
        const command = new StartQueryExecutionCommand({ QueryString, WorkGroup: "lake-dev-seen" });
        return (await athena.send(command)).QueryExecutionId!;
    }

    async function describe(QueryExecutionId: string) {
        return (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution!;
    }

    /** What a queue holds. */
    async function events(queue: string): Promise<Event[]> {
        const response = await fetch(local.endpointUrl, {
            method: "POST",
            headers: {
                authorization: "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sqs/aws4_request",
                "x-amz-target": "AmazonSQS.ReceiveMessage",
            },
            body: JSON.stringify({ QueueUrl: queue, MaxNumberOfMessages: 10 }),
        });
        const { Messages = [] } = (await response.json()) as { Messages?: { Body: string }[] };
        return Messages.map(({ Body }) => JSON.parse(Body));
    }

    function injected(): string[] {
        return local.faults()!.injected.map(({ rule, fault, where, count }) => `${rule} ${fault} ${where} ${count}`);
    }
}
