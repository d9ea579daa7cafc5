import { notModelled, QueryError } from "../../athena-sql/errors";
import type { FileFormat } from "../../athena-sql/syntax/statements";
import { hiveTypeName } from "../../athena-sql/tables/hive-types";
import type { Type } from "../../athena-sql/types";
import type { Entry } from "../glue";
import { readTable, type TableInputs } from "./tables";

const parquet = "org.apache.hadoop.hive.ql.io.parquet";
const text = {
    inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};

/** The SerDes that Athena writes with. */
const written: Record<FileFormat["kind"], { inputFormat: string; outputFormat: string; library: string }> = {
    parquet: {
        inputFormat: `${parquet}.MapredParquetInputFormat`,
        outputFormat: `${parquet}.MapredParquetOutputFormat`,
        library: `${parquet}.serde.ParquetHiveSerDe`,
    },
    json: { ...text, library: "org.apache.hive.hcatalog.data.JsonSerDe" },
    textfile: { ...text, library: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe" },
};

/** The table that CREATE TABLE AS registers. */
export function tableOf(
    {
        database,
        name,
        columns,
        location,
        format,
    }: {
        database: string;
        name: string;
        columns: { name: string; type: Type }[];
        location: string;
        format: FileFormat;
    },
    at: number,
): TableInputs {
    const { kind, compression, delimiter, partitionedBy } = format;
    const { inputFormat, outputFormat, library } = written[kind];
    const glueColumns = columns.map(({ name, type }) => ({ name: name.toLowerCase(), type: hiveTypeName(type) }));
    const stored = glueColumns.slice(0, glueColumns.length - partitionedBy.length);
    const parameters: Record<string, string> =
        kind === "textfile" ? { "field.delim": delimiter, "serialization.format": delimiter } : {};
    const inputs: TableInputs = {
        ...{ name, databaseName: database, tableType: "EXTERNAL_TABLE" },
        parameters: {
            classification: kind === "textfile" ? "csv" : kind,
            [compressionProperty(kind)]: compression === "uncompressed" ? "NONE" : compression.toUpperCase(),
        },
        partitionKeys: glueColumns.slice(stored.length),
        storageDescriptor: {
            ...{ location, columns: stored, inputFormat, outputFormat },
            serDeInfo: { serializationLibrary: library, parameters },
        },
    };
    try {
        readTable(inputs);
    } catch (error) {
        throw notModelled(`CREATE TABLE AS here: ${(error as Error).message}: this`, at);
    }
    return inputs;
}

/** How INSERT writes into a table. Athena writes with the SerDes above and refuses others, that of OpenX among them. */
export function insertFormat({ inputs, table }: Extract<Entry, { inputs: TableInputs }>): FileFormat {
    const { serDeInfo = {}, outputFormat = text.outputFormat } = inputs.storageDescriptor ?? {};
    const { serializationLibrary: library, parameters = {} } = serDeInfo;
    const kind = (Object.keys(written) as FileFormat["kind"][]).find((one) => written[one].library === library);
    if (!kind)
        throw new QueryError(
            "HIVE_UNSUPPORTED_FORMAT",
            `Output format ${outputFormat} with SerDe ${library} is not supported.`,
        );
    const compression = (inputs.parameters?.[compressionProperty(kind)] ?? "GZIP").toLowerCase();
    return {
        kind,
        compression: (compression === "none" ? "uncompressed" : compression) as FileFormat["compression"],
        delimiter: parameters["field.delim"] ?? "\u0001",
        partitionedBy: table.columns.filter(({ partition }) => partition).map(({ name }) => name),
    };
}

function compressionProperty(kind: FileFormat["kind"]): string {
    return kind === "parquet" ? "parquet.compression" : "write.compression";
}
