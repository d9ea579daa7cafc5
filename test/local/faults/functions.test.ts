import { expect } from "chai";
import type { Faults } from "../../../local/faults";
import { bucket, nodeFunction, queue, settle } from "../support";
import { mapping, prepare } from "./support";

/** Puts an object for each message, in three calls: `<body>/1` to `<body>/3`, and prints how each was answered. */
const writer = nodeFunction(
    "lake-fn",
    `const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/1/us-east-1/s3/aws4_request";
     exports.handler = async ({ Records }) => {
        console.log("start " + Records.map(({ body }) => body));
        for (const { body } of Records) for (const part of [1, 2, 3]) {
            const url = process.env.AWS_ENDPOINT_URL + "/lake/" + body + "/" + part;
            const answer = await fetch(url, { method: "PUT", body, headers: { authorization } })
                .then(async (response) => response.status + (/<Code>(.*)<.Code>/.exec(await response.text())?.[1] ?? ""))
                .catch(() => "no answer");
            console.log(part + " " + answer);
        }
        if (process.env.SLEEP) await new Promise((resolve) => setTimeout(resolve, Number(process.env.SLEEP)));
        console.log("end");
     };`,
);

describe("functions with faults", () => {
    for (const { faults, printed, objects, report } of [
        {
            faults: { calls: [{ service: "s3", action: "PutObject", error: "SlowDown", nth: 2 }] },
            printed: ["start a", "1 200", "2 503SlowDown", "3 200", "end"],
            objects: ["a/1", "a/3"],
            report: ["calls[0]", "SlowDown", "lake-fn s3:PutObject"],
        },
        {
            faults: { calls: [{ service: "s3", function: "fn", error: "OperationAborted", status: 409, times: 1 }] },
            printed: ["start a", "1 409OperationAborted", "2 200", "3 200", "end"],
            objects: ["a/2", "a/3"],
            report: ["calls[0]", "OperationAborted", "lake-fn s3:PutObject"],
        },
        {
            faults: { calls: [{ service: "s3", cut: "before", nth: 1 }] },
            printed: ["start a", "1 no answer", "2 200", "3 200", "end"],
            objects: ["a/2", "a/3"],
            report: ["calls[0]", "cut before", "lake-fn s3:PutObject"],
        },
        {
            faults: { calls: [{ service: "s3", cut: "after", nth: 1 }] },
            printed: ["start a", "1 no answer", "2 200", "3 200", "end"],
            objects: ["a/1", "a/2", "a/3"],
            report: ["calls[0]", "cut after", "lake-fn s3:PutObject"],
        },
        {
            faults: { crashes: [{ function: "fn", call: 2, when: "before" }] },
            printed: ["start a", "1 200", "start a", "1 200", "2 200", "3 200", "end"],
            objects: ["a/1", "a/1", "a/2", "a/3"],
            report: ["crashes[0]", "crash before", "lake-fn s3:PutObject"],
        },
        {
            faults: { crashes: [{ function: "fn", call: 2, when: "after" }] },
            printed: ["start a", "1 200", "start a", "1 200", "2 200", "3 200", "end"],
            objects: ["a/1", "a/2", "a/1", "a/2", "a/3"],
            report: ["crashes[0]", "crash after", "lake-fn s3:PutObject"],
        },
        {
            faults: { invocations: [{ function: "fn", fault: "throw", times: 1 }] },
            printed: ["start a", "1 200", "2 200", "3 200", "end"],
            objects: ["a/1", "a/2", "a/3"],
            report: ["invocations[0]", "throw", "lake-fn"],
        },
        {
            faults: { invocations: [{ function: "fn", fault: "timeout", times: 1 }] },
            printed: [
                ...["start a", "1 200", "2 200", "3 200", "end"],
                ...["start a", "1 200", "2 200", "3 200", "end"],
            ],
            objects: ["a/1", "a/2", "a/3", "a/1", "a/2", "a/3"],
            report: ["invocations[0]", "timeout", "lake-fn"],
        },
    ] as { faults: Faults; printed: string[]; objects: string[]; report: string[] }[]) {
        it(`${JSON.stringify(faults)}: its message comes again until it is done`, async () => {
            const { sqs, runtime, lines, injector } = await prepare(faults, ...resources());

            sqs.queue("q").send("a");
            await settle(runtime);

            const [rule, fault, where] = report;
            expect(lines()).to.deep.equal(printed);
            expect(runtime.journal.of("object").map(({ key }) => key)).to.deep.equal(objects);
            expect(sqs.queue("q").counts()).to.deep.equal({ visible: 0, inFlight: 0, delayed: 0 });
            expect(injector.report().injected).to.deep.equal([{ rule, fault, where, count: 1 }]);
        });
    }

    it("end in the dead-letter queue with the reason when nothing helps", async () => {
        const faults: Faults = { invocations: [{ function: "fn", fault: "throw" }] };
        const { sqs, runtime, injector } = await prepare(faults, ...resources());

        sqs.queue("q").send("a");
        await settle(runtime);

        expect(sqs.queue("dead").counts().visible).to.equal(1);
        expect(runtime.journal.of("failure").map(({ stage, reason }) => `${stage}: ${reason}`)).to.deep.equal([
            "lake-fn: an injected fault",
        ]);
        expect(injector.report().injected[0]!.count).to.equal(2);
    });

    it("count their calls, whoever else calls", async () => {
        const { sqs, runtime, injector, s3 } = await prepare({}, ...resources());

        await s3.put("lake", "other", Buffer.from("x"));
        sqs.queue("q").send("a");
        await settle(runtime);

        expect(injector.serviceCalls()).to.deep.equal({ "lake-fn": Array(3).fill("s3:PutObject") });
        expect(injector.report()).to.deep.equal({ seed: 1, injected: [], idle: [] });
    });

    it("get a message twice at the same time when its visibility timeout passes, and then no more", async () => {
        const faults: Faults = { visibility: [{ queue: "q", nth: 2 }] };
        const { sqs, runtime, lines, injector } = await prepare(faults, ...resources({ SLEEP: "1500" }));

        for (const body of ["a", "b", "c"]) sqs.queue("q").send(body);
        await settle(runtime);

        const begins = lines().filter((line) => /^start|^end/.test(line));
        expect(begins.slice(0, 2)).to.have.members(["start a,b,c", "start b"]);
        expect(begins.slice(2)).to.deep.equal(["end", "end"]);
        expect(sqs.queue("q").counts()).to.deep.equal({ visible: 0, inFlight: 0, delayed: 0 });
        expect(injector.report().injected).to.deep.equal([
            { rule: "visibility[0]", fault: "visible again", where: "q", count: 1 },
        ]);
    });

    it("leave a message in the queue that only an outdated receipt says is done", async () => {
        const faults: Faults = { visibility: [{}], invocations: [{ function: "fn", fault: "throw", nth: 2 }] };
        const { sqs, runtime, lines } = await prepare(faults, ...resources());

        sqs.queue("q").send("a");
        await settle(runtime);

        expect(lines().filter((line) => line === "end")).to.have.length(1);
        expect(sqs.queue("dead").counts().visible).to.equal(1);
    });

    it("get a message no more often than its queue allows, even so", async () => {
        const second = { from: "2026-11-21T04:00:10Z" }; // the last time that it is received
        const faults: Faults = { visibility: [second], invocations: [{ function: "fn", fault: "throw" }] };
        const { sqs, runtime, injector } = await prepare(faults, ...resources());

        sqs.queue("q").send("a");
        await settle(runtime);

        expect(sqs.queue("dead").counts().visible).to.equal(1);
        expect(injector.report().injected.map(({ rule, count }) => `${rule} ${count}`)).to.deep.equal([
            "invocations[0] 2",
        ]);
    });
});

function resources(variables: Record<string, string> = {}) {
    const dead = queue("dead");
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.outputs.arn, maxReceiveCount: 2 });
    return [
        ...[bucket("lake"), dead, queue("q", { redrivePolicy })],
        { ...writer, inputs: { ...writer.inputs, environment: { variables } } },
        mapping({ functionName: "lake-fn" }),
    ];
}
