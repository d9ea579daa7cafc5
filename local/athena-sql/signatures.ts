import { array, coercible, commonType, scalarType, type Type, unknown } from "./types";

/** A type in a signature: `varchar`, `array(T)`, `function(T, boolean)`; one capital letter stands for any type. */
interface Pattern {
    name: string;
    inner: Pattern[];
}

/** Arguments of a call as its function sees them: already coerced, with what is known before the run. */
export interface Arguments {
    sql: string[];
    types: Type[];
    /** Text of arguments that are literals. */
    constants: (string | undefined)[];
    /** Clauses of an aggregate's call: `$D` DISTINCT, `$O` ORDER BY, `$T` what follows it, `$N` IGNORE NULLS. */
    clauses?: Record<string, string>;
    at: number;
}

export type Emit = (args: Arguments) => string;

export interface Overload {
    parameters: Pattern[];
    variadic: boolean;
    returns: Pattern | ((types: Type[]) => Type);
    emit: Emit;
}

/** How a function gets to DuckDB: under its own name, as another expression, or as a macro or JavaScript of ours. */
export type Kind = "passes" | "rewritten" | "macro";

export interface ScalarFunction {
    kind: Kind;
    overloads: Overload[];
}

export const passes = (...overloads: Overload[]): ScalarFunction => ({ kind: "passes", overloads });
export const rewritten = (...overloads: Overload[]): ScalarFunction => ({ kind: "rewritten", overloads });
export const macro = (...overloads: Overload[]): ScalarFunction => ({ kind: "macro", overloads });

/** An overload for each of several types, which `N` stands for. */
export const each = (types: string, signature: string, sql: string): Overload[] =>
    types.split(" ").map((type) => overload(signature.replace(/\bN\b/g, type), sql.replace(/\bN\b/g, type)));

/**
 * `overload("varchar, bigint -> varchar", "repeat($1, $2)")`. Parameters `timestamp`, `zoned`, `decimal` and `varchar`
 * take any precision; a result `$1` is of the first argument's type; `...` behind the last parameter repeats it.
 */
export function overload(signature: string, sql: string | Emit, returns?: (types: Type[]) => Type): Overload {
    const [left, right] = signature.split("->").map((side) => side.trim()) as [string, string];
    const variadic = left.endsWith("...");
    const parameters = left === "" ? [] : parsePatterns(variadic ? left.slice(0, -3) : left);
    const emit = typeof sql === "string" ? (args: Arguments) => fill(sql, args) : sql;
    return { parameters, variadic, returns: returns ?? parsePatterns(right)[0]!, emit };
}

/** Puts arguments and clauses at their places. */
export function fill(sql: string, { sql: args, clauses }: Arguments): string {
    return sql.replace(/\$(\d|[A-Z*])/g, (_, place) =>
        place === "*" ? args.join(", ") : (clauses?.[place] ?? args[Number(place) - 1]!),
    );
}

function parsePatterns(text: string): Pattern[] {
    const tokens = text.match(/[\w$ ]*[\w$]|[(),]/g) ?? [];
    let at = 0;
    const list = (): Pattern[] => {
        const patterns = [pattern()];
        while (tokens[at] === ",") {
            at++;
            patterns.push(pattern());
        }
        return patterns;
    };
    const pattern = (): Pattern => {
        const name = tokens[at++]!.trim();
        if (tokens[at] !== "(") return { name, inner: [] };
        at++;
        const inner = list();
        at++;
        return { name, inner };
    };
    return list();
}

/** An argument is a type, or a lambda of which only the number of parameters is known yet. */
export type Argument = Type | { lambda: number };

/** A fitting overload, with the types that its letters and its parameters stand for. */
export interface Match {
    overload: Overload;
    patterns: Pattern[];
    bound: Map<string, Type>;
}

