import { createHash } from "node:crypto";
import type { Clock } from "../../clock";
import type { TableConfiguration } from "./configuration";
import { contentOf, equal, type Item, identity, invalid, order, sizeOf, type Value } from "./values";

const longestPartitionKey = 2048;
const longestSortKey = 1024;

interface Partition {
    /** Where it stands in a scan. */
    hash: string;
    /** In order of their sort keys. */
    items: Item[];
}

/** A table's items. Those whose time to live is over are gone at once for all who ask, and from memory some time later. */
export class Table {
    private readonly partitions = new Map<string, Partition>();
    /** Items in memory, as of the last look at all of them. */
    private kept = 0;
    private writes = 0;

    constructor(
        readonly configuration: TableConfiguration,
        private readonly clock: Clock,
    ) {}

    /** The attributes of the key, the partition key first. */
    get keyNames(): string[] {
        const { partitionKey, sortKey } = this.configuration;
        return [partitionKey, ...(sortKey ? [sortKey] : [])].map(({ name }) => name);
    }

    /** An item's key; refuses one that is missing, or of another type. */
    keyOf(item: Item): Item {
        const { partitionKey, sortKey } = this.configuration;
        const key = Object.create(null) as Item;
        for (const { name, type } of [partitionKey, ...(sortKey ? [sortKey] : [])]) {
            const value = Object.hasOwn(item, name) ? item[name] : undefined;
            if (!value) throw wrongValue(`Missing the key ${name} in the item`);
            const [actual, content] = contentOf(value);
            if (actual !== type) throw wrongValue(`Type mismatch for key ${name} expected: ${type} actual: ${actual}`);
            if (content === "") {
                const kind = type === "S" ? "string" : "binary";
                throw wrongValue(
                    `The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
                );
            }
            const limit = name === partitionKey.name ? longestPartitionKey : longestSortKey;
            if (sizeOf(value) > limit) {
                const which = name === partitionKey.name ? "hashkey" : "rangekey";
                throw wrongValue(`Size of ${which} has exceeded the maximum size limit of${limit} bytes`);
            }
            key[name] = value;
        }
        return key;
    }

    /** A key of a request, which has the key's attributes and no others. */
    readKey(given: Item): Item {
        if (Object.keys(given).length !== this.keyNames.length) {
            throw invalid("The provided key element does not match the schema");
        }
        try {
            return this.keyOf(given);
        } catch (error) {
            if (/Missing the key|Type mismatch/.test((error as Error).message)) {
                throw invalid("The provided key element does not match the schema");
            }
            throw error;
        }
    }

    get(key: Item): Item | undefined {
        const { items, index, found } = this.locate(key);
        return found && this.isAlive(items[index]!) ? items[index] : undefined;
    }

    /** Keeps the item under its key, or with none, deletes what lies there. */
    put(key: Item, item: Item | undefined): void {
        const { items, index, found } = this.locate(key, item !== undefined);
        if (item) items.splice(index, found ? 1 : 0, item);
        else if (found) items.splice(index, 1);
        // As often as this, it takes next to no time for each write.
        if (++this.writes > this.kept) this.forget();
    }

    /** Items in memory, dead ones too. */
    get size(): number {
        return [...this.partitions.values()].reduce((size, { items }) => size + items.length, 0);
    }

    /** Drops dead items, and partitions without any. */
    private forget(): void {
        for (const [id, partition] of this.partitions) {
            partition.items = partition.items.filter((item) => this.isAlive(item));
            if (partition.items.length === 0) this.partitions.delete(id);
        }
        this.kept = this.size;
        this.writes = 0;
    }

    /** The items with this partition key, in order. */
    partition(value: Value): Item[] {
        return (this.partitions.get(identity(value))?.items ?? []).filter((item) => this.isAlive(item));
    }

    /** All items, in the order of a scan. */
    all(): Item[] {
        return [...this.partitions.values()]
            .sort((a, b) => (a.hash < b.hash ? -1 : 1))
            .flatMap(({ items }) => items.filter((item) => this.isAlive(item)));
    }

    /** Whether an item comes behind a key in a scan, whether or not the key's item is still there. */
    isBehind(item: Item, key: Item): boolean {
        const { partitionKey, sortKey } = this.configuration;
        const [own, other] = [item[partitionKey.name]!, key[partitionKey.name]!];
        if (!equal(own, other)) return hashOf(own) > hashOf(other);
        return sortKey !== undefined && order(item[sortKey.name]!, key[sortKey.name]!)! > 0;
    }

    private locate(key: Item, create = false): { items: Item[]; index: number; found: boolean } {
        const { partitionKey, sortKey } = this.configuration;
        const value = key[partitionKey.name]!;
        const id = identity(value);
        let partition = this.partitions.get(id);
        if (!partition) {
            partition = { hash: hashOf(value), items: [] };
            if (create) this.partitions.set(id, partition);
        }
        const { items } = partition;
        if (!sortKey) return { items, index: 0, found: items.length > 0 };
        const wanted = key[sortKey.name]!;
        let [low, high] = [0, items.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (order(items[middle]![sortKey.name]!, wanted)! < 0) low = middle + 1;
            else high = middle;
        }
        const there = items[low]?.[sortKey.name];
        return { items, index: low, found: there !== undefined && order(there, wanted) === 0 };
    }

    private isAlive(item: Item): boolean {
        const { expiry } = this.configuration;
        const value = expiry === undefined ? undefined : item[expiry];
        return !(value && "N" in value && Number(value.N) * 1000 <= this.clock.now());
    }
}

function hashOf(value: Value): string {
    return createHash("md5").update(identity(value)).digest("hex");
}

function wrongValue(message: string) {
    return invalid(`One or more parameter values were invalid: ${message}`);
}
