import { expect } from "chai";
import fc from "fast-check";
import { type ColumnType, parseColumnType, printColumnType } from "../../plan";
import { column } from "../../plan/column-types";

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
const decimal = fc
    .integer({ min: 1, max: 38 })
    .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => ({ precision, scale })));

const { type } = fc.letrec<{ type: ColumnType }>((tie) => ({
    type: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<ColumnType>({ kind: "string" }, { kind: "boolean" }, { kind: "date" }, { kind: "timestamp" }),
        fc.constantFrom<8 | 16 | 32 | 64>(8, 16, 32, 64).map((bits): ColumnType => ({ kind: "integer", bits })),
        fc.constantFrom<32 | 64>(32, 64).map((bits): ColumnType => ({ kind: "float", bits })),
        decimal.map((digits): ColumnType => ({ kind: "decimal", ...digits })),
        tie("type").map((element): ColumnType => ({ kind: "array", element })),
        tie("type").map((value): ColumnType => ({ kind: "map", value })),
        fc.uniqueArray(fc.tuple(name, tie("type")), { selector: ([field]) => field, minLength: 1, maxLength: 4 }).map(
            (fields): ColumnType => ({
                kind: "struct",
                fields: fields.map(([field, fieldType]) => column(field, fieldType)),
            }),
        ),
    ),
}));

describe("column types", () => {
    it("reads again what it prints", () => {
        fc.assert(
            fc.property(type, (original) => {
                const printed = printColumnType(original);

                const parsed = parseColumnType(printed);

                expect(parsed).to.deep.equal(original);
                expect(printed).to.match(/^[a-z0-9_<>(),:]+$/);
            }),
        );
    });

    for (const [text, printed] of [
        ["STRING", "string"],
        [" Array < Map < string , INT > > ", "array<map<string,int>>"],
        ["struct<a:int, b : decimal( 5 , 2 )>", "struct<a:int,b:decimal(5,2)>"],
        ["decimal", "decimal(10,0)"],
        ["decimal(38)", "decimal(38,0)"],
        ["decimal(3,3)", "decimal(3,3)"],
        ["decimal(1,0)", "decimal(1,0)"],
    ] as const) {
        it(`reads ${text}`, () => {
            const parsed = parseColumnType(text);

            expect(printColumnType(parsed)).to.equal(printed);
        });
    }

    for (const [text, message] of [
        ["integer", "unknown type `integer`: did you mean `int`?"],
        ["varchar(20)", "unknown type `varchar`: did you mean `string`?"],
        ["CHAR(3)", "unknown type `char`: did you mean `string`?"],
        ["datetime", "unknown type `datetime`: did you mean `timestamp`?"],
        ["row(a int)", "unknown type `row`: did you mean `struct<name:type,…>`?"],
        ["array<numeric>", "unknown type `numeric`: did you mean `decimal(p,s)`?"],
        ["bigintt", "unknown type `bigintt`: did you mean `bigint`?"],
        ["constructor", "unknown type `constructor`: there is `string`"],
        [
            "blob",
            "unknown type `blob`: there is `string`, `boolean`, `tinyint`, `smallint`, `int`, `bigint`, `float`, " +
                "`double`, `date`, `timestamp`, `decimal(p,s)`, `array<…>`, `map<string,…>`, `struct<name:type,…>`",
        ],
        [" ", "cannot read the type ` `: expected a type, found the end"],
        ["array<", "cannot read the type `array<`: expected a type, found the end"],
        ["array<int", "cannot read the type `array<int`: expected `>`, found the end"],
        ["array int", "cannot read the type `array int`: expected `<`, found `int`"],
        ["int>", "cannot read the type `int>`: expected the end, found `>`"],
        ["timestamp(3)", "cannot read the type `timestamp(3)`: expected the end, found `(`"],
        ["map<string>", "cannot read the type `map<string>`: expected `,`, found `>`"],
        ["map<int,int>", "a map's keys must be `string`, as they are in JSON: write `map<string,…>`"],
        ["struct<>", "`>` cannot name a field: use lower-case letters, digits and `_`, not a digit first"],
        ["struct<", "`` cannot name a field: use lower-case letters, digits and `_`, not a digit first"],
        ["struct<Id:int>", "`Id` cannot name a field: use lower-case letters, digits and `_`, not a digit first"],
        ["struct<a:int,a:int>", "the struct has two fields `a`: rename one"],
        ["struct<a int>", "cannot read the type `struct<a int>`: expected `:`, found `int`"],
        ["decimal(39)", "a decimal has 1 to 38 digits, and no more of them after the point"],
        ["decimal(0)", "a decimal has 1 to 38 digits, and no more of them after the point"],
        ["decimal(3,4)", "a decimal has 1 to 38 digits, and no more of them after the point"],
        ["decimal(p,s)", "cannot read the type `decimal(p,s)`: expected a number, found `p`"],
        ["decimal(", "cannot read the type `decimal(`: expected a number, found the end"],
    ] as const) {
        it(`refuses ${text}`, () => {
            expect(() => parseColumnType(text)).to.throw(message);
        });
    }
});
