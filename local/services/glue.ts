import { parseHiveType } from "../athena-sql/tables/hive-types";
import { type JsonTable, parseLocation, parsePartitions } from "../athena-sql/tables/tables";
import { type CapturedResource, ofType } from "../program";
import type { Runtime } from "../runtime";

const openX = "org.openx.data.jsonserde.JsonSerDe";
const textInput = "org.apache.hadoop.mapred.TextInputFormat";

interface TableInputs {
    name: string;
    databaseName: string;
    tableType?: string;
    parameters?: Record<string, string>;
    partitionKeys?: { name: string; type: string }[];
    storageDescriptor?: {
        location?: string;
        inputFormat?: string;
        columns?: { name: string; type: string }[];
        serDeInfo?: { serializationLibrary?: string; parameters?: Record<string, string> };
    };
}

/** The Glue catalog: the databases and tables that the program registers. */
export class Glue {
    private readonly databases: Set<string>;
    private readonly all: JsonTable[];

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
    table(database: string, name: string): JsonTable | undefined {
        return this.tables(database).find((table) => table.name === name.toLowerCase());
    }

    /** The tables of a database. */
    tables(database: string): JsonTable[] {
        return this.all.filter((table) => table.database === database.toLowerCase());
    }
}

function readTable(resource: CapturedResource): JsonTable {
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
}: TableInputs): JsonTable {
    const { location, inputFormat = textInput, columns = [], serDeInfo = {} } = storageDescriptor;
    if (tableType !== undefined && tableType !== "EXTERNAL_TABLE")
        throw new Error(`tables of type ${tableType} are not modelled on this machine`);
    if (serDeInfo.serializationLibrary !== openX)
        throw new Error(
            `the SerDe ${serDeInfo.serializationLibrary} is not modelled on this machine, only ${openX} is`,
        );
    if (inputFormat !== textInput)
        throw new Error(`the input format ${inputFormat} is not modelled on this machine, only ${textInput} is`);
    if (location === undefined) throw new Error("storageDescriptor.location is missing");
    parseLocation(location);
    const ignoreMalformed = serDeOptions(serDeInfo.parameters ?? {});
    const projected = parameters["projection.enabled"]?.toLowerCase() === "true";
    if (partitionKeys.length > 0 && !projected)
        throw new Error("partitions without partition projection are not modelled on this machine");
    const partitions = partitionKeys.map((column) => ({ ...readColumn(column), partition: true }));
    return {
        database: databaseName.toLowerCase(),
        name: name.toLowerCase(),
        columns: [...columns.map((column) => ({ ...readColumn(column), partition: false })), ...partitions],
        location,
        ignoreMalformed,
        ...(partitions.length > 0 && { partitions: parsePartitions(partitions, location, parameters) }),
    };
}

/** Reads `ignore.malformed.json` and refuses options that change how keys are read. */
function serDeOptions(parameters: Record<string, string>): boolean {
    let ignoreMalformed = false;
    for (const [name, text] of Object.entries(parameters)) {
        const value = text.toLowerCase();
        if (name === "ignore.malformed.json") ignoreMalformed = value === "true";
        else if (name === "serialization.format" || name === "paths") continue;
        else if ((name === "case.insensitive" && value === "true") || (name === "dots.in.keys" && value === "false"))
            continue;
        else throw new Error(`the SerDe's parameter ${name} = ${text} is not modelled on this machine`);
    }
    return ignoreMalformed;
}

function readColumn({ name, type }: { name: string; type: string }) {
    try {
        return { name: name.toLowerCase(), type: parseHiveType(type) };
    } catch (error) {
        throw new Error(`column ${name}: ${(error as Error).message}`);
    }
}
