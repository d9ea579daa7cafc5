import { expect } from "chai";
import fc from "fast-check";
import { csvLine, parseCsv } from "../../../local/athena-sql/csv";
import { columnInfo, metadataFile } from "../../../local/athena-sql/metadata";
import { castDouble, javaDouble, javaFloat } from "../../../local/athena-sql/text";
import type { Type } from "../../../local/athena-sql/types";
import { value } from "./support";

describe("Results as text", () => {
    const doubles: [number, string][] = [
        [0, "0.0"],
        [-0, "-0.0"],
        [1, "1.0"],
        [-1.5, "-1.5"],
        [0.001, "0.001"],
        [0.00099, "9.9E-4"],
        [1234567, "1234567.0"],
        [9999999.5, "9999999.5"],
        [1e7, "1.0E7"],
        [1e10, "1.0E10"],
        [1.2345e-7, "1.2345E-7"],
        [1e21, "1.0E21"],
        [Number.MAX_VALUE, "1.7976931348623157E308"],
        [Number.MIN_VALUE, "4.9E-324"],
        [1e-323, "9.9E-324"],
        [2e-323, "2.0E-323"],
        [Number.NaN, "NaN"],
        [Number.POSITIVE_INFINITY, "Infinity"],
        [Number.NEGATIVE_INFINITY, "-Infinity"],
    ];
    for (const [number, text] of doubles)
        it(`writes the double ${text} as Java does`, () => {
            expect(javaDouble(number)).to.equal(text);
        });

    it("writes doubles that read back as themselves, in Java's form", () => {
        fc.assert(
            fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
                const text = javaDouble(number);
                const plain = number === 0 || (Math.abs(number) >= 1e-3 && Math.abs(number) < 1e7);

                expect(Object.is(Number(text), number), text).to.equal(true);
                expect(text).to.match(plain ? /^-?\d+\.\d+$/ : /^-?[1-9]\.\d+E-?\d+$/);
                expect(Object.is(Number(castDouble(number)), number === 0 ? 0 : number)).to.equal(true);
            }),
            { numRuns: 2000 },
        );
    });

    it("writes reals with the fewest digits that tell them apart", () => {
        fc.assert(
            fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (number) => {
                const text = javaFloat(number);

                expect(Object.is(Math.fround(Number(text)), number), text).to.equal(true);
                expect(text.replace(/E.*|[-.]/g, "").replace(/^0+|0+$/g, "").length).to.be.at.most(9);
            }),
        );
        expect([0.1, 1e10, 16777216, 1e-45].map(javaFloat)).to.deep.equal(["0.1", "1.0E10", "1.6777216E7", "1.4E-45"]);
    });

    // Every type, as facts about Athena's files have it.
    const texts: [string, string | null][] = [
        ["true", "true"],
        ["CAST(1 AS tinyint)", "1"],
        ["9223372036854775807", "9223372036854775807"],
        ["CAST(-9223372036854775807 - 1 AS bigint)", "-9223372036854775808"],
        ["REAL '0.1'", "0.1"],
        ["DOUBLE '1E10'", "1.0E10"],
        ["nan()", "NaN"],
        ["-infinity()", "-Infinity"],
        ["DECIMAL '1.50'", "1.50"],
        ["DECIMAL '-0.05'", "-0.05"],
        ["DECIMAL '12345678901234567890123456789012345678'", "12345678901234567890123456789012345678"],
        ["'a\"b,c'", 'a"b,c'],
        ["''", ""],
        ["NULL", null],
        ["DATE '2017-01-02'", "2017-01-02"],
        ["DATE '0900-01-02'", "0900-01-02"],
        ["TIMESTAMP '2001-08-22 03:04:05.321'", "2001-08-22 03:04:05.321"],
        ["TIMESTAMP '2001-08-22 03:04:05'", "2001-08-22 03:04:05.000"],
        ["TIMESTAMP '1969-12-31 23:59:59.999'", "1969-12-31 23:59:59.999"],
        ["TIMESTAMP '1969-12-31 23:59:59.999999'", "1969-12-31 23:59:59.999999"],
        ["TIMESTAMP '2001-08-22 03:04:05.321 UTC'", "2001-08-22 03:04:05.321 UTC"],
        ["TIMESTAMP '2001-08-22 03:04:05.321 America/Los_Angeles'", "2001-08-22 03:04:05.321 America/Los_Angeles"],
        ["TIMESTAMP '2001-08-22 03:04:05.321 -03:30'", "2001-08-22 03:04:05.321 -03:30"],
        ["ARRAY[TIMESTAMP '2001-02-22 03:04:05.321 Asia/Kolkata']", "[2001-02-22 03:04:05.321 Asia/Kolkata]"],
        ["TIME '01:02:03.456'", "01:02:03.456"],
        ["to_utf8('hello')", "68 65 6c 6c 6f"],
        ["X''", ""],
        ["ARRAY[1, NULL, 3]", "[1, null, 3]"],
        ["ARRAY['a', 'b, c']", "[a, b, c]"],
        ["map(ARRAY['k', 'l'], ARRAY[1, NULL])", "{k=1, l=null}"],
        ["ROW(1, 2e0)", "{field0=1, field1=2.0}"],
        ["CAST(ROW(1, NULL) AS ROW(id bigint, name varchar))", "{id=1, name=null}"],
        ['json_parse(\'{"b": [1, 2.50], "a": null}\')', '{"a":null,"b":[1,2.5]}'],
        ["INTERVAL '2' DAY", "2 00:00:00.000"],
        ["INTERVAL '-26' HOUR", "-1 02:00:00.000"],
        ["INTERVAL '3' MONTH", "0-3"],
        ["INTERVAL '-14' MONTH", "-1-2"],
    ];
    for (const [expression, text] of texts)
        it(`writes ${expression}`, async () => {
            expect(await value(expression)).to.equal(text);
        });
});

