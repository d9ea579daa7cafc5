import { type Arguments, fill, type Overload, overload as plainOverload } from "./signatures";
import { asDecimal, decimal, type Type } from "./types";

/** The element that Trino's digests give where they hold every value. */
const percentile =
    "list_sort(array_agg($1)@, 'ASC', 'NULLS LAST')[CAST(least(floor(any_value($2)@ * count($1)@) + 1, count($1)@) AS BIGINT)]";

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
    sql.replace(/\(([^()]*|[^()]*\([^()]*\)[^()]*)\)@/g, (_, inside) => `($D${inside}$O)$T`).replaceAll("#", "$N");

const overload = (signature: string, sql: string, returns?: (types: Type[]) => Type): Overload =>
    plainOverload(signature, calls(sql), returns);

const aggregate = (...overloads: Overload[]): Aggregate => ({ overloads });
const ranking = (...overloads: Overload[]): Aggregate => ({ overloads, windowOnly: true });
const value = (...overloads: Overload[]): Aggregate => ({ overloads, windowOnly: true, nulls: true });
const statistic = (name: string): Aggregate => aggregate(overload("double -> double", `${name}($1)@`));
const pair = (name: string): Aggregate => aggregate(overload("double, double -> double", `${name}($1, $2)@`));

/** NaN is no extreme for Trino unless there is nothing else. */
const extreme = (name: string): Aggregate =>
    aggregate(
        overload("double -> double", `coalesce(${name}(t_nonan($1))@, ${name}($1)@)`),
        overload("real -> real", `coalesce(${name}(t_nonan($1))@, ${name}($1)@)`),
        overload("T -> T", `${name}($1)@`),
    );

/** The aggregates and window functions that run here, each tested to give what Trino gives. */
export const aggregates: Record<string, Aggregate> = {
    count: aggregate(overload("-> bigint", "count(*)@"), overload("T -> bigint", "count($1)@")),
    count_if: aggregate(overload("boolean -> bigint", "CAST(count_if($1)@ AS BIGINT)")),
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
    min_by: aggregate(overload("T, U -> T", "arg_min_null($1, $2)@")),
    max_by: aggregate(overload("T, U -> T", "arg_max_null($1, $2)@")),
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
        overload("double, double -> double", percentile),
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

/** Sum over count, rounded half up to the scale of the input, which DuckDB would make a double of. */
function averageDecimal(args: Arguments): string {
    const { precision, scale } = asDecimal(args.types[0]!);
    const quotient = `js_decimal_div(CAST(sum($1)@ AS VARCHAR), CAST(nullif(count($1)@, 0) AS VARCHAR), ${scale})`;
    return fill(calls(`CAST(${quotient} AS DECIMAL(${precision},${scale}))`), args);
}
