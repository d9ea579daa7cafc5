import { notModelled, QueryError } from "../errors";
import type { Unload } from "./ast";

/** Athena's names of compressions, and DuckDB's. */
const compressions: Record<string, Unload["compression"]> = {
    NONE: "uncompressed",
    SNAPPY: "snappy",
    GZIP: "gzip",
    ZSTD: "zstd",
};

/** The properties behind WITH; refuses what is not modelled, by name. */
export function unloadOf(query: Unload["query"], location: string, properties: Property[], at: number): Unload {
    const given = new Map(properties.map((property) => [property.name.toLowerCase(), property]));
    const format = given.get("format");
    if (!format) throw new QueryError("INVALID_TABLE_PROPERTY", "UNLOAD takes a property `format`", at);
    if (format.value.toUpperCase() !== "PARQUET") throw notModelled(`UNLOAD to ${format.value}`, format.at);
    const name = given.get("compression")?.value ?? "GZIP";
    const compression = compressions[name.toUpperCase()];
    if (!compression) throw notModelled(`Parquet with ${name}`, given.get("compression")!.at);
    const other = properties.find((property) => !["format", "compression"].includes(property.name.toLowerCase()));
    if (other) throw notModelled(`UNLOAD with ${other.name}`, other.at);
    return { query, location: location.endsWith("/") ? location : `${location}/`, compression, at };
}

/** `name = 'value'`. */
export interface Property {
    name: string;
    value: string;
    at: number;
}
