import { SyntaxProblem } from "./problems";
import { nearest, quoted } from "./suggestion";
import type { ColumnType, PlannedColumn } from "./types";

/** What a column or field name must look like. */
export const columnNamePattern = /^[a-z_][a-z0-9_]*$/;

const simpleTypes = new Map<string, ColumnType>([
    ["string", { kind: "string" }],
    ["boolean", { kind: "boolean" }],
    ["tinyint", { kind: "integer", bits: 8 }],
    ["smallint", { kind: "integer", bits: 16 }],
    ["int", { kind: "integer", bits: 32 }],
    ["bigint", { kind: "integer", bits: 64 }],
    ["float", { kind: "float", bits: 32 }],
    ["double", { kind: "float", bits: 64 }],
    ["date", { kind: "date" }],
    ["timestamp", { kind: "timestamp" }],
]);

const allTypes = [...simpleTypes.keys(), "decimal(p,s)", "array<…>", "map<string,…>", "struct<name:type,…>"];

/** Names from other dialects, and what they are called here. */
const otherDialects = new Map([
    ["integer", "int"],
    ["long", "bigint"],
    ["short", "smallint"],
    ["byte", "tinyint"],
    ["bool", "boolean"],
    ["real", "float"],
    ["number", "double"],
    ["numeric", "decimal(p,s)"],
    ["datetime", "timestamp"],
    ["timestamptz", "timestamp"],
    ["varchar", "string"],
    ["char", "string"],
    ["text", "string"],
    ["uuid", "string"],
    ["json", "string"],
    ["list", "array<…>"],
    ["row", "struct<name:type,…>"],
    ["object", "struct<name:type,…>"],
]);

/** Reads a type in Hive's spelling; a SyntaxProblem says what is wrong with it. */
export function parseColumnType(text: string): ColumnType {
    return new TypeReader(text).read();
}

/** Reads a type by recursive descent. */
class TypeReader {
    private readonly tokens: string[];
    private at = 0;

    constructor(private readonly text: string) {
        this.tokens = Array.from(text.matchAll(/\w+|\S/g), ([token]) => token);
    }

    read(): ColumnType {
        const type = this.readType();
        if (this.token !== "") {
            throw this.unexpected("the end");
        }
        return type;
    }

    private readType(): ColumnType {
        if (this.token === "") {
            throw this.unexpected("a type");
        }
        const name = this.next().toLowerCase();
        switch (name) {
            case "array":
                return this.readArray();
            case "map":
                return this.readMap();
            case "struct":
                return this.readStruct();
            case "decimal":
                return this.readDecimal();
            default:
                return simpleTypes.get(name) ?? unknownType(name);
        }
    }

    private readArray(): ColumnType {
        this.expect("<");
        const element = this.readType();
        this.expect(">");
        return { kind: "array", element };
    }

    private readMap(): ColumnType {
        this.expect("<");
        if (this.readType().kind !== "string") {
            throw new SyntaxProblem("a map's keys must be `string`, as they are in JSON: write `map<string,…>`");
        }
        this.expect(",");
        const value = this.readType();
        this.expect(">");
        return { kind: "map", value };
    }

    private readStruct(): ColumnType {
        const fields: PlannedColumn[] = [];
        this.expect("<");
        do {
            const name = this.next();
            if (!columnNamePattern.test(name)) {
                throw new SyntaxProblem(
                    `\`${name}\` cannot name a field: use lower-case letters, digits and \`_\`, not a digit first`,
                );
            }
            if (fields.some((field) => field.name === name)) {
                throw new SyntaxProblem(`the struct has two fields \`${name}\`: rename one`);
            }
            this.expect(":");
            fields.push(column(name, this.readType()));
        } while (this.take(","));
        this.expect(">");
        return { kind: "struct", fields };
    }

    private readDecimal(): ColumnType {
        let [precision, scale] = [10, 0]; // Hive's default
        if (this.take("(")) {
            precision = this.readNumber();
            scale = this.take(",") ? this.readNumber() : 0;
            this.expect(")");
        }
        if (precision < 1 || precision > 38 || scale > precision) {
            throw new SyntaxProblem("a decimal has 1 to 38 digits, and no more of them after the point");
        }
        return { kind: "decimal", precision, scale };
    }

    private readNumber(): number {
        if (!/^\d+$/.test(this.token)) {
            throw this.unexpected("a number");
        }
        return Number(this.next());
    }

    /** The token at hand, `""` at the end. */
    private get token(): string {
        return this.tokens.at(this.at) ?? "";
    }

    private next(): string {
        const { token } = this;
        this.at++;
        return token;
    }

    private expect(symbol: string): void {
        if (!this.take(symbol)) {
            throw this.unexpected(`\`${symbol}\``);
        }
    }

    private take(symbol: string): boolean {
        const found = this.token === symbol;
        this.at += found ? 1 : 0;
        return found;
    }

    private unexpected(wanted: string): SyntaxProblem {
        const found = this.token === "" ? "the end" : `\`${this.token}\``;
        return new SyntaxProblem(`cannot read the type \`${this.text}\`: expected ${wanted}, found ${found}`);
    }
}

/** The type in Hive's spelling: lower case, no spaces. */
export function printColumnType(type: ColumnType): string {
    switch (type.kind) {
        case "integer":
            return { 8: "tinyint", 16: "smallint", 32: "int", 64: "bigint" }[type.bits];
        case "float":
            return { 32: "float", 64: "double" }[type.bits];
        case "decimal":
            return `decimal(${type.precision},${type.scale})`;
        case "array":
            return `array<${printColumnType(type.element)}>`;
        case "map":
            return `map<string,${printColumnType(type.value)}>`;
        case "struct":
            return `struct<${type.fields.map((field) => `${field.name}:${field.hiveType}`).join(",")}>`;
        default:
            return type.kind;
    }
}

/** A column of this name and type. */
export function column(name: string, type: ColumnType): PlannedColumn {
    return { name, type, hiveType: printColumnType(type) };
}

function unknownType(name: string): never {
    const meant =
        otherDialects.get(name) ?? nearest(name, [...simpleTypes.keys(), "decimal", "array", "map", "struct"]);
    const advice = meant === undefined ? `there is ${quoted(allTypes)}` : `did you mean \`${meant}\`?`;
    throw new SyntaxProblem(`unknown type \`${name}\`: ${advice}`);
}
