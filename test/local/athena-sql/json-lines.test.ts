import * as api from "@duckdb/node-api";
import { expect } from "chai";
import fc from "fast-check";
import { JsonError, parseJson } from "../../../local/athena-sql/json";
import type { JsonFormat } from "../../../local/athena-sql/tables/formats";
import { parseHiveType } from "../../../local/athena-sql/tables/hive-types";
import { JsonLines } from "../../../local/athena-sql/tables/json-lines";
import { typeName } from "../../../local/athena-sql/types";
import { printJson } from "../../../local/athena-sql/udfs";

/** Rows of text read into columns of these Hive types, named `c` or by their names. */
function read(
    text: string,
    types: string | Record<string, string>,
    ignoreMalformed = false,
    format: Partial<JsonFormat> = {},
): unknown[][] {
    const columns = Object.entries(typeof types === "string" ? { c: types } : types).map(([name, type]) => ({
        name,
        type: parseHiveType(type),
    }));
    const lines = new JsonLines(api, { kind: "json", ignoreMalformed, ...format }, columns);
    const rows: unknown[][] = [];
    lines.read(Buffer.from(text), "s3://lake/key", (row) =>
        rows.push(row.map((cell) => (cell === null ? null : plain(cell)))),
    );
    return rows;
}

const plain = (cell: unknown): unknown => (typeof cell === "object" ? String(cell) : cell);

