import { arrayFunctions } from "./array-functions";
import { bitFunctions } from "./bit-functions";
import { castSql, rounded } from "./casts";
import { notModelled, QueryError } from "./errors";
import { jodaFormat, jodaParseFormat, mysqlFormat, mysqlParseFormat } from "./formats";
import { mapFunctions } from "./map-functions";
import {
    type Arguments,
    type Emit,
    each,
    fill,
    macro,
    type Overload,
    overload,
    passes,
    rewritten,
    type ScalarFunction,
} from "./signatures";
import { textFunctions } from "./text-functions";
import { array, asDecimal, date, decimal, duckType, inUtc, type Type, timestamp, utc, varchar } from "./types";
import { checkZone, instant, local } from "./zones";

const whole = "tinyint smallint integer bigint";

/** What TRIM takes off. */
export const whitespace = "(chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ')";

const wall = (args: Arguments, index = 0): string => local(args.sql[index]!, args.types[index]!);

/** Pieces of a text. */
const parts = ([type]: Type[]): Type => array(type!);

/** A function of one double that is the same in both engines. */
const math = (name: string, sql = `${name}($1)`): ScalarFunction => passes(overload("double -> double", sql));

/**
 * The scalar functions that run here, each tested to give what Trino gives. What is not in this table is refused by name.
 * Forms with a syntax of their own (CASE, COALESCE, IF, NULLIF, TRY, CAST) are in `expressions.ts`.
 */
