/** JSON as API Gateway reads it for a template, and the JSONPath expressions of `$input.path` and `$input.json`. */

/** A number with a fraction or an exponent: read as a double, and printed as Java prints one. */
export class JavaDouble {
    constructor(readonly value: number) {}

    toString(): string {
        const size = Math.abs(this.value);
        if (this.value !== 0 && (size < 1e-3 || size >= 1e7)) {
            const [digits, exponent] = this.value.toExponential().split("e");
            return `${withFraction(digits!)}E${Number(exponent)}`;
        }
        return withFraction(String(this.value));
    }
}

function withFraction(digits: string): string {
    return digits.includes(".") ? digits : `${digits}.0`;
}

/** Source access and raw JSON are in all supported versions of Node, but not in TypeScript's library yet. */
const exactJson = JSON as unknown as {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): unknown;
};

/** Reads JSON: integers stay exact, whatever their size; other numbers are doubles. */
export function readJson(text: string): unknown {
    return exactJson.parse(text, (_key, value, { source }) => {
        if (typeof value !== "number" || source === undefined) return value;
        if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
        if (!Number.isFinite(value)) throw new SyntaxError(`${source} is larger than a double`);
        return new JavaDouble(value);
    });
}

/** Writes what `readJson` has read, on one line. */
export function writeJson(value: unknown): string {
    return JSON.stringify(value, (_key, each) =>
        typeof each === "bigint" || each instanceof JavaDouble ? exactJson.rawJSON(String(each)) : each,
    );
}

/** What a path such as `$.records[0].name` leads to; nothing where there is no such thing. */
export function follow(root: unknown, path: string): unknown {
    return stepsOf(path).reduce<unknown>((value, step) => {
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
        return (value as Record<string, unknown>)[step];
    }, root);
}

function stepsOf(path: string): string[] {
    const step = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^'\]]+)'\]/y;
    if (!path.startsWith("$")) throw unsupported(path);
    const steps: string[] = [];
    for (step.lastIndex = 1; step.lastIndex < path.length; ) {
        const found = step.exec(path);
        if (!found) throw unsupported(path);
        steps.push(found[1] ?? found[2] ?? found[3]!);
    }
    return steps;
}

function unsupported(path: string): Error {
    return new Error(`the JSONPath "${path}" is not modelled on this machine: use $, .name, ['name'] and [0]`);
}
