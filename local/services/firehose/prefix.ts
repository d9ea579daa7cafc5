import { randomInt } from "node:crypto";
import { formatTime } from "../time-format";

/** What a prefix's expressions are evaluated with. */
export interface PrefixContext {
    /** Arrival of the oldest record of the object, in milliseconds since 1970. */
    arrival: number;
    /** IANA name, `UTC` unless the stream has a custom one. */
    timeZone: string;
    /** Kind of failure, for error prefixes only. */
    errorOutputType?: string;
}

const expression = /!\{([^:{}]*):([^{}]*)\}/g;
const hourFolders = "!{timestamp:yyyy/MM/dd/HH/}";

/** The folder of delivered objects: Firehose adds hour folders where the prefix says nothing of time. */
export function objectPrefix(prefix: string, context: PrefixContext): string {
    return evaluate(prefix.includes("!{timestamp:") ? prefix : prefix + hourFolders, context);
}

/** The folder of failed records: named by Firehose where the prefix has no expression. */
export function errorPrefix(prefix: string, context: PrefixContext): string {
    return evaluate(prefix.includes("!{") ? prefix : `${prefix}!{firehose:error-output-type}/${hourFolders}`, context);
}

/** Refuses what Firehose refuses: the semantic rules of its custom prefixes. */
export function checkPrefixes(prefix: string, errorOutputPrefix: string | undefined, timeZone: string): void {
    const context = { arrival: 0, timeZone };
    objectPrefix(prefix, context);
    if (errorOutputPrefix === undefined && prefix.includes("!{")) {
        throw new Error("a prefix with expressions needs an errorOutputPrefix: add one");
    }
    if (errorOutputPrefix?.includes("!{") && !errorOutputPrefix.includes("!{firehose:error-output-type}")) {
        throw new Error(`errorOutputPrefix "${errorOutputPrefix}" needs !{firehose:error-output-type}: add it`);
    }
    errorPrefix(errorOutputPrefix ?? prefix, { ...context, errorOutputType: "processing-failed" });
}

function evaluate(prefix: string, context: PrefixContext): string {
    const literals = prefix.replaceAll(expression, "");
    if (literals.includes("!{")) throw new Error(`prefix "${prefix}" has an expression that is not !{namespace:value}`);
    return prefix.replaceAll(expression, (whole, namespace: string, value: string) => {
        if (namespace === "timestamp") return formatTime(value, context.arrival, context.timeZone);
        if (whole === "!{firehose:random-string}") return randomString();
        if (whole === "!{firehose:error-output-type}" && context.errorOutputType) return context.errorOutputType;
        throw new Error(`prefix "${prefix}" can't have ${whole}: ${advice(namespace)}`);
    });
}

function advice(namespace: string): string {
    if (namespace.startsWith("partitionKey")) return "dynamic partitioning is not modelled on this machine";
    if (namespace === "firehose") return "error-output-type belongs in errorOutputPrefix, random-string anywhere";
    return "the namespaces are timestamp and firehose";
}

/** Eleven letters and digits, as Firehose makes them. */
function randomString(): string {
    const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    return Array.from({ length: 11 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
