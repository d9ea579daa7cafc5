import { crc32 } from "node:zlib";
import { AwsError, type AwsRequest, type AwsResponse, type Endpoint, type Runtime } from "../runtime";
import { readTables } from "./dynamodb/configuration";
import { type Input, operations, Refusal } from "./dynamodb/operations";
import { Table } from "./dynamodb/table";
import type { Item } from "./dynamodb/values";

export type { Item, Value } from "./dynamodb/values";

const json = "application/x-amz-json-1.0";
const version = "DynamoDB_20120810";

/** DynamoDB: the program's tables with their items, in memory; no indexes and no streams. */
export class DynamoDb implements Endpoint {
    readonly name = "dynamodb";
    private readonly tables: Table[];
    private readonly run: (operation: string, input: Input) => object;

    constructor({ program, clock }: Pick<Runtime, "program" | "clock">) {
        this.tables = readTables(program).map((configuration) => new Table(configuration, clock));
        this.run = operations(this.tables, clock);
    }

    /** The items of every table whose items stay, in order of their keys, by the table's name in the program. */
    counters(): Record<string, Item[]> {
        const kept = this.tables.filter(({ configuration }) => configuration.expiry === undefined);
        return Object.fromEntries(kept.map((table) => [table.configuration.logicalName, this.items(table)]));
    }

    /** The items of a table, by its name in the program. */
    itemsOf(logicalName: string): Item[] {
        const table = this.tables.find(({ configuration }) => configuration.logicalName === logicalName);
        if (table) return this.items(table);
        const names = this.tables.map(({ configuration }) => configuration.logicalName).join(", ") || "none";
        throw new Error(`There is no table "${logicalName}": the program's tables are ${names}`);
    }

    /** Speaks AWS JSON, as all SDKs do. */
    async handle(request: AwsRequest): Promise<AwsResponse> {
        try {
            const operation = request.headers["x-amz-target"]?.replace(`${version}.`, "") ?? "";
            return response(200, this.run(operation, parse(request.body)));
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            const namespace = validations.includes(error.code)
                ? "com.amazon.coral.validate"
                : `com.amazonaws.${version.toLowerCase().replace("_", ".v")}`;
            const details = error instanceof Refusal ? error.details : {};
            // Transactions spell it Message, everything else message.
            const text =
                error.code === "TransactionCanceledException" ? { Message: error.message } : { message: error.message };
            return response(error.status, { __type: `${namespace}#${error.code}`, ...text, ...details });
        }
    }

    private items(table: Table): Item[] {
        const [partition, sort] = table.keyNames;
        const text = (item: Item) => JSON.stringify([item[partition!], sort && item[sort]]);
        return table.all().sort((a, b) => (text(a) < text(b) ? -1 : 1));
    }
}

const validations = ["ValidationException"];

function parse(body: Buffer): Input {
    try {
        return JSON.parse(body.toString());
    } catch {
        throw new AwsError("SerializationException", "the request's body is not JSON");
    }
}

function response(status: number, document: object): AwsResponse {
    const body = JSON.stringify(document);
    return { status, headers: { "content-type": json, "x-amz-crc32": String(crc32(body)) }, body };
}
