import type { ColumnInfo } from "@aws-sdk/client-athena";
import { expect } from "chai";
import { resultColumns } from "../../../handlers/convert-result/result-columns";
import type { Column, ColumnType } from "../../../handlers/shared/columns";

describe("resultColumns", () => {
    it("takes the result's order and the declared names", () => {
        const declared: Column[] = [
            { name: "a", type: { kind: "string" } },
            { name: "b", type: { kind: "date" } },
        ];

        const columns = resultColumns([info("B", "date"), info("a", "varchar")], declared);

        expect(columns).to.deep.equal([
            { name: "b", kind: "string" },
            { name: "a", kind: "string" },
        ]);
    });

    const types: Record<string, ColumnType> = {
        varchar: { kind: "string" },
        boolean: { kind: "boolean" },
        tinyint: { kind: "integer", bits: 8 },
        smallint: { kind: "integer", bits: 16 },
        integer: { kind: "integer", bits: 32 },
        bigint: { kind: "integer", bits: 64 },
        real: { kind: "float", bits: 32 },
        double: { kind: "float", bits: 64 },
        "decimal(10,2)": { kind: "decimal", precision: 10, scale: 2 },
        date: { kind: "date" },
        timestamp: { kind: "timestamp" },
        array: { kind: "array", element: { kind: "string" } },
        map: { kind: "map", value: { kind: "string" } },
        struct: { kind: "struct", fields: [{ name: "x", type: { kind: "string" } }] },
    };
    const numbers = "number";
    /** Athena's type -> the column types that take it, and as what it is written there. */
    const accepted: Record<string, Record<string, string>> = {
        varchar: { varchar: "string" },
        char: { varchar: "string" },
        json: { varchar: "string", array: "json", map: "json", struct: "json" },
        boolean: { boolean: "boolean" },
        tinyint: {
            tinyint: numbers,
            smallint: numbers,
            integer: numbers,
            bigint: numbers,
            real: numbers,
            double: numbers,
            "decimal(10,2)": numbers,
        },
        smallint: {
            smallint: numbers,
            integer: numbers,
            bigint: numbers,
            real: numbers,
            double: numbers,
            "decimal(10,2)": numbers,
        },
        integer: { integer: numbers, bigint: numbers, double: numbers },
        bigint: { bigint: numbers },
        float: { real: numbers },
        real: { real: numbers },
        double: { double: numbers },
        "decimal(10,2)": { "decimal(10,2)": numbers },
        "decimal(9,1)": { "decimal(10,2)": numbers },
        "decimal(10,1)": {},
        "decimal(10,3)": {},
        "decimal(38,2)": {},
        date: { date: "string" },
        timestamp: { timestamp: "string" },
        "timestamp with time zone": { varchar: "string" },
        time: { varchar: "string" },
        "time with time zone": { varchar: "string" },
        "interval day to second": { varchar: "string" },
        "interval year to month": { varchar: "string" },
        varbinary: { varchar: "string" },
        uuid: { varchar: "string" },
        ipaddress: { varchar: "string" },
        array: {},
        map: {},
        row: {},
        hyperloglog: {},
    };
    for (const [athena, columns] of Object.entries(accepted)) {
        it(`takes ${athena} for ${Object.keys(columns).join(", ") || "no column type"}`, () => {
            for (const [column, type] of Object.entries(types)) {
                const kind = columns[column];
                const convert = () => resultColumns([info("c", athena)], [{ name: "c", type }]);

                if (kind) expect(convert()).to.deep.equal([{ name: "c", kind }]);
                else expect(convert).to.throw(`column "c" is ${column}, the query yields ${athena}: write `);
            }
        });
    }

    it("takes a bare NULL for any type", () => {
        for (const type of Object.values(types)) resultColumns([info("c", "unknown")], [{ name: "c", type }]);
    });

    it("takes a bigint for a decimal that has its digits", () => {
        const decimal = (precision: number) => [{ name: "c", type: { kind: "decimal", precision, scale: 2 } as const }];

        expect(resultColumns([info("c", "bigint")], decimal(21))).to.deep.equal([{ name: "c", kind: "number" }]);
        expect(() => resultColumns([info("c", "bigint")], decimal(20))).to.throw("write CAST(… AS decimal(20,2)) AS c");
    });

    const advice: [string, string, string][] = [
        ["varchar", "bigint", "CAST(… AS bigint)"],
        ["bigint", "integer", "CAST(… AS integer)"],
        ["bigint", "varchar", "CAST(… AS varchar)"],
        ["double", "real", "CAST(… AS real)"],
        ["decimal(38,2)", "decimal(10,2)", "CAST(… AS decimal(10,2))"],
        ["timestamp with time zone", "timestamp", "CAST(… AT TIME ZONE 'UTC' AS timestamp)"],
        ["array", "array", "CAST(… AS JSON)"],
        ["map", "struct", "CAST(… AS JSON)"],
        ["row", "varchar", "CAST(… AS JSON)"],
        ["varchar", "array", "json_parse(…)"],
        ["bigint", "array", "CAST(… AS JSON)"],
    ];
    for (const [athena, column, expression] of advice) {
        it(`advises ${expression} to make ${athena} a ${column}`, () => {
            const convert = () => resultColumns([info("c", athena)], [{ name: "c", type: types[column]! }]);

            expect(convert).to.throw(`: write ${expression} AS c`);
        });
    }

    it("names all problems at once", () => {
        const declared = ["a", "b", "c"].map((name) => ({ name, type: types.bigint! }));
        const result = [info("a", "varchar"), info("b", "bigint"), info("B", "bigint"), info("_col3", "bigint")];

        expect(() => resultColumns(result, declared)).to.throw(
            [
                'column "a" is bigint, the query yields varchar: write CAST(… AS bigint) AS a',
                'the result has more than one column "B": rename all but one',
                'the result\'s column "_col3" is not declared: name it with AS or add it to output.columns',
                'the result has no column "c": add it to the SELECT or take it from output.columns',
            ].join("; "),
        );
    });
});

/** A column as Athena describes it. */
function info(Name: string, type: string): ColumnInfo {
    const [, Type, precision, scale] = /^([^(]+)(?:\((\d+),(\d+)\))?$/.exec(type)!;
    return { Name, Type, ...(precision && { Precision: Number(precision), Scale: Number(scale) }) };
}
