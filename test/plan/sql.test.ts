import { expect } from "chai";
import fc from "fast-check";
import { parseSql, type SqlPiece } from "../../plan";
import { SyntaxProblem } from "../../plan/problems";

/** A query's parts; fails where there is a problem. */
function parse(sql: string) {
    return parseSql(sql, (message) => {
        throw new Error(message);
    });
}

/** The problems of a query, in order. */
function problemsOfSql(sql: string): string[] {
    const problems: string[] = [];
    try {
        parseSql(sql, (message) => problems.push(message));
    } catch (error) {
        expect(error).to.be.instanceOf(SyntaxProblem);
        problems.push((error as SyntaxProblem).message);
    }
    return problems;
}

/** The pieces as one text, with `<new>` or `<new alias>` for the predicate. */
const joined = (pieces: SqlPiece[]) =>
    pieces
        .map((piece) =>
            typeof piece === "string" ? piece : `<${["new", piece.newData.qualifier].filter(Boolean).join(" ")}>`,
        )
        .join("");

describe("a query's SQL", () => {
    describe("compiled", () => {
        it("is itself where it has no parameters", () => {
            const word = fc.constantFrom(
                "a",
                "'it''s :new_data'",
                '":new_data"',
                "-- :new_data ?\n",
                "/* :x; */",
                "1",
                "+",
                "(b)",
            );
            fc.assert(
                fc.property(fc.array(word), (words) => {
                    const sql = `SELECT ${words.join(" ")} FROM t`;

                    const { pieces, newData } = parse(sql);

                    expect(pieces).to.deep.equal([sql]);
                    expect(newData).to.deep.equal([]);
                }),
            );
        });

        for (const [title, sql, compiled] of [
            ["WHERE alone", "SELECT * FROM t WHERE :new_data", "SELECT * FROM t WHERE <new>"],
            ["before a comment", "SELECT * FROM t WHERE :new_data-- all", "SELECT * FROM t WHERE <new>-- all"],
            [
                "beside others",
                "SELECT a FROM t WHERE a > 1 AND :new_data GROUP BY a",
                "SELECT a FROM t WHERE a > 1 AND <new> GROUP BY a",
            ],
            [
                "with NOT and OR",
                "SELECT a FROM t WHERE NOT :new_data OR :new_data",
                "SELECT a FROM t WHERE NOT <new> OR <new>",
            ],
            [
                "in parentheses",
                "SELECT a FROM t WHERE (:new_data OR a > 1) AND b",
                "SELECT a FROM t WHERE (<new> OR a > 1) AND b",
            ],
            [
                "with an alias",
                "SELECT * FROM t AS d WHERE :new_data(d) AND 1=1",
                "SELECT * FROM t AS d WHERE <new d> AND 1=1",
            ],
            ["with an alias and spaces", "SELECT * FROM t d WHERE :new_data ( D )", "SELECT * FROM t d WHERE <new D>"],
            ["with a quoted alias", 'SELECT * FROM t "D" WHERE :new_data("D")', 'SELECT * FROM t "D" WHERE <new "D">'],
            [
                "in a subquery",
                "SELECT * FROM (SELECT * FROM t WHERE :new_data) x",
                "SELECT * FROM (SELECT * FROM t WHERE <new>) x",
            ],
            [
                "in WITH",
                "WITH x AS (SELECT * FROM t WHERE :new_data) SELECT * FROM x",
                "WITH x AS (SELECT * FROM t WHERE <new>) SELECT * FROM x",
            ],
            [
                "in both of a UNION",
                "SELECT 1 FROM t WHERE :new_data UNION ALL SELECT 2 FROM t WHERE :new_data",
                "SELECT 1 FROM t WHERE <new> UNION ALL SELECT 2 FROM t WHERE <new>",
            ],
            [
                "behind IS DISTINCT FROM",
                "SELECT a FROM t WHERE a IS DISTINCT FROM b AND :new_data",
                "SELECT a FROM t WHERE a IS DISTINCT FROM b AND <new>",
            ],
            [
                "behind EXTRACT and TRIM",
                "SELECT extract(day FROM a) FROM t WHERE trim(BOTH ' ' FROM b) = '' AND :new_data",
                "SELECT extract(day FROM a) FROM t WHERE trim(BOTH ' ' FROM b) = '' AND <new>",
            ],
            [
                "beside columns called window, limit and offset",
                "SELECT window FROM t WHERE window > 1 AND limit > 1 AND offset > 1 AND :new_data",
                "SELECT window FROM t WHERE window > 1 AND limit > 1 AND offset > 1 AND <new>",
            ],
            [
                "beside its own name in quotes",
                `SELECT ':new_data', ":new_data" FROM t WHERE :new_data`,
                `SELECT ':new_data', ":new_data" FROM t WHERE <new>`,
            ],
            [
                "with a semicolon at the end",
                "SELECT * FROM t WHERE :new_data ; ; -- done",
                "SELECT * FROM t WHERE <new> ",
            ],
        ] as const) {
            it(`has the predicate in place of :new_data, ${title}`, () => {
                const { pieces } = parse(sql);

                expect(joined(pieces)).to.equal(compiled);
                expect(pieces).not.to.include("");
            });
        }

        it("may be as long as Athena takes it", () => {
            const sql = `SELECT '${"x".repeat(262_144 - 9)}'`;

            expect(parse(sql).pieces).to.deep.equal([sql]);
        });

        it("keeps the colons of json_object", () => {
            const sql = "SELECT json_object('key':a, 'other' : b) FROM t";

            expect(parse(sql).pieces).to.deep.equal([sql]);
        });
    });

    describe("reads the tables", () => {
        for (const [title, sql, tables] of [
            ["of FROM", "SELECT * FROM a", ["a"]],
            ["of a list", 'SELECT * FROM a, B x, "C" AS y (k, v)', ["a", "b", "c"]],
            [
                "of joins",
                "SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (x, y) CROSS JOIN d NATURAL JOIN e",
                ["a", "b", "c", "d", "e"],
            ],
            [
                "of joins in parentheses",
                "SELECT * FROM (a JOIN (b CROSS JOIN c) ON a.x IS DISTINCT FROM b.x), ((d))",
                ["a", "b", "c", "d"],
            ],
            [
                "of subqueries in FROM",
                "SELECT * FROM (SELECT * FROM a) x, ((SELECT * FROM b) UNION (SELECT * FROM c)) AS y, ((SELECT * FROM d))",
                ["a", "b", "c", "d"],
            ],
            ["of a joined subquery in parentheses", "SELECT * FROM ((SELECT * FROM a) x JOIN b ON true)", ["a", "b"]],
            [
                "of subqueries in expressions",
                "SELECT (SELECT max(x) FROM a), f(EXISTS (SELECT 1 FROM b)) FROM c WHERE x IN (SELECT x FROM d) AND ((SELECT 1 FROM e) > 2)",
                ["a", "b", "c", "d", "e"],
            ],
            ["of subqueries in ON", "SELECT * FROM a JOIN b ON a.x = (SELECT max(x) FROM c, d)", ["a", "b", "c", "d"]],
            [
                "of set operations",
                "SELECT * FROM a UNION DISTINCT SELECT * FROM b INTERSECT (SELECT * FROM c) EXCEPT ALL SELECT * FROM d ORDER BY 1 LIMIT 3",
                ["a", "b", "c", "d"],
            ],
            [
                "of WITH, but not its names",
                "WITH x AS (SELECT * FROM a), y (k) AS (SELECT * FROM x) SELECT * FROM x JOIN y ON x.k = y.k, b",
                ["a", "b"],
            ],
            ["of the same name inside WITH", "WITH a AS (SELECT * FROM a) SELECT * FROM a", ["a"]],
            ["outside the WITH of a subquery", "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", ["a"]],
            [
                "of recursion, but not the name itself",
                "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x, a) SELECT * FROM x",
                ["a"],
            ],
            [
                "inside a query within WITH's reach",
                "WITH x AS (SELECT 1) SELECT * FROM a WHERE y IN (SELECT * FROM X)",
                ["a"],
            ],
            [
                "beside functions",
                "SELECT * FROM a CROSS JOIN UNNEST(a.xs) WITH ORDINALITY AS t (x, n), LATERAL (SELECT * FROM b) l, TABLE(sequence(1, 3))",
                ["a", "b"],
            ],
            [
                "with samples and patterns",
                "SELECT * FROM a x TABLESAMPLE BERNOULLI (10), b MATCH_RECOGNIZE (ORDER BY t PATTERN (A B+) DEFINE B AS x > 1), c LIMIT 3",
                ["a", "b", "c"],
            ],
            [
                "before named windows",
                "SELECT sum(x) OVER w FROM a WINDOW w AS (ORDER BY y), v AS (PARTITION BY z)",
                ["a"],
            ],
            [
                "beside what looks like FROM",
                "SELECT extract(hour FROM x), substring(y FROM 2), x IS NOT DISTINCT FROM y, listagg(x, ',') WITHIN GROUP (ORDER BY x), count(*) FILTER (WHERE x > 1) FROM a",
                ["a"],
            ],
            ["of values", "VALUES (1, 2), (3, 4)", []],
            ["of values in FROM", "SELECT * FROM (VALUES 1, 2) AS t (x)", []],
            ["once", "SELECT * FROM a x, A y", ["a"]],
            ["with strange names", 'SELECT * FROM "a ""b"""', ['a "b"']],
            ["outside comments and strings", "SELECT 'FROM b' /* FROM c */ -- FROM d\nFROM a", ["a"]],
            ["of a query in parentheses", "((SELECT * FROM a))", ["a"]],
        ] as [string, string, string[]][]) {
            it(title, () => {
                expect(parse(sql).tables).to.deep.equal(tables);
            });
        }

        it("and tells what :new_data may name", () => {
            const sql =
                'WITH x AS (SELECT 1) SELECT * FROM a, b c, x, (SELECT 1) y, (SELECT 2), "D" AS "E", UNNEST(z), LATERAL (SELECT 3) WHERE :new_data("E")';

            expect(parse(sql).newData).to.deep.equal([
                {
                    alias: "e",
                    relations: [
                        { name: "a", table: "a" },
                        { name: "c", table: "b" },
                        { name: "x" },
                        { name: "y" },
                        {},
                        { name: "e", table: "d" },
                        {},
                    ],
                },
            ]);
        });

        it("of its own FROM only for :new_data", () => {
            const sql = "SELECT * FROM a WHERE x IN (SELECT x FROM b WHERE :new_data)";

            expect(parse(sql).newData).to.deep.equal([{ relations: [{ name: "b", table: "b" }] }]);
        });
    });

    describe("is refused", () => {
        const where = "move it to WHERE, since Athena takes parameters there only";
        const start = "a query has to return rows, so begin with SELECT, WITH, VALUES or `(`";
        const condition = "it is a condition of its own, write `WHERE :new_data AND …`";
        for (const [sql, problem] of [
            [" -- nothing\n", "holds no statement"],
            [" ; ", "holds no statement"],
            ["SELECT 1; SELECT 2", "has several statements: keep one, and give the others queries of their own"],
            ["INSERT INTO a SELECT 1", `begins with \`INSERT\`: ${start}`],
            ["create table x as select 1", `begins with \`create\`: ${start}`],
            ["'SELECT'", `begins with \`'SELECT'\`: ${start}`],
            [`SELECT '${"x".repeat(262_144)}'`, "has 262153 bytes: Athena takes at most 262144"],
            ["SELECT 'a FROM b", "a string is not closed: `'a FROM b`"],
            ['SELECT "a FROM b', 'a quoted name is not closed: `"a FROM b`'],
            ["SELECT /* a FROM b", "a comment is not closed: `/* a FROM b`"],
            ["SELECT `a` FROM b", "has a backquote: in queries, Athena quotes names with double quotes"],
            [
                "SELECT a FROM b WHERE c = ?",
                "has a `?`: the parameters are bound by the pipeline, write `:new_data` (and `{0,1}` in a row pattern)",
            ],
            ["SELECT (1", "has a `(` that is not closed"],
            ["SELECT 1)", "has a `)` that closes nothing"],
            [
                "SELECT a FROM b WHERE c > :since",
                "unknown parameter `:since`: there is `:new_data`, and `:new_data(alias)` where tables are joined",
            ],
            ["SELECT :new_data FROM a", `\`:new_data\` stands in the SELECT clause: ${where}`],
            ["SELECT f(:new_data) FROM a", `\`:new_data\` stands in the SELECT clause: ${where}`],
            ["SELECT count(*) FILTER (WHERE :new_data) FROM a", `\`:new_data\` stands in the SELECT clause: ${where}`],
            ["SELECT * FROM :new_data", `\`:new_data\` stands in the FROM clause: ${where}`],
            ["SELECT * FROM a JOIN b ON :new_data", `\`:new_data\` stands in the FROM clause: ${where}`],
            ["SELECT 1 FROM a GROUP BY :new_data", `\`:new_data\` stands in the GROUP clause: ${where}`],
            ["SELECT 1 FROM a WHERE b HAVING :new_data", `\`:new_data\` stands in the HAVING clause: ${where}`],
            ["SELECT 1 FROM a WHERE b ORDER BY :new_data", `\`:new_data\` stands in the ORDER clause: ${where}`],
            ["SELECT 1 FROM a WINDOW w AS (ORDER BY :new_data)", `\`:new_data\` stands in the WINDOW clause: ${where}`],
            ["VALUES (:new_data)", `\`:new_data\` stands in the VALUES clause: ${where}`],
            [
                "SELECT a FROM b WHERE c IN (SELECT :new_data FROM d)",
                `\`:new_data\` stands in the SELECT clause: ${where}`,
            ],
            ["SELECT a FROM b WHERE c = :new_data", `\`:new_data\` stands after \`=\`: ${condition}`],
            ["SELECT a FROM b WHERE c > 1 LIMIT :new_data", `\`:new_data\` stands after \`LIMIT\`: ${condition}`],
            [
                "SELECT a FROM b WHERE :new_data()",
                "`:new_data(…)` takes one alias of a table: write `:new_data(alias)`",
            ],
            [
                "SELECT a FROM b WHERE :new_data(c.d)",
                "`:new_data(…)` takes one alias of a table: write `:new_data(alias)`",
            ],
            [
                "SELECT a FROM b WHERE :new_data('c')",
                "`:new_data(…)` takes one alias of a table: write `:new_data(alias)`",
            ],
            [
                "SELECT * FROM other.a.b c",
                "`other.a.b`: leave out the database, since a pipeline reads the tables of its own only",
            ],
            [
                'SELECT * FROM "x"."y"',
                "`x.y`: leave out the database, since a pipeline reads the tables of its own only",
            ],
            ["SELECT * FROM order", 'uses the reserved word `order` as a table: write `"order"`'],
            ["SELECT * FROM a AS from", 'uses the reserved word `from` as an alias: write `"from"`'],
            ["SELECT * FROM", "cannot be read: expected a table, found the end"],
            ["SELECT * FROM 'a'", "cannot be read: expected a table, found `'a'`"],
            ["SELECT * FROM (a WHERE b)", "cannot be read: expected `)`, found `WHERE`"],
            ["WITH a SELECT 1", "cannot be read: expected `AS`, found `SELECT`"],
            ["WITH a AS SELECT 1", "cannot be read: expected `(`, found `SELECT`"],
            ["WITH a AS (SELECT 1)", "cannot be read: expected SELECT, VALUES or `(`, found the end"],
            ["SELECT 1 UNION TABLE a", "cannot be read: expected SELECT, VALUES or `(`, found `TABLE`"],
        ] as const) {
            it(sql.slice(0, 60), () => {
                expect(problemsOfSql(sql)).to.deep.equal([problem]);
            });
        }

        it("with all that is wrong with its parameters and tables", () => {
            const found = problemsOfSql("SELECT :a FROM x.y WHERE :b = 1");

            expect(found).to.deep.equal([
                "unknown parameter `:a`: there is `:new_data`, and `:new_data(alias)` where tables are joined",
                "`x.y`: leave out the database, since a pipeline reads the tables of its own only",
                "unknown parameter `:b`: there is `:new_data`, and `:new_data(alias)` where tables are joined",
            ]);
        });

        it("or read, but never fails in another way", () => {
            const word = fc.constantFrom(
                "SELECT",
                "FROM",
                "WHERE",
                "WITH",
                "AS",
                "(",
                ")",
                ",",
                ".",
                "a",
                '"b"',
                "'c'",
                "JOIN",
                "ON",
                "UNION",
                "VALUES",
                ":new_data",
                ":x",
                "?",
                ";",
                "UNNEST",
                "WINDOW",
                "DISTINCT",
                "GROUP",
                "1",
                "RECURSIVE",
            );
            fc.assert(
                fc.property(fc.array(word, { maxLength: 30 }), (words) => {
                    const sql = `SELECT ${words.join(" ")}`;

                    const problems = problemsOfSql(sql);

                    expect(problems.every((problem) => problem.length > 0)).to.equal(true);
                }),
                { numRuns: 2000 },
            );
        });
    });
});
