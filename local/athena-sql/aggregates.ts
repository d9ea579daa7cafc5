import { reduce } from "./array-functions";
import { type Arguments, fill, type Overload, overload as plainOverload } from "./signatures";
import { array, asDecimal, decimal, duckType, type Type } from "./types";

/** The element that Trino's digests give where they hold every value. */
const percentile =
    "list_sort(array_agg($1)@, 'ASC', 'NULLS LAST')[CAST(least(floor(any_value($2)@ * count($1)@) + 1, count($1)@) AS BIGINT)]";

/** The same for several parts. */
const percentiles =
    "list_transform([list_sort(list_filter(array_agg($1)@, lambda e: e IS NOT NULL))], lambda s: list_transform(any_value($2)@, lambda p: s[CAST(least(floor(p * len(s)) + 1, len(s)) AS BIGINT)]))[1]";

/** The values of the first rows by another one; rows that lack that are none. */
const firstBy = (order: "ASC" | "DESC") =>
    `list_transform(list_sort(list_filter(array_agg(struct_pack(y := $2, x := $1))@, lambda e: (e).y IS NOT NULL), '${order}', 'NULLS LAST')[1:any_value($3)@], lambda e: (e).x)`;

/**
 * An aggregate or window function. In its SQL `name(…)@` is a call that takes what the statement's call has: DISTINCT,
 * ORDER BY, FILTER and OVER, each of the calls where there are two. `#` is the place of IGNORE NULLS.
 */
export interface Aggregate {
    overloads: Overload[];
    /** Runs only with OVER. */
    windowOnly?: boolean;
    /** Takes IGNORE NULLS. */
    nulls?: boolean;
}

