import { expect } from "chai";
import fc from "fast-check";
import { QueryError } from "../../../local/athena-sql/errors";
import { tokenize } from "../../../local/athena-sql/syntax/lexer";
import { parseStatement } from "../../../local/athena-sql/syntax/statement-parser";
import { run, value } from "./support";

function refusal(statement: string): string {
    try {
        parseStatement(statement);
    } catch (error) {
        if (error instanceof QueryError) return error.describe(statement);
        throw error;
    }
    throw new Error(`'${statement}' was parsed`);
}

describe("Syntax", () => {
    const mistakes: [string, string][] = [
        ["SELEC 1", "line 1:1: mismatched input 'SELEC'"],
        ["", "line 1:1: mismatched input <EOF>"],
        ["SELECT", "line 1:7: mismatched input <EOF>"],
        ["SELECT 1 +", "line 1:11: mismatched input <EOF>"],
        ["SELECT a b c", "line 1:12: mismatched input 'c'"],
        ["SELECT 1\n  FROM\n  WHERE x", "line 3:3: mismatched input 'WHERE'"],
        ["SELECT a::int", "line 1:9: mismatched input ':'"],
        ["SELECT 1 == 2", "line 1:11: mismatched input '='"],
        ["SELECT 1 <=> 2", "line 1:12: mismatched input '>'"],
        ["SELECT 1 = 2 = 3", "line 1:14: mismatched input '='"],
        ["SELECT TOP 3 a FROM t", "line 1:12: mismatched input '3'"],
        ["SELECT x FROM t QUALIFY 1 = 1", "line 1:25: mismatched input '1'"],
        ["SELECT x FROM t WHERE x ILIKE 'a'", "line 1:25: mismatched input 'ILIKE'"],
        ["SELECT `a`", "line 1:8: backquoted identifiers are not supported; use double quotes to quote identifiers"],
        ["SELECT 1a", "line 1:8: identifiers must not start with a digit; surround the identifier with double quotes"],
        ["SELECT 'a", "line 1:8: mismatched input ''': the quote is never closed"],
        ["SELECT 1; SELECT 2", "line 1:11: mismatched input 'SELECT'"],
        ["SELECT X'abc'", "line 1:8: binary literal must be pairs of hexadecimal digits"],
        ["SELECT * FROM a JOIN b", "line 1:23: mismatched input <EOF>. Expecting: ON"],
        ["SELECT CAST(1 AS)", "line 1:17: mismatched input ')'"],
        ["SELECT CASE END", "line 1:13: mismatched input 'END'"],
        ["SELECT interval '1' parsec", "line 1:21: mismatched input 'parsec'"],
        ["SELECT group FROM t", "line 1:8: mismatched input 'group'"],
        ["SELECT trim(both FROM)", "line 1:22: mismatched input ')'"],
        ["SELECT 1 LIMIT x", "line 1:16: mismatched input 'x'"],
        ["MERGE INTO t", "line 1:1: the statement MERGE is not modelled locally"],
        ["create external table t (a int)", "line 1:1: the statement CREATE EXTERNAL is not modelled locally"],
        ["CREATE TABLE t (a int)", "line 1:1: CREATE TABLE without a query is not modelled locally"],
        [
            "CREATE TABLE t WITH (format = 'ORC') AS SELECT 1",
            "line 1:22: CREATE TABLE AS to ORC is not modelled locally",
        ],
        ["CREATE TABLE t WITH (format = 'X') AS SELECT 1", "line 1:22: Unable to set table property 'format' to ['X']"],
        [
            "CREATE TABLE t WITH (table_type = 'ICEBERG') AS SELECT 1",
            "line 1:22: a table of type ICEBERG is not modelled locally",
        ],
        [
            "CREATE TABLE t WITH (bucket_count = 3) AS SELECT 1",
            "line 1:22: the value of bucket_count is not modelled locally",
        ],
        [
            "CREATE TABLE t WITH (bucketed_by = ARRAY['a']) AS SELECT 1",
            "line 1:22: CREATE TABLE AS with bucketed_by is not modelled locally",
        ],
        [
            "CREATE TABLE t WITH (format = 'JSON', write_compression = 'SNAPPY') AS SELECT 1",
            "line 1:39: the format json with SNAPPY is not modelled locally",
        ],
        [
            "CREATE TABLE t WITH (format = 'TEXTFILE', field_delimiter = '||') AS SELECT 1",
            "line 1:43: a field_delimiter of several characters is not modelled locally",
        ],
        ["CREATE TABLE t AS SELECT 1 WITH NO", "line 1:35: mismatched input <EOF>. Expecting: DATA"],
        ["CREATE VIEW v", "line 1:14: mismatched input <EOF>. Expecting: AS"],
        ["CREATE VIEW v AS SELECT ?", "line 1:1: a parameter in a view is not modelled locally"],
        ["CREATE OR DROP VIEW v AS SELECT 1", "line 1:11: mismatched input 'DROP'. Expecting: REPLACE"],
        ["INSERT t SELECT 1", "line 1:8: mismatched input 't'. Expecting: INTO"],
        ["PREPARE p FROM", "line 1:1: mismatched input <EOF>"],
        ["PREPARE p FROM SHOW TABLES", "line 1:16: Cannot prepare SHOW TABLES"],
        ["EXECUTE p USING 1 + 1", "line 1:19: a parameter of EXECUTE that is not a literal is not modelled locally"],
        ["DEALLOCATE p", "line 1:12: mismatched input 'p'. Expecting: PREPARE"],
        ["SHOW FUNCTIONS", "line 1:1: the statement SHOW FUNCTIONS is not modelled locally"],
        ["SHOW TABLES FROM", "line 1:17: mismatched input <EOF>"],
        ['DROP TABLE "t"', "line 1:12: mismatched input 't'"],
        ["MSCK TABLE t", "line 1:6: mismatched input 'TABLE'. Expecting: REPAIR"],
        ["DESCRIBE FORMATTED t", "line 1:10: DESCRIBE FORMATTED is not modelled locally"],
        ["DESCRIBE t.u v", "line 1:14: DESCRIBE of a part of a table is not modelled locally"],
        ["DESCRIBE TABLE t", "line 1:10: mismatched input 'TABLE'"],
        ["UNLOAD (SELECT 1) TO 's3://b/'", "line 1:31: mismatched input <EOF>. Expecting: WITH"],
        ["UNLOAD (SELECT 1) TO b WITH (format = 'PARQUET')", "line 1:22: mismatched input 'b'"],
        ["UNLOAD (SELECT 1) TO 's3://b/' WITH (compression = 'SNAPPY')", "line 1:1: UNLOAD takes a property `format`"],
        ["UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'AVRO')", "line 1:38: UNLOAD to AVRO is not modelled locally"],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'JSON', compression = 'GZIP')",
            "line 1:55: UNLOAD with compression is not modelled locally",
        ],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET', compression = 'LZ4')",
            "line 1:58: the format parquet with LZ4 is not modelled locally",
        ],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET', partitioned_by = 'a')",
            "line 1:58: UNLOAD with partitioned_by is not modelled locally",
        ],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET', field_delimiter = ',')",
            "line 1:58: UNLOAD with field_delimiter is not modelled locally",
        ],
        ["SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a))", "line 1:17: MATCH_RECOGNIZE is not modelled locally"],
        ["WITH RECURSIVE t(n) AS (SELECT 1) SELECT * FROM t", "line 1:6: WITH RECURSIVE is not modelled locally"],
        ["SELECT * FROM t FOR VERSION AS OF 3", "line 1:17: time travel (FOR … AS OF) is not modelled locally"],
    ];
    for (const [statement, message] of mistakes)
        it(`refuses ${JSON.stringify(statement)}`, () => {
            expect(refusal(statement)).to.equal(message);
        });

    const texts: [string, string][] = [
        ["'a\\nb'", "a\\nb"],
        ["'it''s'", "it's"],
        ["'-- no comment'", "-- no comment"],
        ["'/* nor this */'", "/* nor this */"],
        ["'ü'", "ü"],
        ["'a\0b'", "a\0b"],
    ];
    for (const [literal, text] of texts)
        it(`reads the text ${JSON.stringify(literal)} as it stands`, async () => {
            expect(await value(literal)).to.equal(text);
        });

    it("lets operators bind as Trino does", async () => {
        const { rows } = await run(
            "SELECT NOT true = false, true OR false AND false, 2 + 3 * 4, 'a' || 'b' = 'ab', -2 + 3, 1 BETWEEN 0 AND 2 AND true",
        );

        expect(rows).to.deep.equal([["true", "true", "14", "true", "1", "true"]]);
    });

    it("lets INTERSECT bind tighter than UNION", async () => {
        const { rows } = await run("SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3 ORDER BY 1");

        expect(rows).to.deep.equal([["1"]]);
    });

    it("takes names of clauses for names where they can be nothing else", async () => {
        const { rows } = await run(
            'SELECT limit, t.offset AS window, "group", date, day FROM (VALUES (1, 2, 3, 4, 5)) AS t(limit, offset, "group", date, day) LIMIT 1',
        );

        expect(rows).to.deep.equal([["1", "2", "3", "4", "5"]]);
    });

    it("reads any text that it can quote, and any name", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary", minLength: 1 }), (text, name) => {
                const statement = `SELECT '${text.replaceAll("'", "''")}' AS "${name.replaceAll('"', '""')}"`;

                const [, read, , alias] = tokenize(statement);

                expect([read!.text, alias!.text]).to.deep.equal([text, name]);
            }),
        );
    });

    it("ends with a parse or a refusal, whatever it is given", () => {
        const words = [
            "SELECT",
            "FROM",
            "(",
            ")",
            ",",
            "a",
            "1",
            "'x'",
            "*",
            "WHERE",
            "AND",
            "NOT",
            "IN",
            "t",
            ".",
            "AS",
            "JOIN",
            "ON",
            "CASE",
            "WHEN",
            "END",
            "-",
            "->",
            "?",
        ];
        fc.assert(
            fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (tokens) => {
                try {
                    parseStatement(`SELECT ${tokens.join(" ")}`);
                } catch (error) {
                    expect(error).to.be.instanceOf(QueryError);
                }
            }),
            { numRuns: 500 },
        );
    });
});
