import { type Format, textTypes } from "../../athena-sql/tables/formats";
import { linePattern } from "../../athena-sql/tables/regex-lines";
import { type Type, typeName } from "../../athena-sql/types";

/** What a table's storage descriptor says of its format. */
export interface Storage {
    inputFormat?: string;
    outputFormat?: string;
    serDeInfo?: { serializationLibrary?: string; parameters?: Record<string, string> };
}

/** A format that Athena reads. */
interface Known {
    inputFormat: string;
    /** Parameters of the SerDe that change nothing, beside those that `read` takes. */
    harmless: string[];
    /** Reads the SerDe's parameters, taking what it knows, and the table's. */
    read(
        take: (name: string) => string | undefined,
        table: Record<string, string>,
        columns: { name: string; type: Type }[],
    ): Format;
    /** Types of columns that it reads for sure. @default all */
    types?: string[];
}

const text = "org.apache.hadoop.mapred.TextInputFormat";

/** By the SerDe that reads them. */
const formats: Record<string, Known> = {
    "org.openx.data.jsonserde.JsonSerDe": {
        inputFormat: text,
        harmless: ["serialization.format", "paths"],
        read: (take, _, columns) => {
            const keys = columns.flatMap(({ name }): [string, string][] => {
                const key = take(`mapping.${name}`);
                return key === undefined ? [] : [[name, key]];
            });
            return {
                kind: "json",
                ignoreMalformed: isTrue(take("ignore.malformed.json")),
                ...(take("case.insensitive")?.toLowerCase() === "false" && { caseSensitive: true }),
                ...(isTrue(take("dots.in.keys")) && { dotsInKeys: true }),
                ...(keys.length > 0 && { keys: new Map(keys) }),
            };
        },
    },
    "org.apache.hive.hcatalog.data.JsonSerDe": {
        inputFormat: text,
        harmless: ["serialization.format"],
        read: () => ({ kind: "json", ignoreMalformed: false }),
    },
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": {
        inputFormat: text,
        harmless: ["serialization.format"],
        read: (take) => ({ kind: "text", separator: take("field.delim") ?? "\u0001" }),
        types: textTypes,
    },
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": {
        inputFormat: text,
        harmless: ["serialization.format"],
        read: (take, { "skip.header.line.count": headerLines = "0" }) => ({
            kind: "csv",
            separator: take("separatorChar") ?? ",",
            quote: take("quoteChar") ?? '"',
            escape: take("escapeChar") ?? "\\",
            headerLines: Number(headerLines),
        }),
        types: ["varchar", "boolean", "integer", "bigint", "double"],
    },
    "org.apache.hadoop.hive.serde2.RegexSerDe": {
        inputFormat: text,
        harmless: ["serialization.format"],
        read: (take) => ({ kind: "regex", pattern: linePattern(take("input.regex") ?? "") }),
        types: textTypes,
    },
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": {
        inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        harmless: ["serialization.format"],
        read: () => ({ kind: "parquet" }),
    },
};

/** The format of a table; refuses what is not modelled, by name. */
export function readFormat(
    { inputFormat, serDeInfo = {} }: Storage,
    table: Record<string, string>,
    columns: { name: string; type: Type }[],
): Format {
    const { serializationLibrary: library, parameters = {} } = serDeInfo;
    const known = formats[library ?? ""];
    if (!known) {
        const names = Object.keys(formats).join(", ");
        throw new Error(`the SerDe ${library} is not modelled on this machine, only these are: ${names}`);
    }
    if (inputFormat !== undefined && inputFormat !== known.inputFormat)
        throw new Error(
            `the input format ${inputFormat} is not modelled on this machine, only ${known.inputFormat} is`,
        );
    const other = columns.find(({ type }) => known.types && !known.types.includes(type.kind));
    if (other)
        throw new Error(
            `column ${other.name}: ${typeName(other.type)} is not modelled on this machine with ${library}`,
        );
    const left = new Map(Object.entries(parameters).filter(([name]) => !known.harmless.includes(name)));
    const take = (name: string) => {
        const value = left.get(name);
        left.delete(name);
        return value;
    };
    const format = known.read(take, table, columns);
    for (const [name, value] of left) throw unknownParameter(name, value);
    return format;
}

function isTrue(value: string | undefined): boolean {
    return value?.toLowerCase() === "true";
}

function unknownParameter(name: string, value: string): Error {
    return new Error(`the SerDe's parameter ${name} = ${value} is not modelled on this machine`);
}
