import type { ColumnArgs } from "../../../plan";
import type { ColumnType } from "../../../plan/types";
import { eventColumns } from "../../internal/tables";

/** A JSON schema, draft 4: the dialect of API Gateway's models. */
export type Schema = Record<string, unknown>;

/** The most that Kinesis takes at once. */
const mostRecords = 500;

/** Types that one keyword describes. */
const simple: Partial<Record<ColumnType["kind"], Schema>> = {
    string: { type: "string" },
    boolean: { type: "boolean" },
    float: { type: "number" },
    decimal: { type: "number" },
    date: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
    timestamp: {
        type: "string",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z?$",
    },
};

/**
 * What an event looks like. The schema takes whatever `normalize` takes, and refuses what can be told by a schema: digits
 * and days that do not exist are left to `normalize`. Without columns, any object is an event.
 */
export function eventSchema(columns: ColumnArgs[] | undefined): Schema {
    return columns ? recordOf(eventColumns(columns)) : { type: "object" };
}

/** What several events at once look like. */
export function eventsSchema(columns: ColumnArgs[] | undefined): Schema {
    return { type: "array", minItems: 1, maxItems: mostRecords, items: eventSchema(columns) };
}

/** Draft 4's own mark; without it API Gateway guesses. */
export function modelText(title: string, schema: Schema): string {
    return JSON.stringify({ $schema: "http://json-schema.org/draft-04/schema#", title, ...schema });
}

function recordOf(columns: { name: string; type: ColumnType }[]): Schema {
    const properties = columns.map(({ name, type }) => [name, optional(schemaOf(type))]);
    return { type: "object", properties: Object.fromEntries(properties), additionalProperties: false };
}

/** A field that is null is as good as one that is missing. */
function optional({ type, ...rest }: Schema): Schema {
    return { type: [type, "null"], ...rest };
}

function schemaOf(type: ColumnType): Schema {
    switch (type.kind) {
        case "integer":
            return { type: "integer", ...rangeOf(type.bits) };
        case "array":
            return { type: "array", items: optional(schemaOf(type.element)) };
        case "map":
            return { type: "object", additionalProperties: optional(schemaOf(type.value)) };
        case "struct":
            return recordOf(type.fields);
        default:
            return simple[type.kind]!;
    }
}

/** The bounds of 64 bits are beyond what every reader of the schema keeps exactly. */
function rangeOf(bits: 8 | 16 | 32 | 64): Schema {
    return bits === 64 ? {} : { minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 };
}
