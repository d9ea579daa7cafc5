import type { DuckDBValue } from "@duckdb/node-api";
import { QueryError } from "../errors";
import { type Json, JsonError, JsonNumber, JsonReader } from "../json";
import { type RowField, type Type, typeName } from "../types";
import type { JsonFormat, LineReader, WantedColumn } from "./formats";

type Api = typeof import("@duckdb/node-api");

const integerLimits = {
    tinyint: 2n ** 7n,
    smallint: 2n ** 15n,
    integer: 2n ** 31n,
    bigint: 2n ** 63n,
};

/**
 * Reads newline-delimited JSON as the OpenX SerDe does where that is certain. Where SerDes differ from each other (values of
 * a wrong type, duplicate keys, something behind an object), it fails instead of guessing.
 */
export class JsonLines implements LineReader {
    /** Columns wanted, by key, at their place in a row. */
    private readonly columns: Map<string, { index: number; name: string; type: Type }>;
    private readonly width: number;

    constructor(
        private readonly api: Api,
        private readonly format: JsonFormat,
        columns: Pick<WantedColumn, "name" | "type">[],
    ) {
        this.width = columns.length;
        this.columns = new Map(
            columns.map(({ name, type }, index) => [this.key(format.keys?.get(name) ?? name), { index, name, type }]),
        );
    }

    /** Hands over the rows of one file's content. */
    read(content: Buffer, path: string, row: (row: DuckDBValue[]) => void): void {
        for (let start = 0, line = 1; start < content.length; line++) {
            const newline = content.indexOf(10, start);
            const end = newline < 0 ? content.length : newline;
            const text = content.toString("utf8", start, content[end - 1] === 13 ? Math.max(start, end - 1) : end);
            start = end + 1;
            row(this.row(text, () => `s3 object ${path}, line ${line}`));
        }
    }

