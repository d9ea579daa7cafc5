import fc from "fast-check";

/** A column of a relation in FROM. */
interface Column {
    sql: string;
    type: Kind;
}

type Kind = "integer" | "bigint" | "double" | "decimal" | "varchar" | "boolean" | "date" | "timestamp" | "array";

const kinds: Kind[] = ["integer", "bigint", "double", "decimal", "varchar", "boolean", "date", "timestamp", "array"];

/** Columns of the lake's tables that random queries use. */
const tables: Record<string, Record<string, Kind>> = {
    reading: {
        ...{ id: "integer", name: "varchar", flag: "boolean", i64: "bigint", f64: "double", money: "decimal" },
        ...{ day: "date", at: "timestamp", nums: "array", event_id: "varchar", arrival_hour: "varchar" },
    },
    sale: {
        ...{ sku: "varchar", qty: "integer", price: "decimal", customer: "bigint", region: "varchar" },
        ...{ sold_on: "date", sold_at: "timestamp", marks: "array", hour: "varchar" },
    },
    product: { sku: "varchar", title: "varchar", weight: "double", run_date: "varchar" },
    folder: { k: "varchar", v: "bigint", day: "varchar" },
};

const literals: Record<Kind, string[]> = {
    integer: ["0", "1", "-3", "7", "100", "CAST(NULL AS integer)"],
    bigint: ["BIGINT '5'", "3000000000", "CAST(NULL AS bigint)"],
    double: ["0e0", "1.5e0", "-2.5e0", "1e10", "CAST(NULL AS double)"],
    decimal: ["0.05", "1.5", "-2.25", "99.99", "CAST(NULL AS decimal(10, 2))"],
    varchar: ["''", "'a'", "'bob'", "' x '", "'12'", "'2026'", "CAST(NULL AS varchar)"],
    boolean: ["true", "false", "CAST(NULL AS boolean)"],
    date: ["DATE '2026-11-21'", "DATE '2024-02-29'", "CAST(NULL AS date)"],
    timestamp: ["TIMESTAMP '2026-11-21 00:30:00.500'", "TIMESTAMP '1969-12-31 23:59:59.999'"],
    array: ["ARRAY[1, 2, NULL]", "ARRAY[7]", "CAST(NULL AS array(integer))", "CAST(ARRAY[] AS array(integer))"],
};

