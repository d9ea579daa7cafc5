import { expect } from "chai";
import fc from "fast-check";
import { QueryError } from "../../../local/athena-sql/errors";
import { tokenize } from "../../../local/athena-sql/syntax/lexer";
import { parseQuery } from "../../../local/athena-sql/syntax/parser";
import { run, value } from "./support";

function refusal(statement: string): string {
    try {
        parseQuery(statement);
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
        ["INSERT INTO t SELECT 1", "line 1:1: the statement INSERT is not modelled locally"],
        ["create table t as select 1", "line 1:1: the statement CREATE is not modelled locally"],
        ["UNLOAD (SELECT 1) TO 's3://b/'", "line 1:31: mismatched input <EOF>. Expecting: WITH"],
        ["UNLOAD (SELECT 1) TO b WITH (format = 'PARQUET')", "line 1:22: mismatched input 'b'"],
        ["UNLOAD (SELECT 1) TO 's3://b/' WITH (compression = 'SNAPPY')", "line 1:1: UNLOAD takes a property `format`"],
        ["UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'JSON')", "line 1:38: UNLOAD to JSON is not modelled locally"],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET', compression = 'LZ4')",
            "line 1:58: Parquet with LZ4 is not modelled locally",
        ],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET', partitioned_by = ARRAY['a'])",
            "line 1:58: UNLOAD with partitioned_by is not modelled locally",
        ],
        [
            "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET', field_delimiter = ',')",
            "line 1:58: UNLOAD with field_delimiter is not modelled locally",
        ],
        ["SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a))", "line 1:17: MATCH_RECOGNIZE is not modelled locally"],
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
                    parseQuery(`SELECT ${tokens.join(" ")}`);
                } catch (error) {
                    expect(error).to.be.instanceOf(QueryError);
                }
            }),
            { numRuns: 500 },
        );
    });
});
