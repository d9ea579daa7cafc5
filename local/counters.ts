import type { Row } from "./rows";
import type { Item, Value } from "./services/dynamodb";

/** The items of every table as rows. */
export function counters(tables: Record<string, Item[]>): Record<string, Row[]> {
    return Object.fromEntries(Object.entries(tables).map(([name, items]) => [name, rowsOf(items)]));
}

/** Items of a DynamoDB table as rows; sets and bytes are shown as the API spells them. */
export function rowsOf(items: Item[]): Row[] {
    return items.map(rowOf);
}

function rowOf(item: Item): Row {
    return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

function plain(value: Value): unknown {
    if ("N" in value) return String(Number(value.N)) === value.N ? Number(value.N) : value.N;
    if ("L" in value) return value.L.map(plain);
    if ("M" in value) return rowOf(value.M);
    return Object.values(value)[0];
}
