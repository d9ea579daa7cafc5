import type { CallFault, Crash, Faults, InvocationFault } from "../../../local";

/** Functions of the fleet, each of which dies now and then. */
const functions = ["http", "normalize", "run-query", "convert-result", "pings", "forecast-run", "forecast"];
const minute = 60_000;
/** More often, and nothing would ever be done. */
const mostOften = 0.4;

/** A probability. */
type Rate = (probability: number) => number;

/**
 * Everything that docs/faults.md names, all at once. Half an hour after `start` (milliseconds since 1970) the rollup is
 * down for so long that messages end in its dead-letter queue. Where there is little to go wrong, all goes wrong `often` times
 * as often.
 */
export function everyFault(seed: number, start: number, often: number): Faults {
    const rate = (probability: number) => Math.min(often * probability, mostOften);
    const outage = { from: timeOf(start + 30 * minute), to: timeOf(start + 200 * minute) };
    return {
        seed,
        notifications: [
            { fault: "duplicate", probability: rate(0.05) },
            { fault: "duplicate", probability: rate(0.03), seconds: 90 },
            { fault: "reorder", probability: rate(0.05) },
            { fault: "delay", probability: rate(0.05), seconds: 400 },
            { fault: "drop", probability: rate(0.03) },
        ],
        calls: [...failing(rate), ...cut(rate)],
        crashes: functions.flatMap(crashesOf),
        invocations: [...failed(rate), { function: "pings", fault: "throw", ...outage }],
        visibility: [{ probability: rate(0.05) }],
        queries: [
            { state: "FAILED", retryable: true, probability: rate(0.03) },
            { state: "FAILED", probability: rate(0.01) },
            { state: "CANCELLED", probability: rate(0.01) },
            { state: "STALLED", probability: rate(0.01) },
        ],
        deliveryStreams: [
            { fault: "duplicate", probability: rate(0.01) },
            { fault: "reject", probability: rate(0.005) },
            { fault: "unreachable", probability: rate(0.05) },
        ],
    };
}

/** Services say no, or are throttled. */
function failing(rate: Rate): CallFault[] {
    return [
        { service: "firehose", error: "ServiceUnavailableException", probability: rate(0.01) },
        { service: "s3", error: "SlowDown", probability: rate(0.01) },
        {
            service: "athena",
            action: "StartQueryExecution",
            error: "TooManyRequestsException",
            probability: rate(0.05),
        },
        { service: "athena", action: "GetQueryExecution", error: "InternalServerException", probability: rate(0.02) },
        { service: "dynamodb", error: "ProvisionedThroughputExceededException", probability: rate(0.01) },
        { service: "lambda", error: "TooManyRequestsException", probability: rate(0.02) },
    ];
}

/** Requests or answers get lost. */
function cut(rate: Rate): CallFault[] {
    return [
        ...["firehose", "s3", "athena", "dynamodb", "lambda"].flatMap((service) =>
            (["before", "after"] as const).map((cut) => ({ service, cut, probability: rate(0.005) })),
        ),
    ];
}

/** At the same calls before and after, the first soon enough for a short run. */
function crashesOf(name: string, index: number): Crash[] {
    return [11, 101, 1_009].flatMap((call) => [
        { function: name, call: call + index, when: "before" as const },
        { function: name, call: 2 * call + index, when: "after" as const },
    ]);
}

/** A transformation that fails four times in a row is one that Firehose gives up. */
function failed(rate: Rate): InvocationFault[] {
    return [
        { function: "normalize", fault: "throw", probability: rate(0.2) },
        { function: "normalize", fault: "timeout", probability: rate(0.02) },
        ...functions
            .filter((name) => name !== "normalize")
            .flatMap((name) => [
                { function: name, fault: "throw" as const, probability: rate(0.01) },
                { function: name, fault: "timeout" as const, probability: rate(0.01) },
            ]),
    ];
}

function timeOf(milliseconds: number): string {
    return new Date(milliseconds).toISOString();
}
