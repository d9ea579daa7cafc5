/**
 * What DuckDB does differently from Trino, as macros. `t_fail` ends the run with a message where it is reached: a cast that
 * fails, in a value without a type. DuckDB's own `error()` may not stand in TRY, and a condition that fails would already
 * do so while the statement is planned. Functions named `js_…` are in `udfs.ts`.
 */
export const macros = `
CREATE MACRO t_fail(message) AS [NULL][CAST(message AS BIGINT)];
CREATE MACRO t_div(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL THEN t_fail('DIVISION_BY_ZERO: Division by zero') ELSE a // b END;
CREATE MACRO t_mod(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL THEN t_fail('DIVISION_BY_ZERO: Division by zero') ELSE a % b END;
CREATE MACRO t_fmod(a, b) AS CASE WHEN isnan(a) OR isnan(b) OR isinf(a) OR b = 0 THEN CAST('NaN' AS DOUBLE) + a * 0 + b * 0 WHEN isinf(b) THEN a ELSE a % b END;
CREATE MACRO t_isnan(a, b) AS isnan(a) OR isnan(b);
CREATE MACRO t_unordered(a, b, answer) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE answer END;
CREATE MACRO t_eq(a, b) AS CASE WHEN t_isnan(a, b) THEN t_unordered(a, b, false) ELSE a = b END;
CREATE MACRO t_ne(a, b) AS CASE WHEN t_isnan(a, b) THEN t_unordered(a, b, true) ELSE a <> b END;
CREATE MACRO t_lt(a, b) AS CASE WHEN t_isnan(a, b) THEN t_unordered(a, b, false) ELSE a < b END;
CREATE MACRO t_le(a, b) AS CASE WHEN t_isnan(a, b) THEN t_unordered(a, b, false) ELSE a <= b END;
CREATE MACRO t_gt(a, b) AS CASE WHEN t_isnan(a, b) THEN t_unordered(a, b, false) ELSE a > b END;
CREATE MACRO t_ge(a, b) AS CASE WHEN t_isnan(a, b) THEN t_unordered(a, b, false) ELSE a >= b END;
CREATE MACRO t_nonan(x) AS CASE WHEN isnan(x) THEN NULL ELSE x END;

CREATE MACRO t_round_us(us, step) AS CASE WHEN us >= 0 THEN (us + step // 2) // step * step ELSE (us + 1 - step // 2) // step * step END;
CREATE MACRO t_whole_days(ms) AS CASE WHEN ms % 86400000 = 0 THEN ms ELSE t_fail('INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date') END;
CREATE MACRO t_floor_ms(us) AS (us - ((us % 1000) + 1000) % 1000) // 1000;

CREATE MACRO t_to_boolean(s) AS CASE lower(s) WHEN 't' THEN true WHEN 'true' THEN true WHEN '1' THEN true
    WHEN 'f' THEN false WHEN 'false' THEN false WHEN '0' THEN false
    ELSE CASE WHEN s IS NOT NULL THEN t_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || s || ''' to BOOLEAN') END END;
CREATE MACRO t_checked(s, pattern, name) AS CASE WHEN regexp_full_match(s, pattern) THEN s
    ELSE CAST(t_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || s || ''' to ' || name) AS VARCHAR) END;

CREATE MACRO t_fitting(s, size) AS CASE WHEN length(s) > size
    THEN CAST(t_fail('INVALID_CAST_ARGUMENT: Value ' || s || ' cannot be represented as varchar(' || size || ')') AS VARCHAR) ELSE s END;

CREATE MACRO t_substr(s, start) AS CASE WHEN start > 0 THEN substr(s, start) WHEN start = 0 OR -start > length(s) THEN left(s, 0)
    ELSE substr(s, length(s) + start + 1) END;
CREATE MACRO t_substr3(s, start, size) AS CASE WHEN size <= 0 THEN left(s, 0) ELSE left(t_substr(s, start), size) END;
CREATE MACRO t_split(s, delimiter) AS CASE WHEN delimiter = '' THEN t_fail('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string')
    ELSE string_split(s, delimiter) END;
CREATE MACRO t_split_part(s, delimiter, i) AS CASE WHEN i < 1 THEN t_fail('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero')
    WHEN delimiter = '' THEN t_fail('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string')
    ELSE string_split(s, delimiter)[i] END;
CREATE MACRO t_pad_size(n) AS CASE WHEN n < 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: Target length must be in the range [0..2147483647]') ELSE CAST(n AS INTEGER) END;
CREATE MACRO t_pad_text(p) AS CASE WHEN p = '' THEN CAST(t_fail('INVALID_FUNCTION_ARGUMENT: Padding string must not be empty') AS VARCHAR) ELSE p END;

CREATE MACRO t_ln(x) AS CASE WHEN x > 0 THEN ln(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END;
CREATE MACRO t_log2(x) AS CASE WHEN x > 0 THEN log2(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END;
CREATE MACRO t_log10(x) AS CASE WHEN x > 0 THEN log10(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END;
CREATE MACRO t_round(x, n) AS CASE WHEN isnan(x) OR abs(x * pow(10, n)) >= 9e18 THEN x ELSE round(x * pow(10, n)) / pow(10, n) END;
CREATE MACRO t_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO t_unit(f, x) AS CASE WHEN x < -1 OR x > 1 THEN CAST('NaN' AS DOUBLE) ELSE f END;
CREATE MACRO t_finite(f, x) AS CASE WHEN isinf(x) THEN CAST('NaN' AS DOUBLE) ELSE f END;

CREATE MACRO t_subscript(a, i) AS CASE
    WHEN i = 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')
    WHEN i < 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || i)
    WHEN i > len(a) THEN t_fail('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: ' || i || ' > ' || len(a))
    ELSE a[i] END;
CREATE MACRO t_element(a, i) AS CASE WHEN i = 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') ELSE a[i] END;
CREATE MACRO t_map_subscript(m, k, name) AS CASE WHEN m IS NULL OR k IS NULL THEN NULL
    WHEN NOT map_contains(m, k) THEN t_fail('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || name) ELSE map_extract_value(m, k) END;
CREATE MACRO t_slice(a, start, size) AS CASE
    WHEN start = 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')
    WHEN size < 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0')
    WHEN abs(start) > len(a) OR size = 0 THEN a[1:0]
    WHEN start > 0 THEN a[start:start + size - 1] ELSE a[len(a) + start + 1:len(a) + start + size] END;
CREATE MACRO t_contains(a, x) AS CASE WHEN list_contains(a, x) THEN true WHEN x IS NULL OR a IS NULL THEN NULL
    WHEN len(a) > len(list_filter(a, lambda e: e IS NOT NULL)) THEN NULL ELSE false END;
CREATE MACRO t_any(a) AS CASE WHEN a IS NULL THEN NULL WHEN list_contains(a, true) THEN true WHEN len(list_filter(a, lambda e: e IS NULL)) > 0 THEN NULL ELSE false END;
CREATE MACRO t_all(a) AS CASE WHEN a IS NULL THEN NULL WHEN list_contains(a, false) THEN false WHEN len(list_filter(a, lambda e: e IS NULL)) > 0 THEN NULL ELSE true END;
`;
