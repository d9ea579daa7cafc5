import { applied, bound } from "./lambdas";
import { type Arguments, macro, overload, rewritten, type ScalarFunction } from "./signatures";
import { array, duckType, type Type } from "./types";

/** Functions of arrays; those that only rename or combine DuckDB's. */
export const arrayFunctions: Record<string, ScalarFunction> = {
    array_distinct: macro(overload("array(T) -> array(T)", "t_distinct($1)")),
    array_union: macro(overload("array(T), array(T) -> array(T)", whereBoth("t_distinct(list_concat($1, $2))"))),
    array_intersect: macro(
        overload(
            "array(T), array(T) -> array(T)",
            whereBoth("CASE WHEN len($1) >= len($2) THEN t_intersect($1, $2) ELSE t_intersect($2, $1) END"),
        ),
    ),
    array_except: macro(
        overload(
            "array(T), array(T) -> array(T)",
            whereBoth(
                "t_distinct(list_filter($1, lambda e: len(list_filter($2, lambda f: f IS NOT DISTINCT FROM e)) = 0))",
            ),
        ),
    ),
    arrays_overlap: macro(overload("array(T), array(T) -> boolean", "t_overlap($1, $2)")),
    trim_array: rewritten(
        overload(
            "array(T), bigint -> array(T)",
            "CASE WHEN $2 < 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: size must not be negative: ' || $2) WHEN $2 > len($1) THEN t_fail('INVALID_FUNCTION_ARGUMENT: size must not exceed array cardinality ' || len($1) || ': ' || $2) ELSE $1[1:len($1) - $2] END",
        ),
    ),
    repeat: rewritten(
        overload("T, bigint -> array(T)", ({ sql, types }) => {
            const value = `CAST(${sql[0]} AS ${duckType(types[0]!)})`;
            return `list_transform(generate_series(1, ${sql[1]}), lambda n: ${value})`;
        }),
    ),
    zip: rewritten(
        ...[2, 3, 4, 5].map((count) =>
            overload(
                `${["T", "U", "V", "W", "X"]
                    .slice(0, count)
                    .map((letter) => `array(${letter})`)
                    .join(", ")} -> array(T)`,
                zip,
                zipped,
            ),
        ),
    ),
    contains_sequence: rewritten(
        overload(
            "array(T), array(T) -> boolean",
            whereBoth(
                "len(list_filter(generate_series(1, len($1) - len($2) + 1), lambda n: $1[n:n + len($2) - 1] = $2)) > 0",
            ),
        ),
    ),
    array_histogram: macro(
        overload(
            "array(T) -> map(T, bigint)",
            "CASE WHEN $1 IS NOT NULL THEN map_from_entries(list_transform(list_filter(t_distinct($1), lambda e: e IS NOT NULL), lambda e: struct_pack(k := e, v := len(list_filter($1, lambda f: f IS NOT DISTINCT FROM e))))) END",
        ),
    ),
    ngrams: rewritten(
        overload(
            "array(T), bigint -> array(array(T))",
            "CASE WHEN $2 <= 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: N must be positive') WHEN $2 > len($1) THEN [$1] ELSE list_transform(generate_series(1, len($1) - $2 + 1), lambda n: $1[n:n + $2 - 1]) END",
        ),
    ),
    combinations: macro(
        overload(
            "array(T), bigint -> array(array(T))",
            "list_transform(js_combinations(len($1), $2), lambda c: list_transform(list_filter(string_split(c, ' '), lambda n: n <> ''), lambda n: $1[CAST(n AS BIGINT)]))",
        ),
    ),
    dot_product: macro(overload("array(double), array(double) -> double", vectors("t_dot($1, $2)"))),
    euclidean_distance: macro(overload("array(double), array(double) -> double", vectors("t_distance($1, $2)"))),
    cosine_similarity: macro(overload("array(double), array(double) -> double", vectors("t_cosine($1, $2)"))),
    cosine_distance: macro(overload("array(double), array(double) -> double", vectors("(1 - t_cosine($1, $2))"))),
    zip_with: rewritten(overload("array(T), array(U), function(T, U, R) -> array(R)", zipWith)),
    reduce: rewritten(overload("array(T), S, function(S, T, S), function(S, R) -> R", reduce)),
};

/** Of two lists of numbers as long as each other; NULL counts as zero. */
function vectors(sql: string): string {
    const same = "len($1) <> len($2) THEN t_fail('INVALID_FUNCTION_ARGUMENT: The arguments must have the same length')";
    return whereBoth(`CASE WHEN ${same} ELSE ${sql} END`);
}

function whereBoth(sql: string): string {
    return `CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN ${sql} END`;
}

/** Indexes of the longest of several arrays, NULL if one of them is. */
function indexes(arrays: string[]): string {
    const nulls = arrays.map((one) => `${one} IS NULL`).join(" OR ");
    return `CASE WHEN ${nulls} THEN NULL ELSE generate_series(1, greatest(${arrays.map((one) => `len(${one})`).join(", ")})) END`;
}

function zip({ sql }: Arguments): string {
    const fields = sql.map((one, index) => `f${index + 1} := ${one}[n]`);
    return `list_transform(${indexes(sql)}, lambda n: struct_pack(${fields.join(", ")}))`;
}

function zipped(arrays: Type[]): Type {
    return array({ kind: "row", fields: arrays.map((one) => ({ type: (one as Type & { kind: "array" }).element })) });
}

function zipWith({ sql: [left, right, body] }: Arguments): string {
    return `list_transform(${indexes([left!, right!])}, lambda n: ${applied(body!, `${left}[n]`, `${right}[n]`)})`;
}

/** DuckDB's reduction keeps one type: here pairs of a state and an element. */
export function reduce({ sql: [list, initial, step, finish], types: [listType, state] }: Arguments): string {
    const element = duckType((listType as Type & { kind: "array" }).element);
    const pair = (s: string, x: string) =>
        `struct_pack(s := CAST(${s} AS ${duckType(state!)}), x := CAST(${x} AS ${element}))`;
    const pairs = `list_concat([${pair(initial!, "NULL")}], list_transform(${list}, lambda e: ${pair("NULL", "e")}))`;
    const folded = `list_reduce(${pairs}, lambda p, q: ${pair(applied(step!, "(p).s", "(q).x"), "NULL")})`;
    return `CASE WHEN ${list} IS NOT NULL THEN ${bound("r", `(${folded}).s`, applied(finish!, "r"))} END`;
}
