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

CREATE MACRO t_year_text(y, plus) AS CASE WHEN y < 0 THEN '-' WHEN y > 9999 THEN plus ELSE '' END
    || CASE WHEN abs(y) > 9999 THEN CAST(abs(y) AS VARCHAR) ELSE lpad(CAST(abs(y) AS VARCHAR), 4, '0') END;
CREATE MACRO t_date_text(d) AS t_year_text(year(d), '') || strftime(d, '-%m-%d');

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
CREATE MACRO t_round(x, n) AS CASE WHEN isnan(x) OR abs(x * pow(10, n)) >= 9e18 THEN x WHEN x = 0 THEN 0 ELSE round(x * pow(10, n)) / pow(10, n) END;
CREATE MACRO t_round_whole(x, n) AS CASE WHEN n >= 0 THEN x WHEN n < -18 THEN 0
    ELSE sign(x) * ((abs(CAST(x AS HUGEINT)) + CAST(pow(10, -n) AS HUGEINT) // 2) // CAST(pow(10, -n) AS HUGEINT) * CAST(pow(10, -n) AS HUGEINT)) END;
CREATE MACRO t_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO t_unit(f, x) AS CASE WHEN x < -1 OR x > 1 THEN CAST('NaN' AS DOUBLE) ELSE f END;
CREATE MACRO t_finite(f, x) AS CASE WHEN isinf(x) THEN CAST('NaN' AS DOUBLE) ELSE f END;

CREATE MACRO t_dot(a, b) AS coalesce(list_sum(list_transform(list_zip(a, b), lambda z: coalesce(z[1], 0) * coalesce(z[2], 0))), 0);
CREATE MACRO t_distance(a, b) AS sqrt(coalesce(list_sum(list_transform(list_zip(a, b), lambda z: pow(coalesce(z[1], 0) - coalesce(z[2], 0), 2))), 0));
CREATE MACRO t_cosine(a, b) AS CASE WHEN len(list_filter(list_concat(a, b), lambda e: e IS NULL)) > 0 THEN NULL
    WHEN t_dot(a, a) = 0 OR t_dot(b, b) = 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: Vector magnitude cannot be zero')
    ELSE t_dot(a, b) / (sqrt(t_dot(a, a)) * sqrt(t_dot(b, b))) END;

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

CREATE MACRO t_distinct(a) AS list_filter(a, lambda e, i: len(list_filter(a[1:i - 1], lambda f: f IS NOT DISTINCT FROM e)) = 0);
CREATE MACRO t_intersect(a, b) AS t_distinct(list_filter(a, lambda e: len(list_filter(b, lambda f: f IS NOT DISTINCT FROM e)) > 0));
CREATE MACRO t_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL
    WHEN len(list_filter(a, lambda e: e IS NOT NULL AND len(list_filter(b, lambda f: f = e)) > 0)) > 0 THEN true
    WHEN len(a) > 0 AND len(b) > 0 AND len(list_filter(list_concat(a, b), lambda e: e IS NULL)) > 0 THEN NULL ELSE false END;

CREATE MACRO t_first_entries(pairs) AS list_transform([list_sort(list_transform(list_filter(pairs, lambda e: (e).k IS NOT NULL),
    lambda e, i: struct_pack(k := (e).k, i := i, v := (e).v)))],
    lambda s: map_from_entries(list_transform(list_filter(s, lambda e, i: i = 1 OR (e).k IS DISTINCT FROM (s[i - 1]).k),
        lambda e: struct_pack(k := (e).k, v := (e).v))))[1];
CREATE MACRO t_multimap(pairs) AS map_from_entries(list_transform(t_distinct(list_transform(pairs, lambda e: (e).k)),
    lambda x: struct_pack(k := x, v := list_transform(list_filter(pairs, lambda e: (e).k IS NOT DISTINCT FROM x), lambda e: (e).v))));
CREATE MACRO t_map_concat(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN
    map_from_entries(list_concat(map_entries(b), list_filter(map_entries(a), lambda e: NOT map_contains(b, (e).key)))) END;
CREATE MACRO t_split_to_map(s, d, p) AS map_from_entries(list_transform(list_filter(string_split(s, d), lambda e: e <> ''),
    lambda e: struct_pack(k := CASE WHEN contains(e, p) THEN split_part(e, p, 1)
        ELSE CAST(t_fail('INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. Bad input: ' || e) AS VARCHAR) END,
        v := substr(e, length(split_part(e, p, 1)) + length(p) + 1))));

CREATE MACRO t_series(a, b, step) AS CASE WHEN a = b THEN [CAST(a AS TIMESTAMP)] WHEN (a < b) <> (step > INTERVAL 0 DAY)
    THEN t_fail('INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start')
    ELSE generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), step) END;
CREATE MACRO t_months(a, b, months) AS list_filter(list_transform(generate_series(0, date_diff('month', CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP)), months),
    lambda n: CAST(a AS TIMESTAMP) + to_months(CAST(n AS INTEGER))), lambda t: (months > 0 AND t <= b) OR (months < 0 AND t >= b));
CREATE MACRO t_width_bucket(x, low, high, n) AS CASE WHEN n <= 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: bucketCount must be greater than 0')
    WHEN isnan(x) THEN t_fail('INVALID_FUNCTION_ARGUMENT: operand must not be NaN')
    WHEN low = high THEN t_fail('INVALID_FUNCTION_ARGUMENT: bounds cannot equal each other')
    WHEN low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 ELSE CAST(floor(n * ((x - low) / (high - low)) + 1) AS BIGINT) END
    ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1 ELSE CAST(floor(n * ((low - x) / (low - high)) + 1) AS BIGINT) END END;

CREATE MACRO t_hex_place(start) AS CASE WHEN start > 0 THEN 2 * start - 1 ELSE 2 * start END;
CREATE MACRO t_bucket(x, bins) AS CASE WHEN len(bins) = 0 THEN t_fail('INVALID_FUNCTION_ARGUMENT: Bins cannot be an empty array')
    WHEN isnan(x) THEN t_fail('INVALID_FUNCTION_ARGUMENT: Operand cannot be NaN') ELSE len(list_filter(bins, lambda b: b <= x)) END;
`;
