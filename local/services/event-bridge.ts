import { randomUUID } from "node:crypto";
import { type CapturedResource, ofType } from "../program";
import { account, type Cause, type Runtime, region } from "../runtime";
import type { Athena } from "./athena";
import { stateChangeEvent } from "./athena/state-change";
import type { Destinations } from "./destinations";
import { refuseOthers } from "./refusal";
import type { CreatedEvent, S3, StoredObject } from "./s3";
import { causeOf } from "./s3/notifications";
import { checkPattern, matches, type Pattern } from "./sns-filter";

interface Target {
    arn: string;
    transformer?: { inputPaths?: Record<string, string>; inputTemplate: string };
    /** Sent in place of the event. */
    input?: string;
}

interface Rule {
    arn: string;
    /** Absent for a rule that goes by the clock alone. */
    pattern?: Pattern;
    /** Milliseconds from one time to the next, of a rule that goes by the clock. */
    period?: number;
    targets: Target[];
}

const ruleInputs = [
    ...["name", "namePrefix", "description", "eventPattern", "scheduleExpression", "eventBusName", "state"],
    ...["tags", "region"],
];
/** `retryPolicy` and `deadLetterConfig` are for what can't be delivered; on one machine it can. */
const targetInputs = [
    ...["rule", "arn", "targetId", "eventBusName", "roleArn", "inputTransformer", "region"],
    ...["retryPolicy", "deadLetterConfig", "input"],
];

/**
 * EventBridge, as far as S3's "Object Created" events, Athena's state changes and the clock go: rules of the default bus
 * match them and send them on, as they are or rewritten. Buckets that the program adopts send them, and those whose
 * notification document says so. What goes by the clock first comes one period after the start, as on AWS.
 */
export function routeEvents(
    runtime: Runtime,
    s3: S3,
    destinations: Destinations,
    athena?: Pick<Athena, "onStateChange">,
): void {
    const rules = readRules(runtime, destinations);
    if (rules.length === 0) return;
    for (const rule of rules) if (rule.period !== undefined) schedule(rule, rule.period);
    athena?.onStateChange((change) => route(stateChangeEvent(change), change.execution.cause));
    const sending = ofType(runtime.program, "aws:s3/bucketNotification:BucketNotification")
        .filter(({ inputs }) => inputs.eventbridge)
        .map(({ inputs }) => inputs.bucket);
    s3.onCreated((object, eventName) => {
        if (!sending.includes(object.bucket) && !s3.isAdopted(object.bucket)) return;
        route(objectCreated(object, eventName), causeOf(object));
    });

    function route(event: object, cause: Cause): void {
        for (const rule of rules.filter(({ pattern }) => pattern !== undefined && matches(pattern, event))) {
            send(rule, event, cause);
        }
    }

    function send({ arn: ruleArn, targets }: Rule, event: object, cause?: Cause): void {
        for (const { arn, transformer, input } of targets) {
            const message = input ?? (transformer ? transform(transformer, event) : JSON.stringify(event));
            destinations.send({ service: "events.amazonaws.com", arn: ruleArn }, arn, message, cause);
        }
    }

    function schedule(rule: Rule, period: number): void {
        const { clock } = runtime;
        clock.recurring(period, () => send(rule, scheduledEvent(rule, clock.now())));
    }
}

function scheduledEvent({ arn }: Rule, now: number): object {
    return {
        version: "0",
        id: randomUUID(),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account,
        time: `${new Date(now).toISOString().slice(0, 19)}Z`,
        region,
        resources: [arn],
        detail: {},
    };
}

/** The event of a new object: unlike S3's own, its key is not encoded. */
export function objectCreated(object: StoredObject, eventName: CreatedEvent): object {
    const { bucket, key, size, etag, versionId, sequencer, lastModified } = object;
    return {
        version: "0",
        id: randomUUID(),
        "detail-type": "Object Created",
        source: "aws.s3",
        account,
        time: `${new Date(lastModified).toISOString().slice(0, 19)}Z`,
        region,
        resources: [`arn:aws:s3:::${bucket}`],
        detail: {
            version: "0",
            bucket: { name: bucket },
            object: { key, size, etag, ...(versionId !== undefined && { "version-id": versionId }), sequencer },
            "request-id": "local",
            requester: account,
            "source-ip-address": "127.0.0.1",
            reason: reasons[eventName],
        },
    };
}

const reasons: Record<CreatedEvent, string> = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
};

/**
 * Fills an input template: a placeholder that stands alone becomes JSON, one within quotes becomes part of the string;
 * what the event lacks becomes nothing.
 */
export function transform(
    { inputPaths = {}, inputTemplate }: NonNullable<Target["transformer"]>,
    event: object,
): string {
    let quoted = false;
    return inputTemplate.replace(/\\.|"|<([^<>]+)>/g, (found, name: string | undefined) => {
        if (found === '"') quoted = !quoted;
        if (name === undefined) return found;
        const path = inputPaths[name];
        if (path === undefined) throw new Error(`input template: <${name}> is not among the inputPaths`);
        const value = at(event, path);
        if (value === undefined) return "";
        if (!quoted) return JSON.stringify(value);
        return typeof value === "string" ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value);
    });
}

/** The value at a path such as `$.detail.object.key`. */
function at(event: object, path: string): unknown {
    return path
        .split(".")
        .slice(1)
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], event);
}

function readRules(runtime: Runtime, destinations: Destinations): Rule[] {
    const targets = ofType(runtime.program, "aws:cloudwatch/eventTarget:EventTarget");
    return ofType(runtime.program, "aws:cloudwatch/eventRule:EventRule")
        .filter(({ inputs }) => inputs.state !== "DISABLED")
        .map((resource) => {
            const path = `event rule "${resource.name}": `;
            refuseOthers(path, resource.inputs, ruleInputs);
            const { eventPattern, scheduleExpression } = resource.inputs;
            const period = scheduleExpression === undefined ? undefined : periodOf(String(scheduleExpression), path);
            const pattern: unknown = JSON.parse(String(eventPattern ?? "null"));
            if (pattern !== null || period === undefined) checkPattern(pattern, `${path}eventPattern`);
            const own = targets.filter(({ inputs }) => inputs.rule === resource.outputs.name);
            return {
                arn: String(resource.outputs.arn),
                ...(pattern !== null && { pattern: pattern as Pattern }),
                ...(period !== undefined && { period }),
                targets: own.map((target) => readTarget(target, destinations)),
            };
        });
}

/** Milliseconds of `rate(1 hour)`. */
function periodOf(expression: string, path: string): number {
    const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
    if (match) return Number(match[1]) * { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[match[2]!]!;
    throw new Error(`${path}scheduleExpression: ${expression} is not modelled on this machine: use rate(…)`);
}

function readTarget({ name, inputs }: CapturedResource, destinations: Destinations): Target {
    const path = `event target "${name}": `;
    refuseOthers(path, inputs, targetInputs);
    destinations.check(String(inputs.arn), `${path}arn`);
    return {
        arn: String(inputs.arn),
        transformer: inputs.inputTransformer as Target["transformer"],
        ...(inputs.input !== undefined && { input: String(inputs.input) }),
    };
}
