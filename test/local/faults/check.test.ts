import { expect } from "chai";
import type { Faults } from "../../../local/faults";
import { checkFaults, FaultsError } from "../../../local/faults/check";
import type { CapturedProgram } from "../../../local/program";
import { nodeFunction, queue, resource } from "../support";

const program: CapturedProgram = {
    ...{ folder: ".", project: "test", stack: "test", components: [], outputs: {}, invented: {} },
    resources: [
        ...["lake-run", "park-run", "lake-walk"].map((name) => nodeFunction(name, "")),
        queue("lake-jobs"),
        resource("aws:athena/workgroup:Workgroup", "lake-seen", { name: "lake-dev-seen" }),
        resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "lake-ping", {}),
    ],
};

describe("faults as they are given", () => {
    it("are taken as they are where nothing is wrong, with the functions that crashes mean", () => {
        const faults: Faults = {
            seed: 7,
            notifications: [{ fault: "delay", target: "jobs", prefix: "raw/", seconds: 90, probability: 1 }],
            calls: [
                { service: "athena", action: "StartQueryExecution", function: "run", error: "SlowDown", times: 3 },
                { service: "s3", cut: "after", nth: [1, 3] },
            ],
            crashes: [{ function: "walk", call: 1, when: "before" }],
            invocations: [{ function: "lake-run", fault: "timeout", from: "2026-11-21T04:00:00Z" }],
            visibility: [{ queue: "lake-jobs" }, {}],
            queries: [{ query: "seen", state: "FAILED", retryable: true, reason: "no luck" }],
            deliveryStreams: [
                { fault: "unreachable", stream: "ping", from: "2026-11-21T04:00:00Z", to: "2026-11-21T05:00:00+00:00" },
            ],
        };

        expect(checkFaults(faults, program)).to.deep.equal({
            ...faults,
            crashes: [{ function: "lake-walk", call: 1, when: "before" }],
        });
        expect(checkFaults({ notifications: { drop: 0.5 } }, program).notifications).to.deep.equal({ drop: 0.5 });
    });

    for (const [faults, ...problems] of [
        [[], "expected an object"],
        [
            { crash: [] },
            "crash: there are no such faults: use seed, notifications, calls, crashes, invocations, visibility, queries, deliveryStreams",
        ],
        [{ seed: 0.5 }, "seed: expected a whole number from 0"],
        [{ calls: {} }, "calls: expected a list of rules"],
        [{ calls: [1] }, "calls[0]: expected a rule"],
        [{ calls: [{ error: "SlowDown" }] }, "calls[0].service: is required"],
        [{ calls: [{ service: "s3" }] }, "calls[0]: say either error or cut"],
        [{ calls: [{ service: "s3", error: "X", cut: "after" }] }, "calls[0]: say either error or cut"],
        [
            { calls: [{ service: "", error: "X", status: 200 }] },
            "calls[0].service: expected text",
            "calls[0].status: expected a whole number from 400 to 599",
        ],
        [{ calls: [{ service: "s3", cut: "during" }] }, "calls[0].cut: expected one of before, after"],
        [
            { calls: [{ service: "s3", cut: "after", function: "sit" }] },
            'calls[0].function: there is no function "sit": the program has lake-run, park-run, lake-walk',
        ],
        [
            { visibility: [{ probability: 2, times: 0, nth: [] }] },
            "visibility[0].probability: expected a number from 0 to 1",
            "visibility[0].times: expected a whole number from 1",
            "visibility[0].nth: expected a whole number from 1, or a list of them",
            "visibility[0]: say only one of probability and times and nth",
        ],
        [
            { visibility: [{ from: "tomorrow", to: "2026-11-21" }] },
            "visibility[0].from: expected a time such as 2026-11-21T04:00:00Z",
            "visibility[0].to: expected a time such as 2026-11-21T04:00:00Z",
        ],
        [
            { visibility: [{ from: "2026-11-21T04:00:00Z", to: "2026-11-21T04:00:00Z" }] },
            "visibility[0].to: must be after from",
        ],
        [
            { visibility: [{ message: "a" }] },
            "visibility[0].message: there is no such field: use queue, probability, times, nth, from, to",
        ],
        [{ visibility: [{ queue: 7 }] }, "visibility[0].queue: there is no queue 7: the program has lake-jobs"],
        [
            { crashes: [{ function: "walk", call: 0, when: "during" }] },
            "crashes[0].call: expected a whole number from 1",
            "crashes[0].when: expected one of before, after",
        ],
        [
            { crashes: [{ call: 1, when: "after", times: 1 }] },
            "crashes[0].function: is required",
            "crashes[0].times: there is no such field: use function, call, when",
        ],
        [
            { notifications: { lose: 1, drop: "often" } },
            "notifications.lose: there is no such fault: use duplicate, reorder, delay, drop",
            "notifications.drop: expected a number from 0 to 1",
        ],
        [
            { notifications: [{ fault: "drop", target: "nowhere", seconds: -1 }] },
            'notifications[0].target: there is no queue or function "nowhere": the program has lake-jobs, lake-run, park-run, lake-walk',
            "notifications[0].seconds: expected seconds from 0",
        ],
        [
            { queries: [{ state: "LOST", query: "x", retryable: 1, reason: 1 }] },
            "queries[0].state: expected one of FAILED, CANCELLED, STALLED",
            'queries[0].query: there is no workgroup "x": the program has lake-dev-seen, primary',
            "queries[0].retryable: expected true or false",
            "queries[0].reason: expected text",
        ],
        [
            { deliveryStreams: [{ fault: "slow", stream: "pong" }] },
            "deliveryStreams[0].fault: expected one of duplicate, reject, unreachable",
            'deliveryStreams[0].stream: there is no delivery stream "pong": the program has lake-ping',
        ],
    ] as [unknown, ...string[]][]) {
        it(`are refused: ${problems.join("; ")}`, () => {
            const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;

            expect(() => checkFaults(faults, program)).to.throw(
                FaultsError,
                new RegExp(
                    `^${exactly([`${count} in the faults:`, ...problems.map((line) => `  ${line}`)].join("\n"))}$`,
                ),
            );
        });
    }

    it("name one function where a crash could mean several", () => {
        const crash = (name: string) => ({ crashes: [{ function: name, call: 1, when: "before" }] });

        expect(() => checkFaults(crash("run"), program)).to.throw(
            "crashes[0].function: means lake-run and park-run: name one",
        );
        expect(checkFaults(crash("park-run"), program).crashes).to.deep.equal(crash("park-run").crashes);
    });
});

function exactly(text: string): string {
    return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
