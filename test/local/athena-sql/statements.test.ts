import { expect } from "chai";
import { aggregates } from "../../../local/athena-sql/aggregates";
import { scalarFunctions, zoneFunctions } from "../../../local/athena-sql/functions";
import { tokenize } from "../../../local/athena-sql/syntax/lexer";
import { expressions, failingQueries, failures, queries } from "./cases";
import { now, run, value } from "./support";

/** Trino gives texts made of literals a length that only their description shows. */
const withoutLengths = (type: string) =>
    type
        .toLowerCase()
        .replace(/varchar\(\d+\)/g, "varchar")
        .replaceAll(/[\s"]/g, "");

describe("Statements, as Trino answers them", () => {
    for (const [expression, type, text] of expressions)
        it(expression, async () => {
            const { rows, columns, reason } = await run(`select ${expression}`);

            expect(reason).to.equal(undefined);
            expect(rows).to.deep.equal([[text]]);
            expect(withoutLengths(columns![0]!.type)).to.equal(withoutLengths(type));
        });

    for (const [query, rows] of queries)
        it(query, async () => {
            expect(await run(query)).to.deep.include({ rows });
        });

    for (const [expression, reason] of failures)
        it(`${expression} fails`, async () => {
            expect(await run(`select ${expression}`)).to.deep.equal({ reason });
        });

    for (const [query, reason] of failingQueries)
        it(`${query} fails`, async () => {
            expect(await run(query)).to.deep.equal({ reason });
        });
});

describe("Statements over columns", () => {
    it("give what they give over literals", async () => {
        let compared = 0;
        for (const [expression, , text] of expressions) {
            const query = overColumns(expression);
            const { rows, reason } = await run(query);
            // What must be a literal is refused; all else must not depend on being one.
            if (
                reason &&
                /^(NOT_SUPPORTED|TYPE_MISMATCH: .*subscript|FUNCTION_NOT_FOUND|EXPRESSION_NOT_AGGREGATE)/.test(reason)
            )
                continue;
            expect(rows ?? reason, query).to.deep.equal([[text]]);
            compared++;
        }

        expect(compared).to.be.greaterThan(480);
    });

    it("do not fail where a failing part is not reached", async () => {
        const { rows } = await run(
            `SELECT x FROM (VALUES (1, 0, 'a'), (2, 1, '2'), (3, NULL, '3')) t(x, y, s)
             WHERE CASE WHEN y = 0 THEN false ELSE x / y > 0 END
                OR (y <> 0 AND 1 / y > 5) OR (y = 0 OR x % y = 7) AND if(y = 0, true, CAST(s AS int) > 2) ORDER BY 1`,
        );

        expect(rows).to.deep.equal([["1"], ["2"]]);
        const selected = await run(
            "SELECT y <> 0 AND 1 / y > 0, y = 0 OR 1 / y > 0 FROM (VALUES 0, 1, NULL) t(y) ORDER BY y",
        );
        expect(selected.rows).to.deep.equal([
            ["false", "true"],
            ["true", "true"],
            [null, null],
        ]);
    });
});

/** The expression with its literals in columns. */
function overColumns(expression: string): string {
    const tokens = tokenize(expression);
    const literals: string[] = [];
    let query = "";
    let end = 0;
    const column = (literal: string) => `p${literals.push(literal)}`;
    for (const [i, token] of tokens.entries()) {
        const before = tokens[i - 1];
        const typed =
            before?.kind === "word" && /^(date|timestamp|time|decimal|real|double|bigint|json)$/i.test(before.text);
        const fixed =
            before?.kind === "word" &&
            !/^(in|and|between|like|then|else|when|case|from|or|not|leading|trailing|both)$/i.test(before.text);
        const length = /\b(decimal|varchar|timestamp|time)\s*\(\s*(\d+\s*,\s*)?$/i.test(expression.slice(0, token.at));
        const interval = /interval\s*[-+]?\s*$/i.test(expression.slice(0, token.at));
        query += expression.slice(end, token.at);
        end = token.end;
        const text = expression.slice(token.at, token.end);
        if (token.kind === "string" && typed)
            query = query.slice(0, query.lastIndexOf(before.text)) + column(`${before.text} ${text}`);
        else if (
            ["integer", "decimal", "double", "string", "binary"].includes(token.kind) &&
            !fixed &&
            !length &&
            !interval
        )
            query += column(text);
        else query += text;
    }
    if (literals.length === 0) return `SELECT ${expression}`;
    return `SELECT ${query} FROM (VALUES (${literals.join(", ")})) AS p(${literals.map((_, i) => `p${i + 1}`).join(", ")})`;
}

describe("Functions", () => {
    it("each have a case above", () => {
        const text = JSON.stringify([expressions, queries]);

        const untested = [
            ...Object.keys(scalarFunctions),
            ...Object.keys(aggregates),
            ...Object.keys(zoneFunctions),
        ].filter((name) => !new RegExp(`\\b${name}\\s*\\(`, "i").test(text));

        expect(untested).to.deep.equal([]);
    });

    for (const call of ["word_stem('a')", "nosuch(1)", "hasOwnProperty(1)", "constructor(1)", "approx_set(1)"])
        it(`refuse ${call} by name and place`, async () => {
            const [name] = call.split("(");

            expect(await value(call)).to.equal(
                `NOT_SUPPORTED: line 1:8: function ${name!.toLowerCase()} is not modelled locally`,
            );
        });

    it("take the time from the runtime's clock", async () => {
        const { rows } = await run(
            "SELECT now(), current_timestamp, localtimestamp, current_date, localtime, current_timestamp(0), localtimestamp(1)",
        );

        expect(new Date(now).toISOString()).to.equal("2026-11-21T04:05:06.789Z");
        expect(rows).to.deep.equal([
            [
                "2026-11-21 04:05:06.789 UTC",
                "2026-11-21 04:05:06.789 UTC",
                "2026-11-21 04:05:06.789",
                "2026-11-21",
                "04:05:06.789",
                "2026-11-21 04:05:06.000 UTC",
                "2026-11-21 04:05:06.700",
            ],
        ]);
    });

    it("count distinct values exactly where Athena estimates", async () => {
        const { rows } = await run("SELECT approx_distinct(x) FROM UNNEST(sequence(1, 5000)) AS t(x)");

        expect(rows).to.deep.equal([["5000"]]);
    });
});

describe("What is not modelled", () => {
    const cases: [string, string][] = [
        ["SELECT * FROM (VALUES 1) t(x) TABLESAMPLE BERNOULLI (10)", "1:31: TABLESAMPLE"],
        ["SELECT 1 FETCH FIRST 1 ROW WITH TIES", "1:28: FETCH FIRST … WITH TIES"],
        ["WITH RECURSIVE t(n) AS (SELECT 1) SELECT * FROM t", "1:6: WITH RECURSIVE"],
        ["SELECT * FROM TABLE(f(1))", "1:15: a table function"],
        ["SELECT json_value('{}', 'lax $.a')", "1:8: function json_value"],
        ["SELECT x FROM (VALUES 1) t(x) GROUP BY DISTINCT x", "1:40: GROUP BY DISTINCT"],
        [
            "SELECT listagg(x, ',' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY x) FROM (VALUES 'a') t(x)",
            "1:23: LISTAGG … ON OVERFLOW",
        ],
        ["SELECT count(x) IGNORE NULLS FROM (VALUES 1) t(x)", "1:8: IGNORE NULLS of count"],
        ["SELECT current_time", "1:8: current_time"],
        ["SELECT current_timestamp(6)", "1:8: current_timestamp(6)"],
        ["SELECT CAST('a' AS char(3))", "1:20: type char"],
        [
            "SELECT CAST(x AS timestamp(9)) FROM (VALUES '2020-01-01') t(x)",
            "1:18: type timestamp(9): more than 6 digits of a second",
        ],
        ["SELECT date_format(now(), x) FROM (VALUES '%Y') t(x)", "1:8: a date format that is not a literal"],
        ["SELECT now() AT TIME ZONE x FROM (VALUES 'UTC') t(x)", "1:14: a time zone that is not a literal"],
        [
            "SELECT at_timezone(now(), x) FROM (VALUES 'UTC') t(x)",
            "1:8: at_timezone with a time zone that is not a literal",
        ],
        ["SELECT date_parse('1', '%D')", "1:8: %D in date_parse"],
        ["SELECT parse_datetime('20', 'yy')", "1:8: the pattern 'yy' in parse_datetime"],
        [
            "SELECT date_diff('day', now() AT TIME ZONE 'Europe/Paris', now() AT TIME ZONE 'Europe/Paris')",
            "1:8: date_diff by day in the time zone Europe/Paris",
        ],
        ["SELECT to_iso8601(now() AT TIME ZONE 'Europe/Paris')", "1:8: to_iso8601 in the zone Europe/Paris"],
        ["SELECT 1e0 > ALL (SELECT 1e0)", "1:12: a comparison with ALL over double"],
        ["SELECT codepoint('ab')", "1:8: codepoint of another type than varchar(1)"],
        ["SELECT x FROM (VALUES ARRAY[1]) t(x) ORDER BY x", "1:47: ordering by array(integer)"],
        ["SELECT max(x) FROM (VALUES ARRAY[1]) t(x)", "1:8: max of array(integer)"],
        [
            "SELECT sum(DISTINCT x) OVER () FROM (VALUES 1) t(x)",
            "1:8: DISTINCT in the parameters of the window function sum",
        ],
        ["SELECT format('%e', 1e0)", "1:8: %e of double in format"],
        ["SELECT format('%s', now())", "1:8: %s of timestamp(3) with time zone in format"],
        ["SELECT format('%1$s', 'a')", "1:8: the pattern '%1$s' in format"],
        ["SELECT format(x, 1) FROM (VALUES '%d') t(x)", "1:8: a pattern of format that is not a literal"],
        [
            "SELECT sum(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1e0) t(x)",
            "1:46: a window frame of RANGE over double",
        ],
        ["SELECT table_name FROM information_schema.tables", "1:24: information_schema"],
        ["SELECT ARRAY[1] IN (SELECT ARRAY[1])", "1:17: IN (subquery) over array(integer)"],
        ["SELECT count(*) FROM (VALUES map(ARRAY[1], ARRAY[1])) t(m) GROUP BY m", "1:69: GROUP BY of a map"],
        ["SELECT CAST(json '{}' AS map(bigint, bigint))", "1:8: CAST of json to map(bigint, bigint)"],
        ["SELECT regexp_like('a', '[a&&b]')", "a nested character class in the pattern '[a&&b]'"],
        ["SELECT regexp_like('a', '[]a]')", "a character class that begins with ] in the pattern '[]a]'"],
        ["SELECT regexp_like('a', '[\\S]')", "\\S in a character class"],
        [
            "SELECT from_iso8601_timestamp('2020-01-01T00:00:00+02:00')",
            "from_iso8601_timestamp with the offset +02:00 (other than UTC)",
        ],
        [
            "SELECT if(true, now(), now() AT TIME ZONE 'Europe/Paris')",
            "mixing the time zones UTC and Europe/Paris in one expression",
        ],
    ];
    for (const [statement, what] of cases)
        it(`is refused by name: ${statement}`, async () => {
            const place = /^\d+:\d+: /.test(what) ? "line " : "";

            expect(await run(statement, statement.includes("?") ? ["1"] : [])).to.deep.equal({
                reason: `NOT_SUPPORTED: ${place}${what} is not modelled locally`,
            });
        });
});

describe("Parameters", () => {
    const cases: [string, string | null][] = [
        ["'it''s'", "it's"],
        ["'ü 👍 %'", "ü 👍 %"],
        ["'back\\slash'", "back\\slash"],
        ["-1.5", "-1.5"],
        ["+2", "2"],
        ["9223372036854775807", "9223372036854775807"],
        ["1e3", "1000.0"],
        ["true", "true"],
        ["NULL", null],
        ["DATE '2026-11-21'", "2026-11-21"],
        ["TIMESTAMP '2026-11-21 04:00:00'", "2026-11-21 04:00:00.000"],
        ["INTERVAL '1' DAY", "1 00:00:00.000"],
        ["X'6162'", "61 62"],
    ];
    for (const [parameter, text] of cases)
        it(`${parameter} is bound as a literal`, async () => {
            expect(await run("SELECT ?", [parameter])).to.deep.include({ rows: [[text]] });
        });

    for (const parameter of ["x", "1 + 1", "'a' || 'b'", "now()", "(SELECT 1)", "'open", "1; DROP TABLE t", "-'a'", ""])
        it(`${parameter || "an empty text"} is refused: it is no literal`, async () => {
            expect(await run("SELECT ?", [parameter])).to.deep.equal({
                reason: `INVALID_PARAMETER_USAGE: Execution parameter 1 is not a literal: ${parameter}`,
            });
        });

    it("stand for the question marks in order, and not for those in texts", async () => {
        const { rows } = await run("SELECT x, '?' FROM (VALUES 1, 2, 3) t(x) WHERE x > ? AND x < ? -- ?", ["1", "3"]);

        expect(rows).to.deep.equal([["2", "?"]]);
    });

    it("must be as many as question marks", async () => {
        expect(await run("SELECT ?, ?", ["1"])).to.deep.equal({
            reason: "INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected 2 but found 1",
        });
    });
});
