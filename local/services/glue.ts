import { parseHiveType } from "../athena-sql/tables/hive-types";
import { type LakeTable, parseLocation, parsePartitions } from "../athena-sql/tables/tables";
import { type CapturedResource, ofType } from "../program";
import type { Runtime } from "../runtime";
import { readFormat, type Storage } from "./glue/formats";

interface TableInputs {
    name: string;
    databaseName: string;
    tableType?: string;
    parameters?: Record<string, string>;
    partitionKeys?: { name: string; type: string }[];
    storageDescriptor?: Storage & { location?: string; columns?: { name: string; type: string }[] };
}

/** The Glue catalog: the databases and tables that the program registers. */
export class Glue {
    private readonly databases: Set<string>;
    private readonly all: LakeTable[];

    /** Refuses tables of a kind that is not modelled, by name. */
    constructor({ program }: Pick<Runtime, "program">) {
        this.databases = new Set(
            ofType(program, "aws:glue/catalogDatabase:CatalogDatabase").map(({ outputs }) =>
                String(outputs.name).toLowerCase(),
            ),
        );
        this.all = ofType(program, "aws:glue/catalogTable:CatalogTable").map(readTable);
    }

    /** Whether the program registers a database. */
    hasDatabase(name: string): boolean {
        return this.databases.has(name.toLowerCase());
    }

    /** A table; names differ by more than case. */
    table(database: string, name: string): LakeTable | undefined {
        return this.tables(database).find((table) => table.name === name.toLowerCase());
    }

    /** The tables of a database. */
    tables(database: string): LakeTable[] {
        return this.all.filter((table) => table.database === database.toLowerCase());
    }
}

function readTable(resource: CapturedResource): LakeTable {
    try {
        return table({ ...resource.inputs, name: String(resource.outputs.name) } as unknown as TableInputs);
    } catch (error) {
        throw new Error(`Glue table ${resource.name}: ${(error as Error).message}`);
    }
}

function table({
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
    const projected = parameters["projection.enabled"]?.toLowerCase() === "true";
    if (partitionKeys.length > 0 && !projected)
        throw new Error("partitions without partition projection are not modelled on this machine");
    const partitions = partitionKeys.map((column) => ({ ...readColumn(column), partition: true }));
    return {
        database: databaseName.toLowerCase(),
        name: name.toLowerCase(),
        columns: [...stored, ...partitions],
        location,
        format,
        ...(partitions.length > 0 && { partitions: parsePartitions(partitions, location, parameters) }),
    };
}

function readColumn({ name, type }: { name: string; type: string }) {
    try {
        return { name: name.toLowerCase(), type: parseHiveType(type) };
    } catch (error) {
        throw new Error(`column ${name}: ${(error as Error).message}`);
    }
}