export const scalarFunctions: Record<string, ScalarFunction> = {
    // Numbers
    abs: passes(...each(`${whole} real double`, "N -> N", "abs($1)"), overload("decimal -> $1", "abs($1)")),
    ceil: passes(
        ...each(whole, "N -> N", "$1"),
        overload("real -> real", "ceil($1)"),
        overload("double -> double", "ceil($1)"),
        wholeDecimal("ceil"),
    ),
    floor: passes(
        ...each(whole, "N -> N", "$1"),
        overload("real -> real", "floor($1)"),
        overload("double -> double", "floor($1)"),
        wholeDecimal("floor"),
    ),
    round: macro(
        ...each(whole, "N -> N", "$1"),
        overload("real -> real", "CAST(t_round(CAST($1 AS DOUBLE), 0) AS FLOAT)"),
        overload("double -> double", "t_round($1, 0)"),
        wholeDecimal("round"),
        ...each(whole, "N, integer -> N", "CAST(t_round_whole($1, $2) AS N)"),
        overload("real, integer -> real", "CAST(t_round(CAST($1 AS DOUBLE), $2) AS FLOAT)"),
        overload("double, integer -> double", "t_round($1, $2)"),
        overload("decimal, integer -> decimal", roundDecimal, ([type]) => {
            const { precision, scale } = asDecimal(type!);
            return decimal(Math.min(38, precision + 1), scale);
        }),
    ),
    truncate: rewritten(
        ...each("real double", "N -> N", "trunc($1)"),
        overload("decimal -> decimal", "CASE WHEN $1 < 0 THEN ceil($1) ELSE floor($1) END", ([type]) => {
            const { precision, scale } = asDecimal(type!);
            return decimal(Math.max(1, precision - scale), 0);
        }),
        overload(
            "decimal, integer -> $1",
            ({ sql, types }) => `CAST(js_truncated(CAST(${sql[0]} AS VARCHAR), ${sql[1]}) AS ${duckType(types[0]!)})`,
        ),
    ),
    width_bucket: macro(
        overload("double, array(double) -> bigint", "t_bucket($1, $2)"),
        overload("double, double, double, bigint -> bigint", "t_width_bucket($1, $2, $3, $4)"),
    ),
    sinh: math("sinh"),
    cosh: math("cosh"),
    tanh: math("tanh"),
    from_base: macro(overload("varchar, bigint -> bigint", "CAST(js_from_base($1, $2) AS BIGINT)")),
    to_base: macro(overload("bigint, bigint -> varchar", "js_to_base($1, $2)")),
    sign: rewritten(
        ...each(whole, "N -> N", "CAST(sign($1) AS N)"),
        ...each("double real", "N -> N", "CASE WHEN isnan($1) THEN $1 ELSE sign($1) END"),
        overload("decimal -> decimal", "CAST(sign($1) AS DECIMAL(1,0))", () => decimal(1, 0)),
    ),
    sqrt: macro(overload("double -> double", "t_sqrt($1)")),
    ln: macro(overload("double -> double", "t_ln($1)")),
    log2: macro(overload("double -> double", "t_log2($1)")),
    log10: macro(overload("double -> double", "t_log10($1)")),
    log: macro(overload("double, double -> double", "(t_ln($2) / t_ln($1))")),
    cbrt: macro(overload("double -> double", "js_cbrt($1)")),
    exp: math("exp"),
    power: passes(overload("double, double -> double", "pow($1, $2)")),
    degrees: math("degrees"),
    radians: math("radians"),
    sin: macro(overload("double -> double", "t_finite(sin(CASE WHEN isinf($1) THEN 0 ELSE $1 END), $1)")),
    cos: macro(overload("double -> double", "t_finite(cos(CASE WHEN isinf($1) THEN 0 ELSE $1 END), $1)")),
    tan: macro(overload("double -> double", "t_finite(tan(CASE WHEN isinf($1) THEN 0 ELSE $1 END), $1)")),
    asin: macro(overload("double -> double", "t_unit(asin(CASE WHEN abs($1) > 1 THEN 0 ELSE $1 END), $1)")),
    acos: macro(overload("double -> double", "t_unit(acos(CASE WHEN abs($1) > 1 THEN 0 ELSE $1 END), $1)")),
    atan: math("atan"),
    atan2: passes(overload("double, double -> double", "atan2($1, $2)")),
    pi: passes(overload("-> double", "pi()")),
    e: rewritten(overload("-> double", "exp(1e0)")),
    nan: rewritten(overload("-> double", "CAST('NaN' AS DOUBLE)")),
    infinity: rewritten(overload("-> double", "CAST('Infinity' AS DOUBLE)")),
    is_nan: rewritten(overload("double -> boolean", "isnan($1)")),
    is_finite: rewritten(overload("double -> boolean", "isfinite($1)")),
    is_infinite: rewritten(overload("double -> boolean", "isinf($1)")),
    random: rewritten(
        overload("-> double", "random()"),
        ...each(whole, "N -> N", "CAST(floor(random() * $1) AS N)"),
        ...each(whole, "N, N -> N", "CAST($1 + floor(random() * ($2 - $1)) AS N)"),
    ),
    bitwise_and: rewritten(overload("bigint, bigint -> bigint", "($1 & $2)")),
    bitwise_or: rewritten(overload("bigint, bigint -> bigint", "($1 | $2)")),
    bitwise_xor: rewritten(overload("bigint, bigint -> bigint", "xor($1, $2)")),
    bit_count: macro(overload("bigint, bigint -> bigint", "js_bit_count($1, $2)")),
    bitwise_not: rewritten(overload("bigint -> bigint", "(~$1)")),

    // Text
    length: rewritten(overload("varchar -> bigint", "length($1)"), overload("varbinary -> bigint", "octet_length($1)")),
    codepoint: rewritten(overload("varchar -> integer", codepoint)),
    hamming_distance: macro(overload("varchar, varchar -> bigint", "js_hamming($1, $2)")),
    lower: macro(overload("varchar -> $1", "js_lower($1)")),
    upper: macro(overload("varchar -> $1", "js_upper($1)")),
    ltrim: rewritten(overload("varchar -> $1", `ltrim($1, ${whitespace})`)),
    rtrim: rewritten(overload("varchar -> $1", `rtrim($1, ${whitespace})`)),
    reverse: macro(overload("varchar -> $1", "js_reverse($1)"), overload("array(T) -> array(T)", "list_reverse($1)")),
    substr: macro(
        overload("varchar, bigint -> $1", "t_substr($1, $2)"),
        overload("varchar, bigint, bigint -> $1", "t_substr3($1, $2, $3)"),
        overload("varbinary, bigint -> varbinary", "unhex(t_substr(hex($1), t_hex_place($2)))"),
        overload("varbinary, bigint, bigint -> varbinary", "unhex(t_substr3(hex($1), t_hex_place($2), 2 * $3))"),
    ),
    normalize: macro(
        overload("varchar -> varchar", "js_normalize($1, 'NFC')"),
        overload("varchar, varchar -> varchar", "js_normalize($1, $2)"),
    ),
    strpos: macro(
        overload("varchar, varchar -> bigint", "CAST(strpos($1, $2) AS BIGINT)"),
        overload("varchar, varchar, bigint -> bigint", "js_strpos($1, $2, $3)"),
    ),
    starts_with: passes(overload("varchar, varchar -> boolean", "starts_with($1, $2)")),
    replace: rewritten(
        overload("varchar, varchar -> varchar", "replace($1, $2, '')"),
        overload("varchar, varchar, varchar -> varchar", replaceText),
    ),
    translate: passes(overload("varchar, varchar, varchar -> varchar", "translate($1, $2, $3)")),
    concat: rewritten(
        overload("varchar... -> varchar", ({ sql }) => `(${sql.join(" || ")})`),
        overload("varbinary... -> varbinary", ({ sql }) => `(${sql.join(" || ")})`),
        overload("array(T)... -> array(T)", ({ sql }) => concatLists(sql)),
    ),
    concat_ws: passes(overload("varchar, varchar... -> varchar", "concat_ws($*)")),
    lpad: macro(overload("varchar, bigint, varchar -> varchar", "lpad($1, t_pad_size($2), t_pad_text($3))")),
    rpad: macro(overload("varchar, bigint, varchar -> varchar", "rpad($1, t_pad_size($2), t_pad_text($3))")),
    split: macro(
        overload("varchar, varchar -> array(varchar)", "t_split($1, $2)", parts),
        overload("varchar, varchar, bigint -> array(varchar)", "js_split($1, $2, $3)", parts),
    ),
    split_part: macro(overload("varchar, varchar, bigint -> $1", "t_split_part($1, $2, $3)")),
    chr: passes(overload("bigint -> varchar", "chr(CAST($1 AS INTEGER))", () => ({ kind: "varchar", length: 1 }))),
    levenshtein_distance: macro(overload("varchar, varchar -> bigint", "js_levenshtein($1, $2)")),
    to_utf8: rewritten(overload("varchar -> varbinary", "encode($1)")),
    from_utf8: macro(
        overload("varbinary -> varchar", "js_decoded(hex($1), chr(65533))"),
        overload("varbinary, varchar -> varchar", "js_decoded(hex($1), $2)"),
    ),
    to_hex: rewritten(overload("varbinary -> varchar", "hex($1)")),
    from_hex: rewritten(overload("varchar -> varbinary", "unhex(t_checked($1, '([0-9A-Fa-f]{2})*', 'VARBINARY'))")),
    to_base64: passes(overload("varbinary -> varchar", "to_base64($1)")),
    to_base64url: rewritten(overload("varbinary -> varchar", "translate(to_base64($1), '+/', '-_')")),
    from_base64url: rewritten(overload("varchar -> varbinary", "from_base64(translate($1, '-_', '+/'))")),
    from_base64: passes(overload("varchar -> varbinary", "from_base64($1)")),
    md5: rewritten(overload("varbinary -> varbinary", "unhex(md5($1))")),
    sha1: rewritten(overload("varbinary -> varbinary", "unhex(sha1($1))")),
    sha512: macro(overload("varbinary -> varbinary", "unhex(js_sha512(hex($1)))")),
    crc32: macro(overload("varbinary -> bigint", "js_crc32(hex($1))")),
    sha256: rewritten(overload("varbinary -> varbinary", "unhex(sha256($1))")),
    url_encode: macro(overload("varchar -> varchar", "js_url_encode($1)")),
    url_decode: macro(overload("varchar -> varchar", "js_url_decode($1)")),
    ...urlExtract("protocol", "host", "path", "query", "fragment"),
    url_extract_port: macro(overload("varchar -> bigint", "CAST(js_url_extract($1, 'port') AS BIGINT)")),
    url_extract_parameter: macro(overload("varchar, varchar -> $1", "js_url_parameter($1, $2)")),

    // Regular expressions
    regexp_like: macro(overload("varchar, varchar -> boolean", "js_regexp_like($1, $2)")),
    regexp_extract: macro(
        overload("varchar, varchar -> $1", "js_regexp_extract($1, $2, 0)"),
        overload("varchar, varchar, bigint -> $1", "js_regexp_extract($1, $2, $3)"),
    ),
    regexp_extract_all: macro(
        overload("varchar, varchar -> array(varchar)", "js_regexp_extract_all($1, $2, 0)", parts),
        overload("varchar, varchar, bigint -> array(varchar)", "js_regexp_extract_all($1, $2, $3)", parts),
    ),
    regexp_replace: macro(
        overload("varchar, varchar -> $1", "js_regexp_replace($1, $2, '')"),
        overload("varchar, varchar, varchar -> varchar", "js_regexp_replace($1, $2, $3)"),
    ),
    regexp_split: macro(overload("varchar, varchar -> array(varchar)", "js_regexp_split($1, $2)", parts)),
    regexp_count: macro(overload("varchar, varchar -> bigint", "js_regexp_count($1, $2)")),
    regexp_position: macro(
        overload("varchar, varchar -> bigint", "js_regexp_position($1, $2, 1, 1)", () => ({ kind: "integer" })),
        overload("varchar, varchar, bigint -> bigint", "js_regexp_position($1, $2, $3, 1)", () => ({
            kind: "integer",
        })),
        overload("varchar, varchar, bigint, bigint -> bigint", "js_regexp_position($1, $2, $3, $4)", () => ({
            kind: "integer",
        })),
    ),

    // Time
    date: rewritten(
        ...wallTimes("date"),
        overload("varchar -> date", ({ sql, types }) => castSql(sql[0]!, types[0]!, date)),
    ),
    date_trunc: rewritten(...times("varchar", "$2", dateTrunc), overload("varchar, time -> $2", timeTrunc)),
    date_add: rewritten(...times("varchar, bigint", "$3", dateAdd)),
    date_diff: rewritten(
        overload("varchar, date, date -> bigint", dateDiff),
        overload("varchar, timestamp, timestamp -> bigint", dateDiff),
        overload("varchar, zoned, zoned -> bigint", dateDiff),
        overload("varchar, timestamp with time zone, timestamp with time zone -> bigint", dateDiff),
    ),
    date_format: rewritten(
        ...formatted("varchar", (args, format) => `strftime(${wall(args)}, ${text(mysqlFormat(format, args.at))})`),
    ),
    date_parse: rewritten(
        overload(
            "varchar, varchar -> timestamp",
            parsing(mysqlParseFormat, (sql) => rounded(sql, 6, 3, "make_timestamp")),
            () => timestamp,
        ),
    ),
    format_datetime: rewritten(
        ...formatted("varchar", (args, format) => `strftime(${wall(args)}, ${text(jodaFormat(format, args.at))})`),
    ),
    parse_datetime: rewritten(
        overload(
            "varchar, varchar -> zoned",
            parsing(jodaParseFormat, (sql) => instant(sql, "UTC")),
            () => utc,
        ),
    ),
    from_unixtime: rewritten(
        overload("double -> zoned", "make_timestamptz(CAST(floor($1 * 1000 + 0.5e0) AS BIGINT) * 1000)", () => utc),
    ),
    to_unixtime: rewritten(
        overload("timestamp -> double", "(epoch_us($1) / 1000000e0)"),
        overload("zoned -> double", "(epoch_us($1) / 1000000e0)"),
    ),
    from_iso8601_timestamp: macro(overload("varchar -> zoned", "make_timestamptz(js_iso_micros($1))", () => utc)),
    from_iso8601_date: macro(
        overload("varchar -> date", "CAST(t_checked($1, '\\d{4}-\\d\\d-\\d\\d', 'DATE') AS DATE)"),
    ),
    to_iso8601: rewritten(
        overload("date -> varchar", "CAST($1 AS VARCHAR)"),
        overload("timestamp -> varchar", isoText),
        overload("zoned -> varchar", isoText),
    ),
    last_day_of_month: rewritten(...wallTimes("last_day")),
    year: rewritten(...field("year")),
    quarter: rewritten(...field("quarter")),
    month: rewritten(...field("month")),
    week: rewritten(...field("week")),
    year_of_week: rewritten(...field("isoyear")),
    day: rewritten(...field("day")),
    day_of_week: rewritten(...field("isodow")),
    day_of_year: rewritten(...field("dayofyear")),
    hour: rewritten(...field("hour", "timestamp"), overload("time -> bigint", "CAST(hour($1) AS BIGINT)")),
    minute: rewritten(...field("minute", "timestamp"), overload("time -> bigint", "CAST(minute($1) AS BIGINT)")),
    second: rewritten(...field("second", "timestamp"), overload("time -> bigint", "CAST(second($1) AS BIGINT)")),
    millisecond: rewritten(
        ...field("millisecond", "timestamp"),
        overload("time -> bigint", "CAST(millisecond($1) % 1000 AS BIGINT)"),
    ),
    timezone_hour: rewritten(overload("zoned -> bigint", zoneOffset("// 60"))),
    timezone_minute: rewritten(overload("zoned -> bigint", zoneOffset("% 60"))),
    to_milliseconds: rewritten(overload("interval day to second -> bigint", "$1")),

    // JSON
    json_parse: macro(overload("varchar -> json", "js_json_parse($1)")),
    is_json_scalar: macro(...jsonOrText((input) => overload(`${input} -> boolean`, "js_json_is_scalar($1)"))),
    json_format: rewritten(overload("json -> varchar", "$1")),
    json_extract: macro(...jsonOrText((input) => overload(`${input}, varchar -> json`, "js_json_extract($1, $2)"))),
    json_extract_scalar: macro(
        ...jsonOrText((input) =>
            overload(`${input}, varchar -> varchar`, "js_json_scalar($1, $2)", ([type]) =>
                type!.kind === "varchar" ? type! : varchar,
            ),
        ),
    ),
    json_array_contains: macro(
        ...jsonOrText((input) => overload(`${input}, varchar -> boolean`, "js_json_contains($1, 's' || $2)")),
        ...jsonOrText((input) => overload(`${input}, boolean -> boolean`, "js_json_contains($1, 'b' || $2)")),
        ...jsonOrText((input) => overload(`${input}, bigint -> boolean`, "js_json_contains($1, 'n' || $2)")),
    ),
    json_array_get: macro(...jsonOrText((input) => overload(`${input}, bigint -> json`, "js_json_item($1, $2)"))),
    json_array_length: macro(...jsonOrText((input) => overload(`${input} -> bigint`, "js_json_length($1)"))),
    json_size: macro(...jsonOrText((input) => overload(`${input}, varchar -> bigint`, "js_json_size($1, $2)"))),

    // Arrays and maps
    cardinality: rewritten(
        overload("array(T) -> bigint", "len($1)"),
        overload("map(K, V) -> bigint", "CAST(cardinality($1) AS BIGINT)"),
    ),
    contains: macro(overload("array(T), T -> boolean", "t_contains($1, $2)")),
    element_at: macro(
        overload("array(T), bigint -> T", "t_element($1, $2)"),
        overload("map(K, V), K -> V", "map_extract_value($1, $2)"),
    ),
    array_join: rewritten(
        overload("array(varchar), varchar -> varchar", joined("$1")),
        overload(
            "array(varchar), varchar, varchar -> varchar",
            joined("list_transform($1, lambda e: coalesce(e, $3))"),
        ),
        overload("array(bigint), varchar -> varchar", joined("$1")),
    ),
    array_max: rewritten(
        overload(
            "array(T) -> T",
            "CASE WHEN len($1) = len(list_filter($1, lambda e: e IS NOT NULL)) THEN list_max($1) END",
        ),
    ),
    array_min: rewritten(
        overload(
            "array(T) -> T",
            "CASE WHEN len($1) = len(list_filter($1, lambda e: e IS NOT NULL)) THEN list_min($1) END",
        ),
    ),
    array_sort: rewritten(
        overload("array(T) -> array(T)", ({ sql, types }) => {
            // DuckDB's has no type where it sorts a constant NULL.
            return `CAST(list_sort(${sql[0]}, 'ASC', 'NULLS LAST') AS ${duckType(types[0]!)})`;
        }),
    ),
    array_position: rewritten(
        overload(
            "array(T), T -> bigint",
            "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END",
        ),
    ),
    array_remove: rewritten(
        overload(
            "array(T), T -> array(T)",
            "CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda e: e IS NULL OR e <> $2) END",
        ),
    ),
    slice: macro(overload("array(T), bigint, bigint -> array(T)", "t_slice($1, $2, $3)")),
    flatten: rewritten(overload("array(array(T)) -> array(T)", "flatten($1)")),
    sequence: rewritten(
        overload(
            "bigint, bigint -> array(bigint)",
            "CASE WHEN $2 >= $1 THEN generate_series($1, $2) ELSE generate_series($1, $2, -1) END",
        ),
        overload("bigint, bigint, bigint -> array(bigint)", "generate_series($1, $2, $3)"),
        overload(
            "date, date -> array(date)",
            "CAST(t_series($1, $2, to_days(CASE WHEN $2 < $1 THEN -1 ELSE 1 END)) AS DATE[])",
        ),
        overload(
            "date, date, interval day to second -> array(date)",
            "CAST(t_series($1, $2, to_milliseconds($3)) AS DATE[])",
        ),
        overload("date, date, interval year to month -> array(date)", "CAST(t_months($1, $2, $3) AS DATE[])"),
        overload(
            "timestamp, timestamp, interval day to second -> array(timestamp)",
            "t_series($1, $2, to_milliseconds($3))",
            parts,
        ),
        overload("timestamp, timestamp, interval year to month -> array(timestamp)", "t_months($1, $2, $3)", parts),
    ),
    filter: rewritten(overload("array(T), function(T, boolean) -> array(T)", "list_filter($1, $2)")),
    transform: rewritten(overload("array(T), function(T, U) -> array(U)", "list_transform($1, $2)")),
    any_match: macro(overload("array(T), function(T, boolean) -> boolean", "t_any(list_transform($1, $2))")),
    all_match: macro(overload("array(T), function(T, boolean) -> boolean", "t_all(list_transform($1, $2))")),
    none_match: macro(overload("array(T), function(T, boolean) -> boolean", "(NOT t_any(list_transform($1, $2)))")),
    map: rewritten(overload("array(K), array(V) -> map(K, V)", "map($1, $2)"), overload("-> map(K, V)", "map()")),
    map_keys: passes(overload("map(K, V) -> array(K)", "map_keys($1)")),
    map_values: passes(overload("map(K, V) -> array(V)", "map_values($1)")),
    ...arrayFunctions,
    ...mapFunctions,
    ...bitFunctions,
    ...textFunctions,
};

