import { applied } from "./lambdas";
import { type Arguments, macro, overload, rewritten, type ScalarFunction } from "./signatures";
import { array, type Type } from "./types";

/** An expression over the entries of `$1`, each as `e`, from a lambda over key and value. */
const entries =
    (list: (lambda: string) => string) =>
    ({ sql: [map, body] }: Arguments): string =>
        list(`map_entries(${map}), lambda e: ${applied(body!, "(e).key", "(e).value")}`).replaceAll("$1", map!);

/** Functions of maps. */
export const mapFunctions: Record<string, ScalarFunction> = {
    map_entries: rewritten(
        overload(
            "map(K, V) -> array(K)",
            "list_transform(map_entries($1), lambda e: struct_pack(f1 := (e).key, f2 := (e).value))",
            ([type]) => {
                const { key, value } = type as Type & { kind: "map" };
                return array({ kind: "row", fields: [{ type: key }, { type: value }] });
            },
        ),
    ),
    map_from_entries: rewritten(overload("array(row(K, V)) -> map(K, V)", "map_from_entries($1)")),
    multimap_from_entries: macro(
        overload(
            "array(row(K, V)) -> map(K, array(V))",
            "t_multimap(list_transform($1, lambda e: struct_pack(k := (e).f1, v := (e).f2)))",
        ),
    ),
    map_filter: rewritten(
        overload(
            "map(K, V), function(K, V, boolean) -> map(K, V)",
            entries((list) => `map_from_entries(list_filter(${list}))`),
        ),
    ),
    transform_values: rewritten(
        overload(
            "map(K, V), function(K, V, W) -> map(K, W)",
            entries((list) => `CASE WHEN $1 IS NOT NULL THEN map(map_keys($1), list_transform(${list})) END`),
        ),
    ),
    transform_keys: rewritten(
        overload(
            "map(K, V), function(K, V, W) -> map(W, V)",
            entries((list) => `CASE WHEN $1 IS NOT NULL THEN map(list_transform(${list}), map_values($1)) END`),
        ),
    ),
    map_concat: macro(
        overload("map(K, V), map(K, V)... -> map(K, V)", ({ sql }) =>
            sql.reduce((left, right) => `t_map_concat(${left}, ${right})`),
        ),
    ),
    map_zip_with: macro(
        overload("map(K, V), map(K, W), function(K, V, W, R) -> map(K, R)", ({ sql: [left, right, body] }) => {
            const keys = `t_distinct(list_concat(map_keys(${left}), map_keys(${right})))`;
            const value = applied(body!, "k", `map_extract_value(${left}, k)`, `map_extract_value(${right}, k)`);
            return `CASE WHEN ${left} IS NOT NULL AND ${right} IS NOT NULL THEN map(${keys}, list_transform(${keys}, lambda k: ${value})) END`;
        }),
    ),
    split_to_map: macro(overload("varchar, varchar, varchar -> map(varchar, varchar)", "t_split_to_map($1, $2, $3)")),
};