/** Forms of expressions by their type: `@i` and the like stand for an expression of another type. */
const forms: Record<Kind, string[]> = {
    integer: [
        ...["(@i + @i)", "(@i - @i)", "(@i / 7)", "(@i % 5)", "abs(@i)", "(- @i)", "if(@o, @i, @i)", "nullif(@i, @i)"],
        ...[
            "try_cast(@b AS integer)",
            "try_cast(@d AS integer)",
            "greatest(@i, @i)",
            "coalesce(@i, @i)",
            "element_at(@a, -1)",
        ],
        ...["element_at(@a, 2)", "array_max(@a)", "try_cast(@v AS integer)", "CASE WHEN @o THEN @i END"],
        ...["reduce(@a, 0, (s, x) -> s + coalesce(x, 0), s -> s)", "try(@i / (@i - 3))", "array_min(@a)", "mod(@i, 4)"],
        ...["element_at(MAP(ARRAY['a'], ARRAY[@i]), @v)", "ROW(@i, @v)[1]", "CAST(@o AS integer)"],
        ...["CAST(ROW(@i, @v) AS ROW(n integer, s varchar)).n", "CASE @i WHEN 1 THEN @i ELSE 0 END"],
        "reduce(@a, @i, (s, x) -> coalesce(x, s), s -> s)",
    ],
    bigint: [
        ...["(@b + @i)", "(@b - @i)", "length(@v)", "cardinality(@a)", "year(@t)", "month(@t)", "day_of_week(@t)"],
        ...[
            "week(@p)",
            "hour(@p)",
            "date_diff('day', @t, @t)",
            "date_diff('hour', @p, @p)",
            "date_diff('month', @t, @t)",
        ],
        ...[
            "strpos(@v, @v)",
            "coalesce(@b, @b)",
            "least(@b, @i)",
            "try_cast(@c AS bigint)",
            "sign(@b)",
            "bitwise_and(@i, @b)",
        ],
        ...["date_diff('week', @t, @t)", "date_diff('second', @p, @p)", "quarter(@t)", "minute(@p)", "day_of_year(@t)"],
        ...["bitwise_xor(@i, @i)", "regexp_count(@v, '[a-z]')", "mod(@b, 7)", "crc32(to_utf8(@v))", "year_of_week(@t)"],
        ...["array_position(@a, @i)", "levenshtein_distance(@v, @v)", "round(@b, -1)"],
    ],
    // No functions whose last digit is that of a library: a text made of it would show it.
    double: [
        ...["(@d + @i)", "(@d / @d)", "(@d * @c)", "sqrt(abs(@d))", "round(@d)", "floor(@d)", "CAST(@c AS double)"],
        ...["if(@o, @d, @d)", "CAST(@i AS double)", "power(@i, 2)", "to_unixtime(@p)", "coalesce(@d, @d)", "abs(@d)"],
        ...["truncate(@d)", "mod(@d, 7)", "round(@d, 1)", "ceil(@d)"],
        ...["try_cast(@v AS double)", "greatest(@d, @d)", "nullif(@d, @d)", "sign(@d)"],
    ],
    decimal: [
        ...[
            "(@c + @c)",
            "(@c - @i)",
            "abs(@c)",
            "round(@c)",
            "ceil(@c)",
            "try_cast(@i AS decimal(12, 2))",
            "coalesce(@c, @c)",
        ],
        ...[
            "if(@o, @c, @c)",
            "greatest(@c, @i)",
            "(@c * 2)",
            "(@c / 3)",
            "try_cast(@c AS decimal(20, 3))",
            "(- @c)",
            "(@c % 7)",
        ],
    ],
    varchar: [
        ...["(@v || @v)", "upper(@v)", "substr(@v, @i, 2)", "trim(@v)", "CAST(@i AS varchar)", "CAST(@c AS varchar)"],
        ...["CAST(@t AS varchar)", "CAST(@p AS varchar)", "CAST(@d AS varchar)", "CAST(@o AS varchar)", "reverse(@v)"],
        ...["coalesce(@v, @v)", "replace(@v, 'b', 'xx')", "if(@o, @v, @v)", "date_format(@p, '%Y/%m/%d %H')"],
        ...[
            "regexp_replace(@v, '[aeiou]', '*')",
            "split_part(@v, 'b', 1)",
            "json_format(CAST(@a AS json))",
            "lpad(@v, 4, '.')",
        ],
        ...["format('%s-%d', @v, @i)", "rpad(@v, 6, 'x')", "translate(@v, 'abc', 'xyz')", "to_hex(to_utf8(@v))"],
        ...["url_encode(@v)", "date_format(@t, '%W %j %y')", "format_datetime(@p, 'yyyy-MM-dd HH:mm')", "typeof(@d)"],
        ...["CASE @v WHEN 'a' THEN @v ELSE 'z' END", "regexp_extract(@v, '([a-z])(.)', 2)", "split(@v, 'b')[1]"],
        ...["json_extract_scalar(json_format(CAST(ROW(@i, @v) AS json)), '$[1]')", "json_format(CAST(@c AS json))"],
        ...["array_join(@a, ',')", "concat_ws('-', @v, @v)", "regexp_extract(@v, '[a-z]+')"],
    ],
    // Trino 476 keeps NULLs where it filters whole numbers by a list that holds a NULL, and what it makes of rows with
    // NULLs in a list depends on whether the list is constant.
    boolean: [
        ...["(@i = @i)", "(@i < @b)", "(@d > @d)", "(@c <= @c)", "(@v = @v)", "(@v < @v)", "(@t < @t)", "(@p >= @p)"],
        ...["(@o AND @o)", "(@o OR @o)", "(NOT @o)", "(@i IS NULL)", "(@v IS NOT NULL)", "(@i BETWEEN @i AND @b)"],
        ...["(@i IN (coalesce(@i, 3), 1, 2))", "(@v LIKE '%b%')", "(@i IS DISTINCT FROM @b)", "contains(@a, @i)"],
        ...[
            "regexp_like(@v, '^[a-c]')",
            "any_match(@a, x -> x > @i)",
            "(@d IS DISTINCT FROM @d)",
            "starts_with(@v, 'b')",
        ],
        ...["(@t IN (@t, DATE '2026-11-21'))", "is_nan(@d)", "(@p BETWEEN @p AND @p)", "arrays_overlap(@a, @a)"],
        ...["all_match(@a, x -> x < @i)", "(@v LIKE '_b%')", "(@d IN (@d, 1))", "(@c BETWEEN @c AND @i)"],
        ...[
            "(ROW(@i, @v) = ROW(@i, @v))",
            "none_match(@a, x -> x = @i)",
            "((coalesce(@i, 0), coalesce(@v, '')) IN ((1, 'bob'), (coalesce(@i, 1), coalesce(@v, 'a'))))",
        ],
        ...["(@v NOT IN ('a', 'bob'))", "(@c <> @i)", "(@t = CAST(@p AS date))", "(@v BETWEEN 'a' AND @v)"],
    ],
    date: [
        ...["date_add('day', @i, @t)", "date_trunc('month', @t)", "CAST(@p AS date)", "(@t + INTERVAL '1' MONTH)"],
        ...[
            "last_day_of_month(@t)",
            "date_trunc('quarter', @t)",
            "(@t - INTERVAL '3' DAY)",
            "date(@p)",
            "try_cast(CAST(@t AS varchar) AS date)",
            "if(@o, @t, @t)",
            "coalesce(@t, @t)",
            "least(@t, @t)",
            "date_add('month', @i, @t)",
        ],
    ],
    timestamp: [
        ...["date_trunc('hour', @p)", "(@p + INTERVAL '90' MINUTE)", "date_add('second', @i, @p)", "coalesce(@p, @p)"],
        ...[
            "date_trunc('week', @p)",
            "date_trunc('minute', @p)",
            "(@p - INTERVAL '2' MONTH)",
            "CAST(CAST(@p AS varchar) AS timestamp)",
            "date_add('millisecond', @i, @p)",
            "date_parse(date_format(@p, '%Y-%m-%d'), '%Y-%m-%d')",
            "if(@o, @p, @p)",
            "greatest(@p, @p)",
            "CAST(@t AS timestamp)",
            "date_add('month', @i, @p)",
        ],
    ],
    array: [
        ...[
            "filter(@a, x -> x > @i)",
            "transform(@a, x -> x + 1)",
            "(@a || @i)",
            "array_distinct(@a)",
            "array_sort(@a)",
        ],
        ...["slice(@a, 1, 2)", "reverse(@a)", "coalesce(@a, @a)", "if(@o, @a, @a)", "array_union(@a, @a)"],
        ...[
            "array_intersect(@a, @a)",
            "zip_with(@a, @a, (x, y) -> x - y)",
            "flatten(ARRAY[@a, @a])",
            "sequence(1, 3)",
            "repeat(@i, 2)",
            "map_values(MAP(ARRAY['a', 'b'], ARRAY[@i, @i]))",
            "transform(@a, x -> if(@o, x, @i))",
            "CAST(json_parse(json_format(CAST(@a AS json))) AS array(integer))",
            "array_sort(array_distinct(@a))",
            "array_except(@a, @a)",
            "array_remove(@a, @i)",
            "ARRAY[@i, @i]",
            "concat(@a, @a)",
        ],
    ],
};