for (const [alias, name] of Object.entries({
    ...{ ceiling: "ceil", pow: "power", rand: "random", substring: "substr", day_of_month: "day", dow: "day_of_week" },
    ...{ doy: "day_of_year", yow: "year_of_week", week_of_year: "week" },
}))
    scalarFunctions[alias] = scalarFunctions[name]!;

/** The text of a literal argument; its value must be known before the run. */
export function constant({ constants, at }: Arguments, index: number, what: string): string {
    const value = constants[index];
    if (value === undefined) throw notModelled(`${what} that is not a literal`, at);
    return value;
}

function text(value: string): string {
    return `'${value.replaceAll("'", "''")}'`;
}

// Numbers and text

function wholeDecimal(name: string): Overload {
    return overload("decimal -> decimal", `${name}($1)`, ([type]) => {
        const { precision, scale } = asDecimal(type!);
        return decimal(Math.min(38, precision - scale + Math.min(scale, 1)), 0);
    });
}

function roundDecimal(args: Arguments): string {
    const { precision, scale } = asDecimal(args.types[0]!);
    const digits = Number(constant(args, 1, "a number of digits"));
    return `CAST(round(${args.sql[0]}, ${digits}) AS DECIMAL(${Math.min(38, precision + 1)},${scale}))`;
}