describe("Athena's CSV", () => {
    it("quotes every value and keeps NULL apart from an empty text", () => {
        expect(csvLine(["a", undefined, "", 'b"c', "d\ne", "1"])).to.equal('"a",,"","b""c","d\ne","1"\n');
        expect(csvLine([undefined])).to.equal("\n");
    });

    it("reads back what it wrote", () => {
        const cell = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
        fc.assert(
            fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 })), (rows) => {
                expect([...parseCsv(rows.map(csvLine).join(""))]).to.deep.equal(rows);
            }),
        );
    });

    it("is not read from other text", () => {
        expect(() => [...parseCsv('"a",b\n')]).to.throw("not a result of Athena: unexpected character at 4");
    });
});

describe("A result's metadata", () => {
    const types: [Type, string, number, number][] = [
        [{ kind: "boolean" }, "boolean", 0, 0],
        [{ kind: "tinyint" }, "tinyint", 3, 0],
        [{ kind: "integer" }, "integer", 10, 0],
        [{ kind: "bigint" }, "bigint", 19, 0],
        [{ kind: "real" }, "float", 17, 0],
        [{ kind: "double" }, "double", 17, 0],
        [{ kind: "decimal", precision: 10, scale: 2 }, "decimal", 10, 2],
        [{ kind: "varchar" }, "varchar", 2147483647, 0],
        [{ kind: "varchar", length: 5 }, "varchar", 5, 0],
        [{ kind: "varbinary" }, "varbinary", 1073741824, 0],
        [{ kind: "date" }, "date", 0, 0],
        [{ kind: "timestamp", precision: 0 }, "timestamp", 3, 0],
        [{ kind: "timestamp with time zone", precision: 6, zone: "UTC" }, "timestamp with time zone", 6, 0],
        [{ kind: "array", element: { kind: "bigint" } }, "array", 0, 0],
        [{ kind: "json" }, "json", 0, 0],
        [{ kind: "unknown" }, "unknown", 0, 0],
    ];
    for (const [type, name, precision, scale] of types)
        it(`names ${name}(${precision}, ${scale})`, () => {
            const info = columnInfo({ name: "x", type });

            expect(info).to.deep.include({ Name: "x", Label: "x", Type: name, Precision: precision, Scale: scale });
            expect(info).to.deep.include({ CatalogName: "hive", SchemaName: "", TableName: "", Nullable: "UNKNOWN" });
            expect(info.CaseSensitive).to.equal(name === "varchar");
        });

    it("is a protobuf of the query's id and the columns", () => {
        const file = metadataFile("an-id", [columnInfo({ name: "ü", type: { kind: "varchar" } })]);

        const column = fieldsOf(fieldsOf(file).get(4) as Buffer);

        expect(String(fieldsOf(file).get(1))).to.equal("an-id");
        expect([1, 2, 3, 4, 5, 6].map((field) => String(column.get(field)))).to.deep.equal([
            "hive",
            "",
            "",
            "ü",
            "ü",
            "varchar",
        ]);
        expect([7, 8, 9, 10].map((field) => column.get(field))).to.deep.equal([2147483647, 0, 3, 1]);
    });
});

/** Reads a protobuf message without repeated fields. */
function fieldsOf(message: Buffer): Map<number, number | Buffer> {
    const fields = new Map<number, number | Buffer>();
    let at = 0;
    const varint = () => {
        for (let value = 0, shift = 1; ; shift *= 128) {
            const byte = message[at++]!;
            value += (byte & 127) * shift;
            if (byte < 128) return value;
        }
    };
    while (at < message.length) {
        const tag = varint();
        const size = varint();
        fields.set(tag >> 3, (tag & 7) === 2 ? message.subarray(at, at + size) : size);
        if ((tag & 7) === 2) at += size;
    }
    return fields;
}