const places: Record<string, Kind> = {
    ...{ i: "integer", b: "bigint", d: "double", c: "decimal", v: "varchar" },
    ...{ o: "boolean", t: "date", p: "timestamp", a: "array" },
};

/** Aggregates that give one answer whatever the order of the rows. */
const aggregates = [
    ...[
        "count(*)",
        "count(@v)",
        "sum(@i)",
        "sum(@b)",
        "sum(@c)",
        "min(@i)",
        "max(@v)",
        "min(@t)",
        "max(@p)",
        "avg(@c)",
    ],
    ...["count(DISTINCT @v)", "bool_and(@o)", "bool_or(@o)", "count_if(@o)", "max(@d)", "min(@c)", "avg(@i)"],
    ...["sum(@i) FILTER (WHERE @o)", "count(*) FILTER (WHERE @o)", "max_by(@v, id_)", "min_by(@i, id_)"],
    ...["array_agg(@v ORDER BY id_)", "cardinality(array_agg(@i))", "approx_distinct(CAST(@o AS varchar))"],
];

const windows = [
    ...[
        "row_number() OVER (ORDER BY id_)",
        "rank() OVER (PARTITION BY @o ORDER BY @i)",
        "dense_rank() OVER (ORDER BY @v)",
    ],
    ...[
        "lag(@i) OVER (PARTITION BY @o ORDER BY id_)",
        "lead(@v, 2) OVER (ORDER BY id_)",
        "sum(@i) OVER (ORDER BY id_)",
    ],
    ...[
        "count(*) OVER (PARTITION BY @v)",
        "max(@c) OVER (ORDER BY id_ ROWS 3 PRECEDING)",
        "ntile(3) OVER (ORDER BY id_)",
    ],
    ...["first_value(@v) OVER (PARTITION BY @o ORDER BY id_)", "sum(@c) OVER (PARTITION BY @o ORDER BY id_)"],
    ...["min(@t) OVER (ORDER BY id_ ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)", "percent_rank() OVER (ORDER BY @i)"],
    ...[
        "avg(@i) OVER (PARTITION BY @v)",
        "nth_value(@i, 2) OVER (ORDER BY id_)",
        "lag(@d, 1, 0e0) OVER (ORDER BY id_)",
    ],
];