function replaceText({ sql: [subject, search, replacement] }: Arguments): string {
    return `CASE WHEN ${search} = '' THEN js_regexp_replace(${subject}, '', replace(replace(${replacement}, '\\', '\\\\'), '$', '\\$')) ELSE replace(${subject}, ${search}, ${replacement}) END`;
}

function codepoint({ sql: [text], types: [type], at }: Arguments): string {
    if (type!.kind === "varchar" && type!.length === 1) return `CAST(unicode(${text}) AS INTEGER)`;
    throw notModelled("codepoint of another type than varchar(1)", at);
}

function joined(list: string): Emit {
    return (args) => {
        constant(args, 1, "a separator");
        return fill(`CASE WHEN $1 IS NOT NULL THEN coalesce(array_to_string(${list}, $2), '') END`, args);
    };
}

function concatLists(lists: string[]): string {
    const [first, ...rest] = lists;
    return rest.reduce(
        (left, right) =>
            `CASE WHEN ${left} IS NOT NULL AND ${right} IS NOT NULL THEN list_concat(${left}, ${right}) END`,
        first!,
    );
}

function urlExtract(...parts: string[]): Record<string, ScalarFunction> {
    return Object.fromEntries(
        parts.map((part) => [`url_extract_${part}`, macro(overload("varchar -> $1", `js_url_extract($1, '${part}')`))]),
    );
}

