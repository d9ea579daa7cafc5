import { notModelled, QueryError } from "../errors";
import type { FileFormat } from "./statements";

/** `name = 'value'` or `name = ARRAY['value', …]` behind WITH. */
export interface Property {
    name: string;
    value: string | string[];
    at: number;
}

/** Athena's names of compressions, and DuckDB's. */
const compressions: Record<string, FileFormat["compression"]> = {
    NONE: "uncompressed",
    UNCOMPRESSED: "uncompressed",
    SNAPPY: "snappy",
    GZIP: "gzip",
    ZSTD: "zstd",
};

const kinds: Record<string, FileFormat["kind"]> = { PARQUET: "parquet", JSON: "json", TEXTFILE: "textfile" };

/** What Athena lets be written; what of it is not modelled is refused by name. */
const known = ["PARQUET", "JSON", "TEXTFILE", "ORC", "AVRO", "CSV", "ION"];

/** The properties of UNLOAD. JSON and text are always gzipped. */
export function unloadFormat(properties: Property[], at: number): FileFormat {
    const taken = new Properties(properties, "UNLOAD");
    const format = taken.text("format");
    if (!format) throw new QueryError("INVALID_TABLE_PROPERTY", "UNLOAD takes a property `format`", at);
    const kind = kindOf(format, "UNLOAD");
    const compression = kind === "parquet" ? compressionOf(kind, taken.text("compression")) : "gzip";
    return finish(taken, kind, compression);
}

/** The properties of CREATE TABLE AS, and its location. */
export function tableFormat(properties: Property[]): { format: FileFormat; location?: Property } {
    const taken = new Properties(properties, "CREATE TABLE AS");
    const type = taken.text("table_type");
    if (type && String(type.value).toUpperCase() !== "HIVE")
        throw notModelled(`a table of type ${type.value}`, type.at);
    const format = taken.text("format");
    const kind = format ? kindOf(format, "CREATE TABLE AS") : "parquet";
    const compression = compressionOf(kind, taken.text("write_compression") ?? taken.text(`${kind}_compression`));
    const location = taken.text("external_location");
    return { format: finish(taken, kind, compression), ...(location && { location }) };
}

function kindOf({ value, at }: Property, statement: string): FileFormat["kind"] {
    const name = String(value).toUpperCase();
    const kind = kinds[name];
    if (kind) return kind;
    if (known.includes(name)) throw notModelled(`${statement} to ${value}`, at);
    throw new QueryError("INVALID_TABLE_PROPERTY", `Unable to set table property 'format' to ['${value}']`, at);
}

function compressionOf(kind: FileFormat["kind"], given: Property | undefined): FileFormat["compression"] {
    const compression = compressions[String(given?.value ?? "GZIP").toUpperCase()];
    const fits = compression && (kind === "parquet" || compression === "gzip" || compression === "uncompressed");
    if (!fits) throw notModelled(`the format ${kind} with ${given!.value}`, given!.at);
    return compression;
}

function finish(taken: Properties, kind: FileFormat["kind"], compression: FileFormat["compression"]): FileFormat {
    const delimiter = kind === "textfile" ? taken.text("field_delimiter") : undefined;
    if (delimiter && [...String(delimiter.value)].length !== 1)
        throw notModelled("a field_delimiter of several characters", delimiter.at);
    const partitionedBy = taken.list("partitioned_by");
    taken.refuseOthers();
    return { kind, compression, delimiter: String(delimiter?.value ?? "\u0001"), partitionedBy };
}

/** Properties by name, each taken once. */
class Properties {
    private readonly left: Map<string, Property>;

    constructor(
        properties: Property[],
        private readonly statement: string,
    ) {
        this.left = new Map(properties.map((property) => [property.name.toLowerCase(), property]));
    }

    text(name: string): Property | undefined {
        const property = this.left.get(name);
        if (!property || Array.isArray(property.value)) return undefined;
        this.left.delete(name);
        return property;
    }

    list(name: string): string[] {
        const property = this.left.get(name);
        if (!property || !Array.isArray(property.value)) return [];
        this.left.delete(name);
        return property.value.map((value) => value.toLowerCase());
    }

    refuseOthers(): void {
        for (const { name, at } of this.left.values()) throw notModelled(`${this.statement} with ${name}`, at);
    }
}
