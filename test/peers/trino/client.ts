import { type Json, JsonNumber, parseJson } from "../../../local/athena-sql/json";

/** What a statement resulted in: columns and rows as Athena would write them, or the name of the error. */
export interface Answer {
    columns: { name: string; type: string }[];
    rows: (string | null)[][];
    /** `COLUMN_NOT_FOUND: line 1:8: …` */
    error?: string;
}

interface Column {
    name: string;
    type: string;
    signature: Map<string, Json>;
}

/** Speaks Trino's HTTP protocol. Every number keeps the digits that Trino wrote, every map its order. */
export class TrinoClient {
    /** Names and texts of prepared statements, which each request tells the server anew. */
    private readonly prepared = new Map<string, string>();

    constructor(
        private readonly url: string,
        private readonly schema: string,
    ) {}

    async run(sql: string): Promise<Answer> {
        let page = await this.send(`${this.url}/v1/statement`, sql);
        let columns: Column[] = [];
        const rows: (string | null)[][] = [];
        for (;;) {
            const error = page.get("error") as Map<string, Json> | undefined;
            if (error) return { columns: [], rows: [], error: `${error.get("errorName")}: ${error.get("message")}` };
            const described = page.get("columns") as Map<string, Json>[] | undefined;
            if (described) columns = described.map(readColumn);
            for (const row of (page.get("data") as Json[][] | undefined) ?? [])
                rows.push(row.map((value, index) => rendered(value, columns[index]!.signature)));
            const next = page.get("nextUri");
            // What a statement changes it tells as a row of its own.
            if (next === undefined && page.has("updateType")) return { columns: [], rows: [] };
            if (next === undefined) return { columns: columns.map(({ name, type }) => ({ name, type })), rows };
            page = await this.send(String(next));
        }
    }

    private async send(url: string, body?: string): Promise<Map<string, Json>> {
        const response = await fetch(url, {
            method: body === undefined ? "GET" : "POST",
            body,
            headers: {
                "X-Trino-User": "judge",
                "X-Trino-Catalog": "awsdatacatalog",
                "X-Trino-Schema": this.schema,
                "X-Trino-Time-Zone": "UTC",
                // Without it timestamps are rounded to milliseconds.
                "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
                "X-Trino-Prepared-Statement": [...this.prepared].map((pair) => pair.join("=")).join(","),
            },
        });
        const [name, sql] = response.headers.get("X-Trino-Added-Prepare")?.split("=") ?? [];
        if (name !== undefined) this.prepared.set(name, sql!);
        this.prepared.delete(response.headers.get("X-Trino-Deallocated-Prepare") ?? "");
        const text = await response.text();
        if (!response.ok) throw new Error(`Trino answers ${response.status}: ${text.slice(0, 200)}`);
        return parseJson(text) as Map<string, Json>;
    }
}

function readColumn(column: Map<string, Json>): Column {
    return {
        name: String(column.get("name")),
        type: String(column.get("type")),
        signature: column.get("typeSignature") as Map<string, Json>,
    };
}

/** A value as Athena writes it into a result. */
function rendered(value: Json, signature: Map<string, Json>): string | null {
    if (value === null) return null;
    const inner = (signature.get("arguments") as Map<string, Json>[]).map((argument) => argument.get("value"));
    const nested = (value: Json, type: Json | undefined) => rendered(value, type as Map<string, Json>) ?? "null";
    switch (signature.get("rawType")) {
        case "varbinary":
            return (
                Buffer.from(value as string, "base64")
                    .toString("hex")
                    .match(/../g) ?? []
            ).join(" ");
        case "array":
            return `[${(value as Json[]).map((element) => nested(element, inner[0])).join(", ")}]`;
        case "map": {
            const entries = [...(value as Map<string, Json>)].map(([key, member]) => {
                return `${key}=${nested(member, inner[1])}`;
            });
            return `{${entries.join(", ")}}`;
        }
        case "row": {
            const fields = (value as Json[]).map((member, index) => {
                const field = inner[index] as Map<string, Json>;
                const name = (field.get("fieldName") as Map<string, Json> | undefined)?.get("name");
                return `${name ?? `field${index}`}=${nested(member, field.get("typeSignature"))}`;
            });
            return `{${fields.join(", ")}}`;
        }
        case "time":
        case "timestamp":
        case "timestamp with time zone":
            // Athena shows at least milliseconds.
            return (value as string).replace(
                /(:\d\d)(?:(\.\d+))?( |$)/,
                (_, seconds, fraction = ".", end) => seconds + fraction.padEnd(4, "0") + end,
            );
        default:
            return value instanceof JsonNumber ? value.text : String(value);
    }
}