function jsonOrText(make: (input: string) => Overload): Overload[] {
    return [make("json"), make("varchar")];
}

// Time

/** Microseconds of the units that have one length. */
const fixedUnits: Record<string, number> = {
    millisecond: 1e3,
    second: 1e6,
    minute: 6e7,
    hour: 3.6e9,
    day: 8.64e10,
    week: 6.048e11,
};
const monthUnits: Record<string, number> = { month: 1, quarter: 3, year: 12 };

/** Overloads for a date, a timestamp and a timestamp with time zone behind `before`. */
function times(before: string, result: string, emit: Emit): Overload[] {
    return ["date", "timestamp", "zoned"].map((type) => overload(`${before}, ${type} -> ${result}`, emit));
}

function wallTimes(name: string): Overload[] {
    const emit: Emit = (args) => (name === "date" ? `CAST(${wall(args)} AS DATE)` : `${name}(${wall(args)})`);
    return ["date", "timestamp", "zoned"].map((type) => overload(`${type} -> date`, emit));
}

function field(name: string, from = "date"): Overload[] {
    const emit: Emit = (args) => `CAST(${name}(${wall(args)}) ${name === "millisecond" ? "% 1000 " : ""}AS BIGINT)`;
    return (from === "date" ? ["date", "timestamp", "zoned"] : ["timestamp", "zoned"]).map((type) =>
        overload(`${type} -> bigint`, emit),
    );
}