describe("Lines of JSON", () => {
    const values: [string, string, unknown][] = [
        ["string", '"a\\u00e9\\/\\n"', "aé/\n"],
        ["string", "1.50", "1.50"],
        ["string", "12345678901234567890.123", "12345678901234567890.123"],
        ["string", "true", "true"],
        ["string", '{"b": 1.50, "a": [1, "x"]}', '{"b":1.50,"a":[1,"x"]}'],
        ["varchar(2)", '"éa"', "éa"],
        ["boolean", "false", false],
        ["boolean", '"true"', true],
        ["tinyint", "-128", -128],
        ["int", '"12"', 12],
        ["bigint", "9223372036854775807", 9223372036854775807n],
        ["double", "1", 1],
        ["double", '"1.5e3"', 1500],
        ["double", "0.1", 0.1],
        ["float", "1.5", 1.5],
        ["decimal(38,18)", "12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"],
        ["decimal(4,2)", "-1.5", "-1.50"],
        ["decimal(4,2)", "01.500".slice(1), "1.50"],
        ["decimal(3,3)", "0.125", "0.125"],
        ["date", '"2024-02-29"', "2024-02-29"],
        ["timestamp", '"2026-11-21 04:00:00"', "2026-11-21 04:00:00"],
        ["timestamp", '"2026-11-21 04:00:00.1235"', "2026-11-21 04:00:00.124"],
        ["timestamp", '"2026-11-21 23:59:59.9995"', "2026-11-22 00:00:00"],
        ["timestamp", '"1969-12-31 23:59:59.5"', "1969-12-31 23:59:59.5"],
        ["timestamp", '"2026-11-21T04:00:00.5Z"', "2026-11-21 04:00:00.5"],
        ["array<int>", "[1, null, 3]", "[1, NULL, 3]"],
        ["map<string,double>", '{"a": 1, "B": null}', "{'a': 1, 'B': NULL}"],
        ["struct<x:int,y:struct<z:string>>", '{"Y": {"z": "a"}, "x": 1, "other": 2}', "{'f1': 1, 'f2': {'f1': 'a'}}"],
    ];
    for (const [type, json, expected] of values)
        it(`read ${json} as ${type}`, () => {
            expect(read(`{"c":${json}}`, type)).to.deep.equal([[expected]]);
        });

    for (const type of ["string", "bigint", "decimal(3,1)", "timestamp", "array<int>", "struct<a:int>"])
        it(`read null, and nothing, as a NULL ${type}`, () => {
            expect(read('{"c":null}\n{}', type)).to.deep.equal([[null], [null]]);
        });

    const wrong: [string, string][] = [
        ["int", "1.9"],
        ["int", '"x"'],
        ["int", "true"],
        ["int", "2147483648"],
        ["bigint", "1e2"],
        ["bigint", "99999999999999999999"],
        ["double", '"NaN"'],
        ["double", "true"],
        ["decimal(4,2)", "1.255"],
        ["decimal(4,2)", "123.4"],
        ["decimal(4,2)", "1e1"],
        ["boolean", "1"],
        ["boolean", '"yes"'],
        ["date", '"2023-02-29"'],
        ["date", '"2026-11-21 04:00:00"'],
        ["date", "1"],
        ["timestamp", "1700000000000"],
        ["timestamp", '"2026-11-21 04:00"'],
        ["timestamp", '"2026-11-21T04:00:00+02:00"'],
        ["timestamp", '"2026-02-30 04:00:00"'],
        ["timestamp", '"2026-11-21 25:00:00"'],
        ["varchar(2)", '"abc"'],
        ["array<int>", "1"],
        ["map<string,int>", "[1]"],
        ["struct<a:int>", "[1]"],
        ["struct<a:int>", '{"a":1,"A":2}'],
    ];
    for (const [type, json] of wrong)
        it(`fail where SerDes differ: ${json} as ${type}`, () => {
            const shown = typeof JSON.parse(json) === "object" ? json : json;

            expect(() => read(`{}\n{"c":${json}}`, type)).to.throw(
                `HIVE_BAD_DATA: Error parsing field value '${shown}' as ${typeName(parseHiveType(type))} (column c: s3://lake/key, line 2)`.replace(
                    "s3://",
                    "s3 object s3://",
                ),
            );
        });

    it("match keys whatever their case, at every level", () => {
        expect(
            read('{"Device_ID":"a","S":{"Inner":1}}', { device_id: "string", s: "struct<inner:int>" }),
        ).to.deep.equal([["a", "{'f1': 1}"]]);
    });

    it("leave out keys that are no columns, whatever they hold", () => {
        expect(read('{"x":[{"a":[1,{"b":"]}"}]}],"c":1,"y":"\\"}"}', "int")).to.deep.equal([[1]]);
    });

    it("end with a newline or without, and with CR LF", () => {
        expect(read('{"c":1}\n{"c":2}', "int")).to.deep.equal([[1], [2]]);
        expect(read('{"c":1}\r\n{"c":2}\r\n', "int")).to.deep.equal([[1], [2]]);
        expect(read("", "int")).to.deep.equal([]);
    });

    const broken: [string, string][] = [
        ['{"c":1', "the text ends inside a value"],
        ["", "the text ends inside a value"],
        ["abc", "unexpected character at 1"],
        ["[1]", "unexpected character at 1"],
        ["{'c':1}", "unexpected character at 2"],
        ["{c:1}", "unexpected character at 2"],
        ['{"c":01}', "unexpected character at 7"],
        ['{"c":1,}', "unexpected character at 8"],
        ['{"c":"\\x"}', "unexpected character at 7"],
        ['{"c":"\\u00g0"}', "unexpected character at 7"],
        ['{"c":"a\tb"}', "unexpected character at 8"],
        ['{"c":nul}', "unexpected character at 6"],
        ['{"c" 1}', "unexpected character at 6"],
    ];
    for (const [line, reason] of broken)
        it(`fail where a line is no object: ${JSON.stringify(line)}`, () => {
            expect(() => read(`${line}\n`, "int")).to.throw(
                `HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: ${reason} (s3 object s3://lake/key, line 1)`,
            );
        });

    it("fail where an object has a key twice, in whatever case", () => {
        expect(() => read('{"c":1,"C":2}', "int")).to.throw('Duplicate key "c"');
        expect(() => read('{"x":1,"x":2}', "int")).to.throw('Duplicate key "x"');
    });

    for (const line of ['{"c":1}{"c":2}', '{"c":1} {"c":2}', '{"c":1} x'])
        it(`fail where a delimiter is missing: ${line}`, () => {
            expect(() => read(line, "int", true)).to.throw(
                "HIVE_CURSOR_ERROR: there is more behind the JSON object, which Athena would silently leave out",
            );
        });

    it("are rows of NULLs where they are malformed and the table ignores that", () => {
        expect(read('{"c":1}\nabc\n\n{"c":', "int", true)).to.deep.equal([[1], [null], [null], [null]]);
    });

    it("fail even then where the SerDe may read what we can't", () => {
        expect(() => read("{'c':1}", "int", true)).to.throw("HIVE_CURSOR_ERROR");
        expect(() => read("[1]", "int", true)).to.throw("HIVE_CURSOR_ERROR");
    });
});