/** The overload that takes `args`: as they are if there is one, else with Trino's silent coercions. */
export function match(overloads: Overload[], args: Argument[]): Match | undefined {
    for (const coerce of [false, true])
        for (const overload of overloads) {
            const patterns = spread(overload, args.length);
            const bound = new Map<string, Type>();
            if (patterns && args.every((arg, index) => fits(patterns[index]!, arg, bound, coerce)))
                return { overload, patterns, bound };
        }
    return undefined;
}

function spread({ parameters, variadic }: Overload, count: number): Pattern[] | undefined {
    if (!variadic) return parameters.length === count ? parameters : undefined;
    if (count < parameters.length) return undefined;
    return [...parameters, ...Array(count - parameters.length).fill(parameters.at(-1))];
}

function fits(pattern: Pattern, arg: Argument, bound: Map<string, Type>, coerce: boolean): boolean {
    if ("lambda" in arg) return pattern.name === "function" && pattern.inner.length - 1 === arg.lambda;
    return unify(pattern, arg, bound, coerce);
}

/** Whether `type` can stand where `pattern` does; binds letters to the widest type met. */
export function unify(pattern: Pattern, type: Type, bound: Map<string, Type>, coerce: boolean): boolean {
    if (/^[A-Z]$/.test(pattern.name)) {
        const common = commonType(bound.get(pattern.name) ?? unknown, type);
        if (common) bound.set(pattern.name, common);
        return common !== undefined;
    }
    switch (pattern.name) {
        case "array":
            return type.kind === "array"
                ? unify(pattern.inner[0]!, type.element, bound, coerce)
                : coerce && type.kind === "unknown";
        case "map":
            if (type.kind !== "map") return coerce && type.kind === "unknown";
            return (
                unify(pattern.inner[0]!, type.key, bound, coerce) && unify(pattern.inner[1]!, type.value, bound, coerce)
            );
        case "row":
            if (type.kind !== "row") return coerce && type.kind === "unknown";
            return (
                type.fields.length === pattern.inner.length &&
                type.fields.every((field, index) => unify(pattern.inner[index]!, field.type, bound, coerce))
            );
        case "zoned":
            return type.kind === "timestamp with time zone";
        case "varchar":
        case "decimal":
            return type.kind === pattern.name || (coerce && type.kind === "unknown");
        case "timestamp":
            return type.kind === "timestamp" || (coerce && (type.kind === "unknown" || type.kind === "date"));
        case "function":
            return false;
        default: {
            const wanted = scalarType(pattern.name, []);
            return type.kind === wanted.kind || (coerce && coercible(type, wanted));
        }
    }
}

/** The type that a parameter has for these arguments: what an argument is coerced to. */
export function substitute(pattern: Pattern, bound: Map<string, Type>, given: Type): Type {
    switch (pattern.name) {
        case "array":
            return array(substitute(pattern.inner[0]!, bound, given.kind === "array" ? given.element : unknown));
        case "map":
            return {
                kind: "map",
                key: substitute(pattern.inner[0]!, bound, given.kind === "map" ? given.key : unknown),
                value: substitute(pattern.inner[1]!, bound, given.kind === "map" ? given.value : unknown),
            };
        case "row":
            return {
                kind: "row",
                fields: pattern.inner.map((inner, index) => {
                    const field = given.kind === "row" ? given.fields[index] : undefined;
                    return { ...field, type: substitute(inner, bound, field?.type ?? unknown) };
                }),
            };
        case "zoned":
            return given;
        case "decimal":
            return given.kind === "decimal" ? given : scalarType("decimal", [38, 0]);
        case "varchar":
            return given.kind === "varchar" ? given : scalarType("varchar", []);
        case "timestamp":
            return given.kind === "timestamp" ? given : scalarType("timestamp", []);
        default:
            return bound.get(pattern.name) ?? (/^[A-Z]$/.test(pattern.name) ? unknown : scalarType(pattern.name, []));
    }
}

/** The type of the call. */
export function resultType({ overload, bound }: Match, types: Type[]): Type {
    const { returns } = overload;
    if (typeof returns === "function") return returns(types);
    return /^\$\d$/.test(returns.name) ? types[Number(returns.name[1]) - 1]! : substitute(returns, bound, unknown);
}