/** An expression of a type over columns, not deeper than `depth`. */
function expression(kind: Kind, columns: Column[], depth: number): fc.Arbitrary<string> {
    const own = columns.filter(({ type }) => type === kind).map(({ sql }) => sql);
    const leaves = [fc.constantFrom(...literals[kind]), ...(own.length > 0 ? [fc.constantFrom(...own)] : [])];
    const leaf =
        own.length > 0
            ? fc.oneof({ arbitrary: leaves[0]!, weight: 1 }, { arbitrary: leaves[1]!, weight: 4 })
            : leaves[0]!;
    if (depth === 0) return leaf;
    const form = fc.constantFrom(...forms[kind]).chain((text) => filled(text, columns, depth - 1));
    return fc.oneof({ arbitrary: leaf, weight: 1 }, { arbitrary: form, weight: 2 });
}

/** A form with expressions in its places. */
function filled(form: string, columns: Column[], depth: number): fc.Arbitrary<string> {
    const found = form.split(/@([ibdcvotpa])/);
    const inner = found
        .filter((_, index) => index % 2 === 1)
        .map((place) => expression(places[place]!, columns, depth));
    return fc
        .tuple(...inner)
        .map((values) => found.map((part, index) => (index % 2 === 1 ? values[(index - 1) / 2] : part)).join(""));
}

function anyExpression(columns: Column[], depth: number): fc.Arbitrary<string> {
    return fc.constantFrom(...kinds).chain((kind) => expression(kind, columns, depth));
}

/** A relation, its columns, and an expression that tells its rows apart and orders them. */
interface From {
    sql: string;
    columns: Column[];
    key: string;
}