/** Formatting a time with a format that is a literal. */
function formatted(result: string, emit: (args: Arguments, format: string) => string): Overload[] {
    return ["timestamp", "zoned"].map((type) =>
        overload(`${type}, varchar -> ${result}`, (args) => emit(args, constant(args, 1, "a date format"))),
    );
}

function parsing(translate: (format: string, at: number) => string, finish: (sql: string) => string): Emit {
    return (args) => {
        const format = translate(constant(args, 1, "a date format"), args.at);
        // A year before all else: DuckDB's dates begin in 1900 where a format has none, Trino's in 1970.
        const [prefix, value] = /%Y/.test(format) ? ["", args.sql[0]!] : ["%Y ", `('1970 ' || ${args.sql[0]})`];
        return finish(`strptime(${value}, ${text(prefix + format)})`);
    };
}

function unitOf(args: Arguments, type: Type): string {
    const unit = constant(args, 0, "a unit of time").toLowerCase();
    const known = unit in fixedUnits || unit in monthUnits;
    if (!known || (type.kind === "date" && ["millisecond", "second", "minute", "hour"].includes(unit)))
        throw new QueryError(
            "INVALID_FUNCTION_ARGUMENT",
            `'${unit}' is not a valid ${type.kind === "date" ? "DATE" : "Timestamp"} field`,
            args.at,
        );
    return unit;
}

