import type { Faults } from "../faults";
import { type CapturedProgram, ofType } from "../program";
import { means } from "./rule";

/** Rules that can't be followed, all at once. */
export class FaultsError extends Error {
    override name = "FaultsError";

    constructor(readonly problems: { path: string; message: string }[]) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        const lines = problems.map(({ path, message }) => `  ${path}${path && ": "}${message}`);
        super([`${count} in the faults:`, ...lines].join("\n"));
    }
}

/** What a field must be, in words, where it is something else. */
type Check = (value: unknown) => string | undefined;
type Report = (path: string, message: string) => void;

interface Shape {
    fields: Record<string, Check>;
    required: string[];
    /** Fields of which a rule has one at most. */
    oneOf: string[];
}

/** Reads the argument, which may come from a file; refuses what is not understood, and names that the program lacks. */
export function checkFaults(faults: unknown, program: CapturedProgram): Faults {
    const problems: FaultsError["problems"] = [];
    const report: Report = (path, message) => problems.push({ path, message });
    if (isObject(faults)) {
        for (const [name, value] of Object.entries(faults)) checkPart(name, value, shapesFor(program), report);
    } else report("", "expected an object");
    if (problems.length > 0) throw new FaultsError(problems);
    return withFullNames(faults as Faults, program);
}

/** Crashes name the one function that they mean. */
function withFullNames(faults: Faults, program: CapturedProgram): Faults {
    const names = ofType(program, "aws:lambda/function:Function").map(({ name }) => name);
    const full = (name: string) => (names.includes(name) ? name : names.find((each) => means(name, each))!);
    return { ...faults, crashes: faults.crashes?.map((crash) => ({ ...crash, function: full(crash.function) })) };
}

function checkPart(name: string, value: unknown, shapes: Record<string, Shape>, report: Report): void {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (name === "seed") reportIf(report, name, integer(0)(value));
    else if (!shape) report(name, `there are no such faults: use ${["seed", ...Object.keys(shapes)].join(", ")}`);
    else if (name === "notifications" && isObject(value)) checkRates(value, report);
    else if (Array.isArray(value)) value.forEach((rule, at) => void checkRule(`${name}[${at}]`, rule, shape, report));
    else report(name, "expected a list of rules");
}

function checkRates(rates: Record<string, unknown>, report: Report): void {
    for (const [fault, rate] of Object.entries(rates)) {
        const path = `notifications.${fault}`;
        if (notificationFaults.includes(fault)) reportIf(report, path, probability(rate));
        else report(path, `there is no such fault: use ${notificationFaults.join(", ")}`);
    }
}

function checkRule(path: string, rule: unknown, { fields, required, oneOf }: Shape, report: Report): void {
    if (!isObject(rule)) {
        report(path, "expected a rule");
        return;
    }
    for (const name of required) if (rule[name] === undefined) report(`${path}.${name}`, "is required");
    for (const [name, value] of Object.entries(rule)) {
        const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (!check) report(`${path}.${name}`, `there is no such field: use ${Object.keys(fields).join(", ")}`);
        else if (value !== undefined) reportIf(report, `${path}.${name}`, check(value));
    }
    const given = (names: string[]) => names.filter((name) => rule[name] !== undefined);
    if (given(oneOf).length !== 1 && oneOf.length > 0) report(path, `say either ${oneOf.join(" or ")}`);
    const selected = given(["probability", "times", "nth"]);
    if (selected.length > 1) report(path, `say only one of ${selected.join(" and ")}`);
    if (Date.parse(String(rule.from)) >= Date.parse(String(rule.to))) report(`${path}.to`, "must be after from");
}

const notificationFaults = ["duplicate", "reorder", "delay", "drop"];

function shapesFor(program: CapturedProgram): Record<string, Shape> {
    const logical = (type: string) => ofType(program, type).map(({ name }) => name);
    const functions = logical("aws:lambda/function:Function");
    const queues = logical("aws:sqs/queue:Queue");
    const streams = logical("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream");
    const workgroups = ofType(program, "aws:athena/workgroup:Workgroup").map(({ outputs }) => String(outputs.name));
    const shape = (fields: Record<string, Check>, required: string[], oneOf: string[] = []): Shape => ({
        fields: { ...fields, ...when },
        required,
        oneOf,
    });
    return {
        notifications: shape(
            {
                fault: oneOf(...notificationFaults),
                target: named("queue or function", [...queues, ...functions]),
                prefix: text,
                seconds,
            },
            ["fault"],
        ),
        calls: shape(
            {
                service: text,
                action: text,
                function: named("function", functions),
                error: text,
                status: integer(400, 599),
                cut: oneOf("before", "after"),
            },
            ["service"],
            ["error", "cut"],
        ),
        crashes: {
            fields: { function: onlyOne("function", functions), call: integer(1), when: oneOf("before", "after") },
            required: ["function", "call", "when"],
            oneOf: [],
        },
        invocations: shape({ function: named("function", functions), fault: oneOf("throw", "timeout") }, [
            ...["function", "fault"],
        ]),
        visibility: shape({ queue: named("queue", queues) }, []),
        queries: shape(
            {
                query: named("workgroup", [...workgroups, "primary"]),
                state: oneOf("FAILED", "CANCELLED", "STALLED"),
                retryable: (value) => (typeof value === "boolean" ? undefined : "expected true or false"),
                reason: text,
            },
            ["state"],
        ),
        deliveryStreams: shape(
            { fault: oneOf("duplicate", "reject", "unreachable"), stream: named("delivery stream", streams) },
            ["fault"],
        ),
    };
}

const when: Record<string, Check> = {
    probability,
    times: integer(1),
    nth: (value) => {
        const list = [value].flat();
        const right = list.length > 0 && list.every((each) => integer(1)(each) === undefined);
        return right ? undefined : "expected a whole number from 1, or a list of them";
    },
    from: time,
    to: time,
};

function probability(value: unknown): string | undefined {
    return typeof value === "number" && value >= 0 && value <= 1 ? undefined : "expected a number from 0 to 1";
}

function seconds(value: unknown): string | undefined {
    return typeof value === "number" && value >= 0 && Number.isFinite(value) ? undefined : "expected seconds from 0";
}

function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? undefined : "expected text";
}

function time(value: unknown): string | undefined {
    const iso = typeof value === "string" && /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value);
    return iso && !Number.isNaN(Date.parse(value)) ? undefined : "expected a time such as 2026-11-21T04:00:00Z";
}

function integer(least: number, most = Number.MAX_SAFE_INTEGER): Check {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    return (value) =>
        Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
            ? undefined
            : `expected a whole number ${range}`;
}

function oneOf(...words: string[]): Check {
    return (value) => (words.includes(value as string) ? undefined : `expected one of ${words.join(", ")}`);
}

/** The name of something that the program has. */
function named(what: string, names: string[]): Check {
    return (value) => {
        if (typeof value === "string" && names.some((name) => means(value, name))) return undefined;
        return `there is no ${what} ${JSON.stringify(value)}: the program has ${names.join(", ") || "none"}`;
    };
}

function onlyOne(what: string, names: string[]): Check {
    return (value) => {
        const meant = names.filter((name) => means(String(value), name));
        const exact = names.includes(String(value));
        return meant.length > 1 && !exact ? `means ${meant.join(" and ")}: name one` : named(what, names)(value);
    };
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function reportIf(report: Report, path: string, problem: string | undefined): void {
    if (problem) report(path, problem);
}