    /** The row of one JSON object. */
    row(text: string, where: () => string): DuckDBValue[] {
        const row: DuckDBValue[] = new Array(this.width).fill(null);
        const keys = new Set<string>();
        const reader = new JsonReader(text);
        const member = (name: string) => {
            const key = this.key(name);
            if (keys.has(key)) throw cursorError(`JSONException: Duplicate key "${key}"`, where);
            keys.add(key);
            const column = this.columns.get(key);
            if (!column) reader.skip();
            else row[column.index] = this.value(reader.value(), column.type, () => `column ${column.name}: ${where()}`);
        };
        try {
            reader.object(member);
        } catch (error) {
            if (!(error instanceof JsonError)) throw error;
            const noObject = !/^\s*[{[]/.test(text);
            if (this.format.ignoreMalformed && (error.cut || noObject)) return row.fill(null);
            throw cursorError(`JSONException: ${error.message}`, where);
        }
        if (reader.peek() !== "") {
            const what = "there is more behind the JSON object, which Athena would silently leave out";
            throw new QueryError("HIVE_CURSOR_ERROR", `${what}: a delimiter is missing (${where()})`);
        }
        return row;
    }

    /** What a key is matched by. */
    private key(name: string): string {
        const key = this.format.dotsInKeys ? name.replaceAll(".", "_") : name;
        return this.format.caseSensitive ? key : key.toLowerCase();
    }

    /** A value for DuckDB; what the column's type does not hold fails. */
    private value(json: Json, type: Type, where: () => string): DuckDBValue {
        const value = this.convert(json, type, where);
        if (value !== undefined) return value;
        const text = compact(json);
        const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
        throw new QueryError("HIVE_BAD_DATA", `Error parsing field value '${shown}' as ${typeName(type)} (${where()})`);
    }

    /** Undefined where the value is not one of the type. */
    private convert(json: Json, type: Type, where: () => string): DuckDBValue | undefined {
        if (json === null) return null;
        switch (type.kind) {
            case "varchar": {
                const text = typeof json === "string" ? json : compact(json);
                return type.length === undefined || [...text].length <= type.length ? text : undefined;
            }
            case "boolean":
                if (json === "true" || json === "false") return json === "true";
                return typeof json === "boolean" ? json : undefined;
            case "tinyint":
            case "smallint":
            case "integer":
            case "bigint":
                return integer(scalarText(json), type.kind);
            case "real":
            case "double":
                return numeric.test(scalarText(json)) ? Number(scalarText(json)) : undefined;
            case "decimal":
                return this.decimal(scalarText(json), type.precision, type.scale);
            case "date": {
                const days = typeof json === "string" ? daysOf(json) : undefined;
                return days === undefined ? undefined : new this.api.DuckDBDateValue(days);
            }
            case "timestamp": {
                const millis = typeof json === "string" ? millisOf(json) : undefined;
                return millis === undefined ? undefined : new this.api.DuckDBTimestampValue(BigInt(millis) * 1000n);
            }
            case "array":
                if (!Array.isArray(json)) return undefined;
                return this.api.listValue(json.map((element) => this.value(element, type.element, where)));
            case "map": {
                if (!(json instanceof Map)) return undefined;
                const value = (member: Json) => this.value(member, type.value, where);
                return this.api.mapValue(
                    [...json].map(([key, member]) => ({ key: this.value(key, type.key, where), value: value(member) })),
                );
            }
            case "row":
                return json instanceof Map ? this.struct(json, type.fields, where) : undefined;
            default:
                return undefined;
        }
    }

    private struct(json: Map<string, Json>, fields: RowField[], where: () => string): DuckDBValue | undefined {
        const members = new Map([...json].map(([key, member]) => [this.key(key), member]));
        if (members.size < json.size) return undefined;
        const entries = fields.map(({ name, type }, i) => [
            `f${i + 1}`,
            this.value(members.get(name!) ?? null, type, where),
        ]);
        return this.api.structValue(Object.fromEntries(entries));
    }

    private decimal(text: string, precision: number, scale: number): DuckDBValue | undefined {
        const [, sign, whole, fraction = ""] = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
        if (whole === undefined || fraction.length > scale) return undefined;
        if ((whole === "0" ? 0 : whole.length) > precision - scale) return undefined;
        const value = BigInt(`${sign}${whole}${fraction.padEnd(scale, "0")}`);
        return new this.api.DuckDBDecimalValue(value, precision, scale);
    }
}

function cursorError(what: string, where: () => string): QueryError {
    return new QueryError("HIVE_CURSOR_ERROR", `Row is not a valid JSON Object - ${what} (${where()})`);
}

/** JSON as text of a column, numbers as they were written. */
function compact(json: Json): string {
    if (json instanceof JsonNumber) return json.text;
    if (Array.isArray(json)) return `[${json.map(compact).join(",")}]`;
    if (json instanceof Map)
        return `{${[...json].map(([key, value]) => `${JSON.stringify(key)}:${compact(value)}`).join(",")}}`;
    return JSON.stringify(json);
}

/** A number, or the text of one. */
function scalarText(json: Json): string {
    return json instanceof JsonNumber ? json.text : typeof json === "string" ? json : "";
}

const numeric = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function integer(text: string, kind: "tinyint" | "smallint" | "integer" | "bigint"): number | bigint | undefined {
    if (!/^-?\d+$/.test(text)) return undefined;
    const value = BigInt(text);
    if (value >= integerLimits[kind] || value < -integerLimits[kind]) return undefined;
    return kind === "bigint" ? value : Number(value);
}

/** Dates repeat from row to row. */
const knownDays = new Map<string, number | undefined>();

/** Days since 1970 of `2026-11-21`, if that is a date. */
function daysOf(text: string): number | undefined {
    if (knownDays.has(text)) return knownDays.get(text);
    const millis = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    const real = !Number.isNaN(millis) && new Date(millis).toISOString().startsWith(text);
    if (knownDays.size > 10_000) knownDays.clear();
    knownDays.set(text, real ? millis / 86_400_000 : undefined);
    return knownDays.get(text);
}

const timestampText = /^(.{10})(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?|T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z)$/;

/** Milliseconds since 1970, which is what Athena's timestamps hold, rounded. */
function millisOf(text: string): number | undefined {
    const match = timestampText.exec(text);
    const days = match ? daysOf(match[1]!) : undefined;
    if (!match || days === undefined) return undefined;
    const [hour, minute, second] = [
        Number(match[2] ?? match[6]),
        Number(match[3] ?? match[7]),
        Number(match[4] ?? match[8]),
    ];
    if (hour > 23 || minute > 59 || second > 59) return undefined;
    const fraction = match[5] ?? match[9];
    const millis = fraction === undefined ? 0 : Math.round(Number(fraction.padEnd(9, "0")) / 1e6);
    return days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + millis;
}
