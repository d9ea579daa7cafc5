import { parseHiveType } from "../../athena-sql/tables/hive-types";
import { type LakeTable, parseLocation, parsePartitions } from "../../athena-sql/tables/tables";
import { readFormat, type Storage } from "./formats";

/** A table as Glue describes it. */
export interface TableInputs {
    name: string;
    databaseName: string;
    tableType?: string;
    parameters?: Record<string, string>;
    partitionKeys?: GlueColumn[];
    storageDescriptor?: Storage & { location?: string; columns?: GlueColumn[] };
}

export interface GlueColumn {
    name: string;
    /** As Hive names it. */
    type: string;
    comment?: string;
}

/** What Athena makes of it; refuses what is not modelled, by name. */
export function readTable({
    name,
    databaseName,
    tableType,
    parameters = {},
    partitionKeys = [],
    storageDescriptor = {},
}: TableInputs): LakeTable {
    const { location, columns = [] } = storageDescriptor;
    if (tableType !== undefined && tableType !== "EXTERNAL_TABLE")
        throw new Error(`tables of type ${tableType} are not modelled on this machine`);
    const stored = columns.map((column) => ({ ...readColumn(column), partition: false }));
    const format = readFormat(storageDescriptor, parameters, stored);
    if (location === undefined) throw new Error("storageDescriptor.location is missing");
    parseLocation(location);
    const partitions = partitionKeys.map((column) => ({ ...readColumn(column), partition: true }));
    const projected = parameters["projection.enabled"]?.toLowerCase() === "true";
    return {
        database: databaseName.toLowerCase(),
        name: name.toLowerCase(),
        columns: [...stored, ...partitions],
        location,
        format,
        ...(partitions.length > 0 &&
            (projected ? { partitions: parsePartitions(partitions, location, parameters) } : { registered: [] })),
    };
}

function readColumn({ name, type }: GlueColumn) {
    try {
        return { name: name.toLowerCase(), type: parseHiveType(type) };
    } catch (error) {
        throw new Error(`column ${name}: ${(error as Error).message}`);
    }
}
