import * as glue from "@pulumi/aws/glue";
import * as pulumi from "@pulumi/pulumi";
import type { AdoptedTableArgs, Partition, PartitionColumn, PlannedTable } from "../plan";
import { claimName } from "./internal/claims";
import { catalogued } from "./internal/table-formats";
import { plannedTables } from "./internal/tables";

/** One table of a database. */
export interface TableArgs extends AdoptedTableArgs {
    /** Name in SQL: lower-case letters, digits and `_`. */
    name: string;
}

/** Arguments of `GlueTables`. */
export interface GlueTablesArgs {
    /** Name of the database that is created: lower-case letters, digits and `_`. */
    databaseName: pulumi.Input<string>;
    /** Name of the bucket that holds the objects. */
    bucketName: pulumi.Input<string>;
    /** Tables of the database, each under a prefix of its own. */
    tables: TableArgs[];
}

/**
 * A database of the Glue catalogue with tables over newline-delimited JSON, CSV, Parquet or load balancers' logs. Partitions are projected from the folders'
 * names: no crawler, and a new folder is seen at once.
 *
 * @example
 * ```ts
 * new GlueTables("lake", {
 *     databaseName: "lake",
 *     bucketName: lake.bucketName,
 *     tables: [{
 *         name: "clicks", prefix: "raw/v0/clicks/", partition: "arrival_hour",
 *         columns: [{ name: "page", type: "string" }],
 *     }],
 * });
 * ```
 */
export class GlueTables extends pulumi.ComponentResource {
    /** Name of the database, known once its tables exist. */
    readonly databaseName: pulumi.Output<string>;

    constructor(name: string, args: GlueTablesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:GlueTables", name, {}, opts);
        const parent = this;
        if (typeof args.databaseName === "string") claimDatabase(args.databaseName);
        const database = new glue.CatalogDatabase(name, { name: args.databaseName }, { parent });
        const tables = plannedTables(args.tables).map(createTable);
        // Not by the tables' ids: a preview knows none of a new table, and everything that needs the name would seem to change.
        const named = tables.map((table) => table.databaseName);
        this.databaseName = pulumi.all([database.name, named]).apply(([first]) => first);
        this.registerOutputs({ databaseName: this.databaseName });

        /** A pipeline's own is its name in the characters that SQL takes: others may come to the same. */
        function claimDatabase(database: string) {
            const remedy = "give one of them another `databaseName`, or a name that differs in its letters and digits";
            claimName("Glue database", database, `"${name}"`, remedy);
        }

        function createTable(planned: PlannedTable) {
            const { name: table, prefix, columns, partition } = planned;
            const { parameters, ...storage } = catalogued(planned);
            const location = pulumi.interpolate`s3://${args.bucketName}/${prefix}`;
            return new glue.CatalogTable(
                `${name}-${table}`,
                {
                    name: table,
                    databaseName: database.name,
                    tableType: "EXTERNAL_TABLE",
                    partitionKeys: partition?.columns.map((column) => ({ name: column, type: "string" })) ?? [], // Athena wants a list
                    parameters: { ...parameters, ...(partition && projection(partition, location)) },
                    storageDescriptor: {
                        location,
                        columns: columns.map(({ name, hiveType, comment }) => ({ name, type: hiveType, comment })),
                        ...storage,
                    },
                },
                { parent },
            );
        }
    }
}

/**
 * Athena's partition projection: it computes the folders from `since` to now, instead of looking them up in the
 * catalogue. With Hive's folders from the start of its year, to days that no month may have: those are empty.
 */
function projection({ columns, since }: Partition, location: pulumi.Output<string>) {
    const properties = columns.flatMap((column) =>
        Object.entries(projections[column](since)).map(([name, value]) => [`projection.${column}.${name}`, value]),
    );
    const folders = columns.map((column) => `${column.startsWith("arrival_") ? "" : `${column}=`}\${${column}}/`);
    return {
        "projection.enabled": "true",
        ...Object.fromEntries(properties),
        "storage.location.template": pulumi.interpolate`${location}${folders.join("")}`,
    };
}

/** How each partition column's values are computed, from a first day. */
const projections: Record<PartitionColumn, (since: string) => Record<string, string>> = {
    arrival_hour: (since) => dates("yyyy/MM/dd/HH", `${since.replaceAll("-", "/")}/00`, "HOURS"),
    arrival_day: (since) => dates("yyyy/MM/dd", since.replaceAll("-", "/"), "DAYS"),
    run_date: (since) => dates("yyyy-MM-dd", since, "DAYS"),
    year: (since) => dates("yyyy", since.slice(0, 4), "YEARS"),
    month: () => twoDigits("1,12"),
    day: () => twoDigits("1,31"),
    hour: () => twoDigits("0,23"),
};

function dates(format: string, first: string, unit: string) {
    return { type: "date", format, range: `${first},NOW`, interval: "1", "interval.unit": unit };
}

function twoDigits(range: string) {
    return { type: "integer", range, digits: "2" };
}
