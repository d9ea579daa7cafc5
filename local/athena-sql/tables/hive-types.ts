import { type RowField, scalarType, type Type } from "../types";

/** Hive's names of scalar types, and Trino's. */
const names: Record<string, string> = {
    ...{
        string: "varchar",
        varchar: "varchar",
        char: "char",
        boolean: "boolean",
        date: "date",
        timestamp: "timestamp",
    },
    ...{ tinyint: "tinyint", smallint: "smallint", int: "integer", integer: "integer", bigint: "bigint" },
    ...{ float: "real", double: "double", decimal: "decimal" },
};

/** A column type of the Glue catalog, e.g. `struct<name:string,sizes:array<decimal(10,2)>>`. */
export function parseHiveType(text: string): Type {
    const tokens = text.toLowerCase().match(/[a-z_0-9$]+|[<>(),:]/g) ?? [];
    let at = 0;
    const take = (symbol: string) => {
        if (tokens[at++] !== symbol) throw new Error(`'${text}' is not a column type`);
    };
    const type = (): Type => {
        const name = tokens[at++] ?? "";
        if (name === "array") {
            take("<");
            const element = type();
            take(">");
            return { kind: "array", element };
        }
        if (name === "map") {
            take("<");
            const key = type();
            take(",");
            const value = type();
            take(">");
            return { kind: "map", key, value };
        }
        return name === "struct" ? struct() : scalar(name);
    };
    const struct = (): Type => {
        const fields: RowField[] = [];
        do {
            at++;
            const name = tokens[at++];
            take(":");
            fields.push({ name, type: type() });
        } while (tokens[at] === ",");
        take(">");
        return { kind: "row", fields };
    };
    const scalar = (name: string): Type => {
        const numbers: number[] = [];
        if (tokens[at] === "(") {
            do {
                at++;
                numbers.push(Number(tokens[at++]));
            } while (tokens[at] === ",");
            take(")");
        }
        const known = names[name];
        if (known === undefined) throw new Error(`columns of type '${name}' are not modelled on this machine`);
        return scalarType(known, known === "decimal" && numbers.length === 0 ? [10, 0] : numbers);
    };
    const result = type();
    if (at !== tokens.length) throw new Error(`'${text}' is not a column type`);
    return result;
}

/** A type as Hive names it: `struct<name:string>`. */
export function hiveTypeName(type: Type): string {
    switch (type.kind) {
        case "varchar":
            return type.length === undefined ? "string" : `varchar(${type.length})`;
        case "integer":
            return "int";
        case "real":
            return "float";
        case "varbinary":
            return "binary";
        case "decimal":
            return `decimal(${type.precision},${type.scale})`;
        case "array":
            return `array<${hiveTypeName(type.element)}>`;
        case "map":
            return `map<${hiveTypeName(type.key)},${hiveTypeName(type.value)}>`;
        case "row":
            return `struct<${type.fields.map((field) => `${field.name}:${hiveTypeName(field.type)}`).join(",")}>`;
        default:
            return type.kind;
    }
}
