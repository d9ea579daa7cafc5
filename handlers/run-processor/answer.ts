import type { ProcessorObject } from "../shared/processor-contract";

const noReason = "failed, without a reason";

/** The keys that failed with their reasons, from what the user's function answered. */
export function readAnswer(text: string, objects: ProcessorObject[]): Map<string, string> {
    const answer = parsed(text);
    if (answer === null) return new Map();
    if (!isRecord(answer)) throw invalid("is no object");
    const names = Object.keys(answer);
    if (names.length === 0) return new Map();
    const other = names.find((name) => name !== "failed");
    if (other !== undefined) throw invalid(`has \`${other}\``);
    if (!Array.isArray(answer.failed)) throw invalid("has `failed`, which is no list");
    const keys = new Set(objects.map(({ key }) => key));
    return new Map(answer.failed.map((each, index) => readFailure(each, index, keys)));
}

function readFailure(each: unknown, index: number, keys: Set<string>): [key: string, reason: string] {
    const place = `has \`failed[${index}]\`, which`;
    const { key, reason } = isRecord(each) ? each : { key: each };
    if (typeof key !== "string") throw invalid(`${place} is no key and has none`);
    if (!keys.has(key)) throw invalid(`${place} names an object that was not in the event`);
    if (reason === undefined || reason === null || reason === "") return [key, noReason];
    if (typeof reason !== "string") throw invalid(`${place} has a reason that is no text`);
    return [key, reason];
}

function parsed(text: string): unknown {
    try {
        return text === "" ? null : JSON.parse(text);
    } catch {
        throw invalid("is no JSON");
    }
}

/** Nobody knows which objects the function is done with, so all of them failed. */
function invalid(problem: string): Error {
    return new Error(
        `the function's answer ${problem}: answer nothing, or \`{ "failed": [{ "key": "…", "reason": "…" }] }\``,
    );
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