/** The SQL with the places of a call's clauses as placeholders. */
const calls = (sql: string): string =>
    sql
        .replace(/\(((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\)@/g, (_, inside) => `($D${inside}$O)$T`)
        .replaceAll("#", "$N");

const overload = (signature: string, sql: string, returns?: (types: Type[]) => Type): Overload =>
    plainOverload(signature, calls(sql), returns);

const aggregate = (...overloads: Overload[]): Aggregate => ({ overloads });
const ranking = (...overloads: Overload[]): Aggregate => ({ overloads, windowOnly: true });
const value = (...overloads: Overload[]): Aggregate => ({ overloads, windowOnly: true, nulls: true });
const statistic = (name: string): Aggregate => aggregate(overload("double -> double", `${name}($1)@`));
/** Of two integers or decimals Trino takes the narrower form: their result is a real. */
const pair = (name: string): Aggregate =>
    aggregate(
        overload("real, real -> real", `CAST(${name}($1, $2)@ AS FLOAT)`),
        overload("double, double -> double", `${name}($1, $2)@`),
    );

/** NaN is no extreme for Trino unless there is nothing else. */
const extreme = (name: string): Aggregate =>
    aggregate(
        overload("double -> double", `coalesce(${name}(t_nonan($1))@, ${name}($1)@)`),
        overload("real -> real", `coalesce(${name}(t_nonan($1))@, ${name}($1)@)`),
        overload("T -> T", `${name}($1)@`),
        overload("T, bigint -> array(T)", `${name}($1, $2)@`),
    );

/** The aggregates and window functions that run here, each tested to give what Trino gives. */
export const aggregates: Record<string, Aggregate> = {
    count: aggregate(overload("-> bigint", "count(*)@"), overload("T -> bigint", "count($1)@")),
    count_if: aggregate(overload("boolean -> bigint", "CAST(coalesce(count_if($1)@, 0) AS BIGINT)")),
    sum: aggregate(
        overload("bigint -> bigint", "CAST(sum($1)@ AS BIGINT)"),
        overload("double -> double", "sum($1)@"),
        overload("real -> real", "CAST(sum($1)@ AS FLOAT)"),
        overload("decimal -> decimal", "sum($1)@", ([type]) => decimal(38, asDecimal(type!).scale)),
    ),
    avg: aggregate(
        overload("bigint -> double", "avg($1)@"),
        overload("double -> double", "avg($1)@"),
        overload("real -> real", "CAST(avg($1)@ AS FLOAT)"),
        plainOverload("decimal -> $1", averageDecimal),
    ),
    min: extreme("min"),
    max: extreme("max"),
    min_by: aggregate(
        overload("T, U -> T", "arg_min_null($1, $2)@"),
        overload("T, U, bigint -> array(T)", firstBy("ASC")),
    ),
    max_by: aggregate(
        overload("T, U -> T", "arg_max_null($1, $2)@"),
        overload("T, U, bigint -> array(T)", firstBy("DESC")),
    ),
    map_agg: aggregate(overload("K, V -> map(K, V)", "t_first_entries(array_agg(struct_pack(k := $1, v := $2))@)")),
    map_union: aggregate(
        overload(
            "map(K, V) -> map(K, V)",
            "t_first_entries(flatten(array_agg(list_transform(map_entries($1), lambda e: struct_pack(k := (e).key, v := (e).value)))@))",
        ),
    ),
    multimap_agg: aggregate(
        overload(
            "K, V -> map(K, array(V))",
            "t_multimap(list_filter(array_agg(struct_pack(k := $1, v := $2))@, lambda e: (e).k IS NOT NULL))",
        ),
    ),
    histogram: aggregate(
        plainOverload("T -> map(T, bigint)", (args) =>
            fill(calls(`CAST(histogram($1)@ AS MAP(${duckType(args.types[0]!)}, BIGINT))`), args),
        ),
    ),
    reduce_agg: aggregate(plainOverload("T, S, function(S, T, S), function(S, S, S) -> S", (args) => reduceAll(args))),
    geometric_mean: aggregate(
        overload("bigint -> double", "exp(avg(ln($1))@)"),
        overload("real -> real", "CAST(exp(avg(ln($1))@) AS FLOAT)"),
        overload("double -> double", "exp(avg(ln($1))@)"),
    ),
    bitwise_and_agg: aggregate(overload("bigint -> bigint", "bit_and($1)@")),
    bitwise_or_agg: aggregate(overload("bigint -> bigint", "bit_or($1)@")),
    arbitrary: aggregate(overload("T -> T", "any_value($1)@")),
    any_value: aggregate(overload("T -> T", "any_value($1)@")),
    bool_and: aggregate(overload("boolean -> boolean", "bool_and($1)@")),
    bool_or: aggregate(overload("boolean -> boolean", "bool_or($1)@")),
    every: aggregate(overload("boolean -> boolean", "bool_and($1)@")),
    array_agg: aggregate(overload("T -> array(T)", "array_agg($1)@")),
    listagg: aggregate(
        overload("varchar -> varchar", "string_agg($1, '')@"),
        overload("varchar, varchar -> varchar", "string_agg($1, $2)@"),
    ),
    // Exact: within the error that Athena's own answer has.
    approx_distinct: aggregate(
        plainOverload("T -> bigint", "count(DISTINCT $1)$T"),
        plainOverload("T, double -> bigint", "count(DISTINCT $1)$T"),
    ),
    approx_percentile: aggregate(
        overload("bigint, double -> bigint", percentile),
        overload("real, double -> real", percentile),
        overload("double, double -> double", percentile),
        overload("bigint, array(double) -> array(bigint)", percentiles),
        overload("real, array(double) -> array(real)", percentiles),
        overload("double, array(double) -> array(double)", percentiles),
    ),
    stddev: statistic("stddev_samp"),
    stddev_samp: statistic("stddev_samp"),
    stddev_pop: statistic("stddev_pop"),
    variance: statistic("var_samp"),
    var_samp: statistic("var_samp"),
    var_pop: statistic("var_pop"),
    corr: pair("corr"),
    covar_pop: pair("covar_pop"),
    covar_samp: pair("covar_samp"),
    regr_slope: pair("regr_slope"),
    regr_intercept: pair("regr_intercept"),

    row_number: ranking(overload("-> bigint", "row_number()@")),
    rank: ranking(overload("-> bigint", "rank()@")),
    dense_rank: ranking(overload("-> bigint", "dense_rank()@")),
    percent_rank: ranking(overload("-> double", "percent_rank()@")),
    cume_dist: ranking(overload("-> double", "cume_dist()@")),
    ntile: ranking(overload("bigint -> bigint", "ntile($1)@")),
    lag: value(
        overload("T -> T", "lag($1#)@"),
        overload("T, bigint -> T", "lag($1, $2#)@"),
        overload("T, bigint, T -> T", "lag($1, $2, $3#)@"),
    ),
    lead: value(
        overload("T -> T", "lead($1#)@"),
        overload("T, bigint -> T", "lead($1, $2#)@"),
        overload("T, bigint, T -> T", "lead($1, $2, $3#)@"),
    ),
    first_value: value(overload("T -> T", "first_value($1#)@")),
    last_value: value(overload("T -> T", "last_value($1#)@")),
    nth_value: value(overload("T, bigint -> T", "nth_value($1, $2#)@")),
};

/** The rows one after another; the second lambda, which joins the states of several servers, has nothing to do. */
function reduceAll(args: Arguments): string {
    const [, initial, step] = args.sql;
    const [type, state] = args.types;
    const list = fill(calls("array_agg($1)@"), args);
    const values = `list_filter(${list}, lambda v: v IS NOT NULL)`;
    return `CASE WHEN len(${values}) > 0 THEN ${reduce({ ...args, sql: [values, initial!, step!, "lambda l0: l0"], types: [array(type!), state!] })} END`;
}

/** Sum over count, rounded half up to the scale of the input, which DuckDB would make a double of. */
function averageDecimal(args: Arguments): string {
    const { precision, scale } = asDecimal(args.types[0]!);
    const quotient = `js_decimal_div(CAST(sum($1)@ AS VARCHAR), CAST(nullif(count($1)@, 0) AS VARCHAR), ${scale})`;
    return fill(calls(`CAST(${quotient} AS DECIMAL(${precision},${scale}))`), args);
}
