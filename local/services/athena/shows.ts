import { hiveTypeName } from "../../athena-sql/tables/hive-types";
import type { LakeTable } from "../../athena-sql/tables/tables";
import type { View } from "../../athena-sql/views";
import type { Entry } from "../glue";
import type { GlueColumn, TableInputs } from "../glue/tables";

/** Names that fit a pattern of Hive's: `*` stands for anything, `|` between choices. */
export function matching(names: string[], pattern: string | undefined): string[] {
    if (pattern === undefined) return [...names];
    const source = pattern
        .split("|")
        .map((choice) =>
            choice
                .replace(/\.\*/g, "*")
                .split("*")
                .map((part) => part.replace(/[.+?^${}()[\]\\]/g, "\\$&"))
                .join(".*"),
        )
        .join("|");
    const fits = new RegExp(`^(?:${source})$`, "i");
    return names.filter((name) => fits.test(name));
}

/** DESCRIBE: names, types and comments in columns of twenty characters, partition columns once more behind them. */
export function described(entry: Entry): string[] {
    if ("view" in entry) return entry.view.columns.map(({ name, type }) => line(name, hiveTypeName(type), ""));
    const { inputs } = entry;
    const partitions = inputs.partitionKeys ?? [];
    const shown = (column: GlueColumn, stored: boolean) =>
        line(column.name.toLowerCase(), column.type, column.comment ?? (stored ? ownComment(inputs) : ""));
    const lines = [
        ...(inputs.storageDescriptor?.columns ?? []).map((column) => shown(column, true)),
        ...partitions.map((column) => shown(column, false)),
    ];
    if (partitions.length === 0) return lines;
    const head = ["", "# Partition Information", line("# col_name", "data_type", "comment"), ""];
    return [...lines, ...head, ...partitions.map((column) => shown(column, false))];
}

/** SHOW COLUMNS. */
export function columnNames(entry: Entry): string[] {
    const columns = "view" in entry ? entry.view.columns : entry.table.columns;
    return columns.map(({ name }) => name.padEnd(20));
}

/** SHOW PARTITIONS: those of the catalog; those that are projected it does not list. */
export function partitionNames({ registered = [], columns }: LakeTable): string[] {
    const names = columns.filter(({ partition }) => partition).map(({ name }) => name);
    return registered.map(({ values }) =>
        names.map((name) => `${name}=${values[name] ?? "__HIVE_DEFAULT_PARTITION__"}`).join("/"),
    );
}

/** SHOW TBLPROPERTIES: all, or one. */
export function properties({ parameters = {} }: TableInputs, property: string | undefined): string[] {
    const all = Object.entries(parameters);
    if (property === undefined) return all.map(([name, value]) => `${name}\t${value}`);
    return all.filter(([name]) => name === property).map(([, value]) => value);
}

/** SHOW CREATE TABLE, as Hive writes it. Whether Athena puts the database before the name is not documented. */
export function tableText({ inputs, table }: Extract<Entry, { inputs: TableInputs }>): string[] {
    const { storageDescriptor: { columns = [], inputFormat, outputFormat, serDeInfo = {} } = {} } = inputs;
    const own = ownComment(inputs);
    const column = ({ name, type, comment = own }: GlueColumn) =>
        `  \`${name.toLowerCase()}\` ${type}${comment ? ` COMMENT '${comment}'` : ""}`;
    const partitions = inputs.partitionKeys ?? [];
    const parameters = Object.entries(serDeInfo.parameters ?? {});
    return [
        `CREATE EXTERNAL TABLE \`${table.name}\`(`,
        ...list(columns.map(column)),
        ...(partitions.length > 0
            ? ["PARTITIONED BY ( ", ...list(partitions.map(({ name, type }) => `  \`${name.toLowerCase()}\` ${type}`))]
            : []),
        "ROW FORMAT SERDE ",
        `  '${serDeInfo.serializationLibrary}' `,
        ...(parameters.length > 0 ? ["WITH SERDEPROPERTIES ( ", ...list(parameters.map(pair))] : []),
        "STORED AS INPUTFORMAT ",
        `  '${inputFormat}' `,
        "OUTPUTFORMAT ",
        `  '${outputFormat ?? null}'`,
        "LOCATION",
        `  '${table.location}'`,
        "TBLPROPERTIES (",
        ...list(Object.entries(inputs.parameters ?? {}).map(pair)),
    ];
}

/** SHOW CREATE VIEW. */
export function viewText({ name, sql }: View): string[] {
    return `CREATE VIEW ${name} AS\n${sql}`.split("\n");
}

/** The comment of columns that have none: those that only the SerDe knows are said to be its. */
function ownComment({ storageDescriptor }: TableInputs): string {
    const library = storageDescriptor?.serDeInfo?.serializationLibrary ?? "";
    return /ParquetHiveSerDe|LazySimpleSerDe/.test(library) ? "" : "from deserializer";
}

function line(...cells: string[]): string {
    return cells.map((cell) => cell.padEnd(20)).join("\t");
}

/** Items with commas between them, and the parenthesis that closes the list. */
function list(items: string[]): string[] {
    return items.map((item, index) => (index < items.length - 1 ? `${item}, ` : `${item})`));
}

function pair([name, value]: [string, string]): string {
    return `  '${name}'='${value}'`;
}