const keys: Record<string, string> = {
    reading: "$.id",
    sale: "$.event_id",
    product: "($.run_date || coalesce($.sku, ''))",
    folder: "($.day || $.k)",
};

function table(name: string, alias: string): From {
    const columns = Object.entries(tables[name]!).map(([column, type]) => ({ sql: `${alias}.${column}`, type }));
    return { sql: `${name} ${alias}`, columns, key: keys[name]!.replaceAll("$", alias) };
}

const oneTable = fc.constantFrom(...Object.keys(tables));

function joined(type: string, left: From, right: From, on: string): From {
    return {
        sql: `${left.sql} ${type} JOIN ${right.sql} ON ${on}`,
        columns: [...left.columns, ...right.columns],
        key: `(coalesce(CAST(${left.key} AS varchar), '-') || '/' || coalesce(CAST(${right.key} AS varchar), '-'))`,
    };
}

const join: fc.Arbitrary<From> = fc
    .tuple(oneTable, oneTable, fc.constantFrom("JOIN", "LEFT", "RIGHT", "FULL"))
    .chain(([left, right, type]) => {
        const [a, b] = [table(left, "a"), table(right, "b")];
        const pairs = a.columns.flatMap((x) =>
            b.columns.filter((y) => y.type === x.type && x.type !== "array").map((y) => `${x.sql} = ${y.sql}`),
        );
        const extra =
            type === "FULL"
                ? fc.constant("")
                : fc.oneof(
                      fc.constant(""),
                      expression("boolean", b.columns, 1).map((sql) => ` AND ${sql}`),
                  );
        return fc
            .tuple(fc.constantFrom(...pairs), extra)
            .map(([on, more]) => joined(type === "JOIN" ? "INNER" : type, a, b, on + more));
    });

const unnested: fc.Arbitrary<From> = fc.constantFrom("reading", "sale").map((name) => {
    const from = table(name, "a");
    const list = name === "reading" ? "a.nums" : "a.marks";
    return {
        sql: `${from.sql} CROSS JOIN UNNEST(${list}) WITH ORDINALITY AS u(element, place)`,
        columns: [...from.columns, { sql: "u.element", type: "integer" }, { sql: "u.place", type: "bigint" }],
        key: `(CAST(${from.key} AS varchar) || '/' || CAST(u.place AS varchar))`,
    };
});

const derived: fc.Arbitrary<From> = oneTable.chain((name) => {
    const inner = table(name, "z");
    return fc
        .tuple(
            expression("integer", inner.columns, 2),
            expression("varchar", inner.columns, 2),
            expression("boolean", inner.columns, 1),
        )
        .map(([x, y, where]) => ({
            sql: `(SELECT ${inner.key} AS k_, ${x} AS x, ${y} AS y FROM ${inner.sql} WHERE ${where} OR true) q`,
            columns: [
                { sql: "q.x", type: "integer" as Kind },
                { sql: "q.y", type: "varchar" as Kind },
            ],
            key: "q.k_",
        }));
});

const from: fc.Arbitrary<From> = fc.oneof(
    { arbitrary: oneTable.map((name) => table(name, "a")), weight: 5 },
    { arbitrary: join, weight: 3 },
    { arbitrary: unnested, weight: 1 },
    { arbitrary: derived, weight: 1 },
);

const keyed = (sql: string, { key }: From) => sql.replaceAll("id_", key);

/** Rows of a relation. */
const rows: fc.Arbitrary<string> = from.chain((source) => {
    const window = fc.constantFrom(...windows).chain((form) => filled(form, source.columns, 1));
    const item = fc.oneof({ arbitrary: anyExpression(source.columns, 3), weight: 4 }, { arbitrary: window, weight: 1 });
    return fc
        .tuple(fc.array(item, { minLength: 1, maxLength: 4 }), where(source), tail(source))
        .map(([items, condition, end]) =>
            keyed(`SELECT ${items.join(", ")} FROM ${source.sql}${condition}${end}`, source),
        );
});