describe("JSON", () => {
    it("is read as JSON.parse reads it, without losing digits", () => {
        fc.assert(
            // A key with a backslash would be what `readJson` says of JSON.parse.
            fc.property(
                fc.jsonValue().filter((json) => !JSON.stringify(json).includes("\\\\")),
                (json) => {
                    const text = JSON.stringify(json);

                    expect(JSON.parse(printJson(parseJson(text)))).to.deep.equal(JSON.parse(text));
                },
            ),
        );
    });

    it("is read a thousand levels deep, and refused beyond", () => {
        const deep = (levels: number, open: string, close: string) => open.repeat(levels) + close.repeat(levels);

        expect(parseJson(deep(1_000, "[", "]"))).to.be.an("array");
        for (const text of [deep(1_001, "[", "]"), deep(100_000, '[{"a":', "}]"), deep(100_000, "[", "")]) {
            expect(() => parseJson(text)).to.throw(JsonError, "nested deeper than 1000 levels");
        }
    });

    it("is refused wherever JSON.parse refuses it", () => {
        fc.assert(
            fc.property(
                fc.jsonValue(),
                fc.nat(),
                fc.constantFrom("", ",", "}", '"', "\\", "1", " ", "]"),
                (json, at, insert) => {
                    const text = JSON.stringify(json);
                    const cut = at % (text.length + 1);
                    const changed = text.slice(0, cut) + insert + text.slice(cut + 1);
                    let expected = true;
                    try {
                        JSON.parse(changed);
                    } catch {
                        expected = false;
                    }

                    if (expected) parseJson(changed);
                    else expect(() => parseJson(changed)).to.throw(JsonError);
                },
            ),
            { numRuns: 500 },
        );
    });
});

describe("Hive types", () => {
    const types: [string, string][] = [
        ["string", "varchar"],
        ["varchar(10)", "varchar(10)"],
        ["INT", "integer"],
        ["float", "real"],
        ["decimal", "decimal(10,0)"],
        ["decimal(12,2)", "decimal(12,2)"],
        ["timestamp", "timestamp(3)"],
        ["array<array<double>>", "array(array(double))"],
        ["map<string,array<int>>", "map(varchar, array(integer))"],
        ["struct<a:int,b:struct<c:string>>", 'row("a" integer, "b" row("c" varchar))'],
    ];
    for (const [hive, trino] of types)
        it(`${hive} is ${trino}`, () => {
            expect(typeName(parseHiveType(hive))).to.equal(trino);
        });

    for (const [hive, message] of [
        ["binary", "columns of type 'binary' are not modelled on this machine"],
        ["json", "columns of type 'json' are not modelled on this machine"],
        ["char(3)", "type char is not modelled locally"],
        ["uniontype<int>", "columns of type 'uniontype' are not modelled on this machine"],
        ["array<int", "'array<int' is not a column type"],
        ["map<int>", "'map<int>' is not a column type"],
        ["int int", "'int int' is not a column type"],
        ["decimal(50,2)", "Invalid DECIMAL type"],
        ["", "columns of type '' are not modelled on this machine"],
    ] as const)
        it(`refuses ${hive || "an empty type"}`, () => {
            expect(() => parseHiveType(hive)).to.throw(message);
        });

    it("takes keys as the SerDe's properties say", () => {
        const keys = new Map([["ts", "Time-Stamp"]]);

        expect(read('{"time-stamp":"a","TS":"b"}', { ts: "string" }, false, { keys })).to.deep.equal([["a"]]);
        expect(read('{"a.b":1}', { a_b: "int" }, false, { dotsInKeys: true })).to.deep.equal([[1]]);
        expect(read('{"A":1,"a":2}', "int", false, { caseSensitive: true, keys: new Map([["c", "A"]]) })).to.deep.equal(
            [[1]],
        );
        expect(read('{"c":{"X":1}}', "struct<x:int>", false, { caseSensitive: true })).to.deep.equal([
            ["{'f1': NULL}"],
        ]);
    });
});