function dateTrunc(args: Arguments): string {
    const type = args.types[1]!;
    const unit = unitOf(args, type);
    if (type.kind === "date") return `CAST(date_trunc('${unit}', ${args.sql[1]}) AS DATE)`;
    const cut = `date_trunc('${unit}', ${wall(args, 1)})`;
    return type.kind === "timestamp with time zone" ? instant(cut, type.zone) : cut;
}

function timeTrunc(args: Arguments): string {
    const unit = constant(args, 0, "a unit of time").toLowerCase();
    if (!["millisecond", "second", "minute", "hour"].includes(unit))
        throw new QueryError("INVALID_FUNCTION_ARGUMENT", `'${unit}' is not a valid TIME field`, args.at);
    return `CAST(date_trunc('${unit}', DATE '2000-01-01' + ${args.sql[1]}) AS TIME)`;
}

function dateAdd(args: Arguments): string {
    const type = args.types[2]!;
    const unit = unitOf(args, type);
    const [, count, time] = args.sql;
    const step =
        unit in monthUnits
            ? `to_months(CAST(${count} * ${monthUnits[unit]} AS INTEGER))`
            : `to_microseconds(${count} * ${fixedUnits[unit]})`;
    if (type.kind === "date") return `CAST(${time} + ${step} AS DATE)`;
    // Months and days of a zoned time are those of its wall clock.
    if (type.kind === "timestamp with time zone" && (unit in monthUnits || fixedUnits[unit]! >= fixedUnits.day!))
        return instant(`(${wall(args, 2)} + ${step})`, type.zone);
    const moved = `(${time} + ${step})`;
    if (unit !== "millisecond" || !("precision" in type)) return moved;
    return rounded(moved, 3, type.precision, type.kind === "timestamp" ? "make_timestamp" : "make_timestamptz");
}