function where({ columns }: From): fc.Arbitrary<string> {
    const subquery = fc.constantFrom(
        ...["EXISTS (SELECT 1 FROM sale s WHERE s.customer = @i)", "@i IN (SELECT customer FROM sale WHERE qty > 2)"],
        ...[
            "@b NOT IN (SELECT v FROM folder)",
            "@i > (SELECT min(qty) FROM sale)",
            "@b = ANY (SELECT id FROM reading)",
        ],
    );
    return fc.oneof(
        fc.constant(""),
        expression("boolean", columns, 2).map((sql) => ` WHERE ${sql}`),
        subquery.chain((form) => filled(form, columns, 0)).map((sql) => ` WHERE ${sql}`),
    );
}

function tail({ key }: From): fc.Arbitrary<string> {
    return fc.oneof(
        fc.constant(""),
        fc.constantFrom(` ORDER BY ${key}`, ` ORDER BY ${key} DESC LIMIT 7`, ` ORDER BY ${key} OFFSET 3 LIMIT 5`),
    );
}

/** Groups of a relation. */
const groups: fc.Arbitrary<string> = from.chain((source) => {
    const keyKinds: Kind[] = ["integer", "varchar", "boolean", "date"];
    const key = (depth: number) =>
        fc.constantFrom(...keyKinds).chain((kind) => expression(kind, source.columns, depth));
    const columns = source.columns.filter(({ type }) => keyKinds.includes(type)).map(({ sql }) => sql);
    const aggregate = fc.constantFrom(...aggregates).chain((form) => filled(form, source.columns, 1));
    // Trino takes nothing but columns within these.
    const setsOfKeys = fc.constantFrom("ROLLUP ($)", "CUBE ($)", "GROUPING SETS (($), ())");
    const grouping = fc.oneof(
        fc.tuple(fc.array(key(1), { maxLength: 2 }), fc.constant("$")),
        fc.tuple(fc.uniqueArray(fc.constantFrom(...columns), { minLength: 1, maxLength: 2 }), setsOfKeys),
    );
    const having = fc.constantFrom("", "", " HAVING count(*) > 1", " HAVING max(id_) IS NOT NULL");
    return fc
        .tuple(grouping, fc.array(aggregate, { minLength: 1, maxLength: 3 }), having, where(source))
        .map(([[by, clause], values, condition, filter]) => {
            const group = by.length > 0 ? ` GROUP BY ${clause.replace("$", keysOf(by, clause))}` : "";
            const items = [...by, ...values].join(", ");
            return keyed(`SELECT ${items} FROM ${source.sql}${filter}${group}${condition}`, source);
        });
});

/** Plain keys by their places, columns of grouping sets by their names. */
function keysOf(by: string[], clause: string): string {
    return (clause === "$" ? by.map((_, index) => index + 1) : by).join(", ");
}

/** Rows of two queries. */
const sets: fc.Arbitrary<string> = fc
    .tuple(
        oneTable,
        oneTable,
        fc.constantFrom("UNION", "UNION ALL", "INTERSECT", "EXCEPT"),
        fc.constantFrom(...kinds.filter((kind) => kind !== "array" && kind !== "double")),
    )
    .chain(([left, right, operator, kind]) =>
        fc
            .tuple(expression(kind, table(left, "a").columns, 1), expression(kind, table(right, "b").columns, 1))
            .map(([x, y]) => `SELECT ${x} FROM ${left} a ${operator} SELECT ${y} FROM ${right} b`),
    );

/** A query that Trino types without complaint; it may still fail as it runs. */
export const randomQuery: fc.Arbitrary<string> = fc.oneof(
    { arbitrary: rows, weight: 6 },
    { arbitrary: groups, weight: 4 },
    { arbitrary: sets, weight: 1 },
);
