import type { LakeTable, RegisteredPartition } from "../athena-sql/tables/tables";
import type { View } from "../athena-sql/views";
import { ofType } from "../program";
import type { Runtime } from "../runtime";
import { readTable, type TableInputs } from "./glue/tables";

/** What a database holds under a name. */
export type Entry = { table: LakeTable; inputs: TableInputs } | { view: View };

/** The Glue catalog: the databases and tables that the program registers, and what Athena's statements make of it. */
export class Glue {
    /** Names of databases, in lower case. */
    readonly databases: string[];
    private readonly entries = new Map<string, Entry>();

    /** Refuses tables of a kind that is not modelled, by name. */
    constructor({ program }: Pick<Runtime, "program">) {
        this.databases = ofType(program, "aws:glue/catalogDatabase:CatalogDatabase").map(({ outputs }) =>
            String(outputs.name).toLowerCase(),
        );
        for (const { name, inputs, outputs } of ofType(program, "aws:glue/catalogTable:CatalogTable"))
            try {
                const table = { ...inputs, name: String(outputs.name) } as unknown as TableInputs;
                if (this.create(table).registered)
                    throw new Error("partitions without partition projection are not modelled on this machine");
            } catch (error) {
                throw new Error(`Glue table ${name}: ${(error as Error).message}`);
            }
    }

    /** Whether there is a database. */
    hasDatabase(name: string): boolean {
        return this.databases.includes(name.toLowerCase());
    }

    /** What a name stands for; names differ by more than case. */
    entry(database: string, name: string): Entry | undefined {
        return this.entries.get(keyOf(database, name));
    }

    /** A table. */
    table(database: string, name: string): LakeTable | undefined {
        const entry = this.entry(database, name);
        return entry && "table" in entry ? entry.table : undefined;
    }

    /** The tables of a database. */
    tables(database: string): LakeTable[] {
        return this.inDatabase(database).flatMap((entry) => ("table" in entry ? [entry.table] : []));
    }

    /** What a database holds. */
    inDatabase(database: string): Entry[] {
        const start = keyOf(database, "");
        return [...this.entries].filter(([key]) => key.startsWith(start)).map(([, entry]) => entry);
    }

    /** Registers a table. */
    create(inputs: TableInputs): LakeTable {
        const table = readTable(inputs);
        this.entries.set(keyOf(table.database, table.name), { table, inputs });
        return table;
    }

    /** Registers a view, in the place of one that has its name. */
    putView(view: View): void {
        this.entries.set(keyOf(view.database, view.name), { view });
    }

    /** Registers partitions of a table, those that it does not know yet. */
    addPartitions({ registered = [] }: LakeTable, partitions: RegisteredPartition[]): void {
        const known = new Set(registered.map(({ location }) => location));
        registered.push(...partitions.filter(({ location }) => !known.has(location)));
    }

    drop(database: string, name: string): void {
        this.entries.delete(keyOf(database, name));
    }
}

function keyOf(database: string, name: string): string {
    return `${database.toLowerCase()}.${name.toLowerCase()}`;
}