function dateDiff(args: Arguments): string {
    const unit = unitOf(args, args.types[1]!);
    const zones = args.types.flatMap((type) =>
        type.kind === "timestamp with time zone" && type.zone !== "UTC" ? [type.zone] : [],
    );
    if (zones.length > 0 && !(fixedUnits[unit]! < fixedUnits.day!))
        throw notModelled(`date_diff by ${unit} in the time zone ${zones[0]}`, args.at);
    const [from, to] = [instantly(args, 1), instantly(args, 2)];
    if (unit in monthUnits) return `CAST(date_sub('${unit}', ${from}, ${to}) AS BIGINT)`;
    return `((t_floor_ms(epoch_us(${to})) - t_floor_ms(epoch_us(${from}))) // ${fixedUnits[unit]! / 1000})`;
}

/** A time as a TIMESTAMP of UTC. */
function instantly(args: Arguments, index: number): string {
    return local(args.sql[index]!, inUtc(args.types[index]!));
}

function isoText(args: Arguments): string {
    const type = args.types[0] as Type & { precision: number };
    const fraction = type.precision === 0 ? "" : ".%f";
    const formatted = `strftime(${wall(args)}, '%Y-%m-%dT%H:%M:%S${fraction}')`;
    const cut = type.precision === 0 || type.precision === 6 ? formatted : `left(${formatted}, ${type.precision - 6})`;
    if (type.kind !== "timestamp with time zone") return cut;
    if (type.zone !== "UTC" && !/^[+-]/.test(type.zone))
        throw notModelled(`to_iso8601 in the zone ${type.zone}`, args.at);
    return `(${cut} || '${type.zone === "UTC" ? "Z" : type.zone}')`;
}

/** `AT TIME ZONE`: the same instant, seen in another zone. */
export function atTimeZone(sql: string, type: Type, zone: string, at: number): { sql: string; type: Type } {
    const name = checkZone(zone, at);
    if (type.kind === "timestamp with time zone") return { sql, type: { ...type, zone: name } };
    if (type.kind !== "timestamp")
        throw new QueryError(
            "TYPE_MISMATCH",
            "Type of value must be a time or timestamp with or without time zone",
            at,
        );
    return {
        sql: instant(sql, "UTC"),
        type: { kind: "timestamp with time zone", precision: type.precision, zone: name },
    };
}

/** A part of the minutes that the wall clock of the zone is ahead of UTC. */
function zoneOffset(part: string): Emit {
    return (args) => `CAST(epoch_ms(${wall(args)} - ${local(args.sql[0]!, utc)}) // 60000 AS BIGINT) ${part}`;
}

/** Functions whose result has a zone that an argument names. */
export const zoneFunctions: Record<
    string,
    (sql: string, type: Type, zone: string, at: number) => { sql: string; type: Type }
> = {
    at_timezone: atTimeZone,
    with_timezone: (sql, type, zone, at) => {
        const name = checkZone(zone, at);
        if (type.kind !== "timestamp") throw new QueryError("TYPE_MISMATCH", "with_timezone takes a timestamp", at);
        return {
            sql: instant(sql, name),
            type: { kind: "timestamp with time zone", precision: type.precision, zone: name },
        };
    },
    from_unixtime: (sql, _, zone, at) => ({
        sql: `make_timestamptz(CAST(floor(${sql} * 1000 + 0.5e0) AS BIGINT) * 1000)`,
        type: { kind: "timestamp with time zone", precision: 3, zone: checkZone(zone, at) },
    }),
};
