import { CatalogTable } from "@pulumi/aws/glue";
import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

/** Tables of every kind that a pipeline registers, and beside them of the kinds that only Athena's users write by hand. */
const columns = Object.entries({
    id: "int",
    name: "string",
    flag: "boolean",
    ...{ i8: "tinyint", i16: "smallint", i64: "bigint", f32: "float", f64: "double" },
    ...{ money: "decimal(10,2)", big: "decimal(38,10)", day: "date", at: "timestamp" },
    ...{ tags: "array<string>", nums: "array<int>", attrs: "map<string,double>" },
    place: "struct<lat:double,lon:double,name:string>",
    items: "array<struct<sku:string,qty:int,price:decimal(8,2)>>",
}).map(([name, type]) => ({ name, type }));

const lake = new EventPipeline("lake", {
    ingest: {
        reading: { columns, since: "2026-11-20" },
        sale: {
            format: "parquet",
            partitions: "hive",
            since: "2026-11-20",
            columns: Object.entries({
                ...{ sku: "string", qty: "int", price: "decimal(8,2)", amount: "double", customer: "bigint" },
                ...{ region: "string", sold_on: "date", sold_at: "timestamp", marks: "array<int>" },
            }).map(([name, type]) => ({ name, type })),
        },
    },
    tables: {
        visit: {
            prefix: "adopted/visits/",
            format: "csv",
            csv: { headerLines: 1 },
            columns: ["visitor", "page", "ms", "note"].map((name) => ({ name, type: "string" })),
        },
        accesslog: {
            prefix: "adopted/logs/",
            format: "alb-log",
            partition: "arrival_day",
            since: "2026-11-19",
        },
        product: {
            prefix: "adopted/products/",
            format: "parquet",
            partition: "run_date",
            since: "2026-11-19",
            columns: [
                { name: "sku", type: "string" },
                { name: "title", type: "string" },
                { name: "weight", type: "double" },
            ],
        },
        folder: {
            prefix: "adopted/folders/",
            partition: "hive_day",
            since: "2026-11-19",
            columns: [
                { name: "k", type: "string" },
                { name: "v", type: "bigint" },
            ],
        },
    },
    queries: {
        "raw/v0/reading/": [
            {
                name: "byname",
                sql: "SELECT name, count(*) AS readings FROM reading WHERE :new_data GROUP BY name",
                output: {
                    prefix: "processed/v0/byname/",
                    columns: [
                        { name: "name", type: "string" },
                        { name: "readings", type: "bigint" },
                    ],
                },
            },
        ],
    },
});

interface Own {
    columns: Record<string, string>;
    serDe?: Record<string, string>;
    partitions?: Record<string, string>;
    projection?: Record<string, string>;
    template?: string;
}

/** A table of JSON as one would write it by hand. */
function ownTable(name: string, { columns, serDe = {}, partitions = {}, projection = {}, template }: Own): void {
    const location = pulumi.interpolate`s3://${lake.bucketName}/own/${name}/`;
    const named = (types: Record<string, string>) => Object.entries(types).map(([name, type]) => ({ name, type }));
    new CatalogTable(name, {
        name,
        databaseName: lake.databaseName,
        tableType: "EXTERNAL_TABLE",
        partitionKeys: named(partitions),
        parameters: {
            ...(Object.keys(partitions).length > 0 && { "projection.enabled": "true" }),
            ...Object.fromEntries(Object.entries(projection).map(([key, value]) => [`projection.${key}`, value])),
            ...(template && { "storage.location.template": pulumi.interpolate`${location}${template}` }),
        },
        storageDescriptor: {
            location,
            columns: named(columns),
            inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
            outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe", parameters: serDe },
        },
    });
}

const measure = { v: "int", label: "string" };
ownTable("lenient", {
    columns: { a: "int", b: "string", c: "array<int>", d: "struct<x:int,y:string>", e: "boolean" },
    serDe: { "ignore.malformed.json": "true" },
});
ownTable("sloppy", {
    columns: { a: "int", b: "string", c: "array<int>", d: "struct<x:int,y:string>", e: "boolean" },
    serDe: { "ignore.malformed.json": "true" },
    partitions: { line: "int" },
    projection: { "line.type": "integer", "line.range": "1,15", "line.digits": "2" },
    template: "line-${line}/",
});
ownTable("strict", { columns: { a: "int", b: "string" } });
ownTable("mapped", {
    columns: { a: "int", ts: "string", inner: "struct<x:int>" },
    serDe: { "mapping.ts": "Time-Stamp", "ignore.malformed.json": "true" },
});
ownTable("exact", {
    columns: { a: "int", mixed: "string" },
    serDe: { "case.insensitive": "FALSE", "mapping.mixed": "Mixed" },
});
ownTable("dotted", { columns: { a_b: "int", c: "string" }, serDe: { "dots.in.keys": "true" } });
ownTable("zoned", {
    columns: measure,
    partitions: { zone: "string", shard: "int" },
    projection: {
        ...{ "zone.type": "enum", "zone.values": "north,south,east" },
        ...{ "shard.type": "integer", "shard.range": "0,20", "shard.interval": "5", "shard.digits": "3" },
    },
    template: "${zone}/${shard}/",
});
ownTable("dated", {
    columns: measure,
    partitions: { dt: "date" },
    projection: {
        ...{ "dt.type": "date", "dt.format": "yyyy-MM-dd", "dt.range": "2026-11-18,2026-11-21" },
        ...{ "dt.interval": "1", "dt.interval.unit": "DAYS" },
    },
});
ownTable("tenanted", {
    columns: measure,
    partitions: { tenant: "string" },
    projection: { "tenant.type": "injected" },
    template: "${tenant}/",
});
