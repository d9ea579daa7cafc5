import type { DuckDBValue } from "@duckdb/node-api";
import { QueryError } from "../errors";
import { type Json, JsonError, JsonNumber, JsonReader } from "../json";
import { isInteger, type Type, typeName } from "../types";

type Api = typeof import("@duckdb/node-api");

/** How the OpenX SerDe reads a table's files. */
export interface JsonLinesOptions {
    /** Columns wanted, by lower-case name, at their place in a row. */
    columns: Map<string, { index: number; type: Type }>;
    width: number;
    /** `ignore.malformed.json`: a line that is not JSON is a row of NULLs. */
    ignoreMalformed: boolean;
}

const integerRanges: Record<string, bigint> = {
    tinyint: 2n ** 7n,
    smallint: 2n ** 15n,
    integer: 2n ** 31n,
    bigint: 2n ** 63n,
};

/**
 * Reads newline-delimited JSON as the OpenX SerDe does where that is certain. Where SerDes differ from each other (values of
 * a wrong type, duplicate keys, something behind an object), it fails instead of guessing.
 */
export class JsonLines {
    constructor(
        private readonly api: Api,
        private readonly options: JsonLinesOptions,
    ) {}

    /** The rows of one file's content. */
    *rows(content: Buffer, key: string): Generator<DuckDBValue[]> {
        for (let start = 0, line = 1; start < content.length; line++) {
            const newline = content.indexOf(10, start);
            const end = newline < 0 ? content.length : newline;
            const text = content.toString("utf8", start, content[end - 1] === 13 ? Math.max(start, end - 1) : end);
            start = end + 1;
            yield this.row(text, key, line);
        }
    }

    private row(text: string, key: string, line: number): DuckDBValue[] {
        const row: DuckDBValue[] = new Array(this.options.width).fill(null);
        const seen = new Set<string>();
        const where = `s3 object ${key}, line ${line}`;
        try {
            const reader = new JsonReader(text);
            reader.object((name) => {
                const lower = name.toLowerCase();
                if (seen.has(lower))
                    throw new QueryError(
                        "HIVE_CURSOR_ERROR",
                        `Row is not a valid JSON Object - JSONException: Duplicate key "${lower}" (${where})`,
                    );
                seen.add(lower);
                const column = this.options.columns.get(lower);
                if (!column) return reader.skip();
                row[column.index] = this.value(reader.value(), column.type, `column ${lower}: ${where}`);
            });
            if (reader.peek() !== "")
                throw new QueryError(
                    "HIVE_CURSOR_ERROR",
                    `there is more behind the JSON object, which Athena would silently leave out: a delimiter is missing (${where})`,
                );
            return row;
        } catch (error) {
            if (!(error instanceof JsonError)) throw error;
            const noObject = !/^\s*[{[]/.test(text);
            if (this.options.ignoreMalformed && (error.cut || noObject)) return row.fill(null);
            throw new QueryError(
                "HIVE_CURSOR_ERROR",
                `Row is not a valid JSON Object - JSONException: ${error.message} (${where})`,
            );
        }
    }

    private value(json: Json, type: Type, where: string): DuckDBValue {
        if (json === null) return null;
        const bad = (): QueryError => {
            const shown = compact(json);
            return new QueryError(
                "HIVE_BAD_DATA",
                `Error parsing field value '${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}' as ${typeName(type)} (${where})`,
            );
        };
        switch (type.kind) {
            case "varchar": {
                const text = typeof json === "string" ? json : compact(json);
                if (type.length !== undefined && [...text].length > type.length) throw bad();
                return text;
            }
            case "boolean": {
                const value = json === "true" ? true : json === "false" ? false : json;
                if (typeof value !== "boolean") throw bad();
                return value;
            }
            case "real":
            case "double":
                return float(json, bad);
            case "decimal":
                return this.decimal(json, type.precision, type.scale, bad);
            case "date":
                return new this.api.DuckDBDateValue(days(json, bad));
            case "timestamp":
                return new this.api.DuckDBTimestampValue(micros(json, bad));
            case "array":
                if (!Array.isArray(json)) throw bad();
                return this.api.listValue(json.map((element) => this.value(element, type.element, where)));
            case "map":
                if (!(json instanceof Map)) throw bad();
                return this.api.mapValue(
                    [...json].map(([key, value]) => ({
                        key: this.value(key, type.key, where),
                        value: this.value(value, type.value, where),
                    })),
                );
            case "row": {
                if (!(json instanceof Map)) throw bad();
                const members = new Map<string, Json>();
                for (const [key, member] of json) {
                    if (members.has(key.toLowerCase())) throw bad();
                    members.set(key.toLowerCase(), member);
                }
                return this.api.structValue(
                    Object.fromEntries(
                        type.fields.map((field, i) => [
                            `f${i + 1}`,
                            this.value(members.get(field.name!) ?? null, field.type, where),
                        ]),
                    ),
                );
            }
            default: {
                if (isInteger(type)) return integer(json, type.kind, bad);
                throw new QueryError(
                    "NOT_SUPPORTED",
                    `JSON columns of type ${typeName(type)} are not modelled locally (${where})`,
                );
            }
        }
    }

    private decimal(json: Json, precision: number, scale: number, bad: () => QueryError): DuckDBValue {
        const [, sign, whole, fraction = ""] = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(scalarText(json)) ?? [];
        if (whole === undefined || fraction.length > scale || (whole === "0" ? 0 : whole.length) > precision - scale)
            throw bad();
        const value = BigInt(`${sign}${whole}${fraction.padEnd(scale, "0")}`);
        return new this.api.DuckDBDecimalValue(value, precision, scale);
    }
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

function integer(json: Json, kind: string, bad: () => QueryError): number | bigint {
    const text = scalarText(json);
    if (!/^-?\d+$/.test(text)) throw bad();
    const value = BigInt(text);
    if (value >= integerRanges[kind]! || value < -integerRanges[kind]!) throw bad();
    return kind === "bigint" ? value : Number(value);
}

function float(json: Json, bad: () => QueryError): number {
    const text = scalarText(json);
    if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw bad();
    return Number(text);
}

function days(json: Json, bad: () => QueryError): number {
    const text = typeof json === "string" ? json : "";
    const millis = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== text) throw bad();
    return millis / 86_400_000;
}

/** Rounded to the millisecond, which is what Athena's timestamps hold. */
function micros(json: Json, bad: () => QueryError): bigint {
    const text = typeof json === "string" ? json : "";
    const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?|T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z)$/.exec(
        text,
    );
    const fraction = (match?.[3] ?? match?.[5] ?? "").padEnd(9, "0");
    const second = Date.parse(`${match?.[1]}T${match?.[2] ?? match?.[4]}Z`);
    if (!match || Number.isNaN(second)) throw bad();
    days(match[1]!, bad);
    return BigInt(second + Math.round(Number(fraction) / 1e6)) * 1000n;
}
