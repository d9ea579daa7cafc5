import { albLogPattern, type PlannedCsv, type PlannedTable } from "../../plan";

/** How Athena reads a table's objects: parameters of the table, and of its storage. */
export interface CataloguedFormat {
    parameters: Record<string, string>;
    inputFormat: string;
    outputFormat: string;
    serDeInfo: { serializationLibrary: string; parameters: Record<string, string> };
}

/** The formats in the catalogue's words, as Athena's documentation has them. */
export function catalogued({ format, csv }: PlannedTable): CataloguedFormat {
    switch (format) {
        case "csv":
            return csvFormat(csv!);
        case "parquet":
            return parquet;
        case "alb-log":
            return albLog;
        default:
            return json;
    }
}

const text = {
    inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};

const json: CataloguedFormat = {
    ...text,
    parameters: { classification: "json" },
    serDeInfo: {
        serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
        // A line that is no JSON fails the query; ignored, it would be a row of nulls.
        parameters: { "ignore.malformed.json": "false" },
    },
};

const parquet: CataloguedFormat = {
    parameters: { classification: "parquet" },
    inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serDeInfo: {
        serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        parameters: { "serialization.format": "1" },
    },
};

const albLog: CataloguedFormat = {
    ...text,
    parameters: { classification: "alb-log" },
    serDeInfo: {
        serializationLibrary: "org.apache.hadoop.hive.serde2.RegexSerDe",
        parameters: { "serialization.format": "1", "input.regex": albLogPattern },
    },
};

function csvFormat(csv: PlannedCsv): CataloguedFormat {
    const { headerLines } = csv;
    const header: Record<string, string> = headerLines > 0 ? { "skip.header.line.count": String(headerLines) } : {};
    return {
        ...text,
        parameters: { classification: "csv", ...header },
        serDeInfo: {
            serializationLibrary: "org.apache.hadoop.hive.serde2.OpenCSVSerde",
            parameters: { separatorChar: csv.separator, quoteChar: csv.quote, escapeChar: csv.escape },
        },
    };
}
