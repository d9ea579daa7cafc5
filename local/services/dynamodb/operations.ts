import { createHash } from "node:crypto";
import type { Clock } from "../../clock";
import { AwsError } from "../../runtime";
import { holds, projected, updated } from "./evaluate";
import { type Condition, type Parsed, type Path, parseExpressions } from "./expression";
import type { Table } from "./table";
import {
    checkSize,
    equal,
    type Item,
    identity,
    invalid,
    isRecord,
    order,
    readItem,
    sizeOfItem,
    type Value,
} from "./values";

/** A request's parameters. */
export type Input = Record<string, unknown>;

/** A refusal with more fields than a message. */
export class Refusal extends AwsError {
    constructor(
        code: string,
        message: string,
        readonly details: object,
    ) {
        super(code, message);
    }
}

/** What a write makes of the item under a key. */
interface Change {
    table: Table;
    key: Item;
    before?: Item;
    after?: Item;
}

/** A write whose parameters are checked; `apply` says what it changes, or refuses. */
interface Write {
    table: Table;
    key: Item;
    apply(): Change;
}

type WriteKind = "Put" | "Update" | "Delete" | "ConditionCheck";

const mostTransactItems = 100;
const mostBatchGets = 100;
const mostBatchWrites = 25;
const pageBytes = 1024 * 1024;
const transactionBytes = 4 * 1024 * 1024;
const tokenLifetime = 10 * 60_000;

const expressionNames = ["ExpressionAttributeNames", "ExpressionAttributeValues"];
const ignored = ["ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ConsistentRead"];
const writeParameters: Record<WriteKind, string[]> = {
    Put: ["Item", "ConditionExpression"],
    Update: ["Key", "UpdateExpression", "ConditionExpression"],
    Delete: ["Key", "ConditionExpression"],
    ConditionCheck: ["Key", "ConditionExpression"],
};

/** Does what requests ask of the tables; anything else is refused by name. */
export function operations(tables: Table[], clock: Clock): (operation: string, input: Input) => object {
    /** Tokens of transactions that went through, what they were, and when they are forgotten. */
    const tokens = new Map<string, { request: string; until: number }>();
    const known: Record<string, (input: Input) => object> = {
        GetItem: getItem,
        PutItem: (input) => writeItem("Put", input),
        UpdateItem: (input) => writeItem("Update", input),
        DeleteItem: (input) => writeItem("Delete", input),
        Query: query,
        Scan: scan,
        BatchGetItem: batchGet,
        BatchWriteItem: batchWrite,
        TransactGetItems: transactGet,
        TransactWriteItems: transactWrite,
        DescribeTable: describeTable,
    };
    return (operation, input) => {
        const run = Object.hasOwn(known, operation) ? known[operation] : undefined;
        if (!run)
            throw new AwsError("UnknownOperationException", `DynamoDB ${operation} is not modelled on this machine`);
        return run(input);
    };

    function getItem(input: Input): object {
        refuseOthers(input, ["TableName", "Key", "ProjectionExpression", ...expressionNames]);
        const item = read(input);
        return item ? { Item: item } : {};
    }

    function read(input: Input): Item | undefined {
        const table = find(input.TableName);
        const { projection } = parse(input, { projection: input.ProjectionExpression });
        const item = table.get(table.readKey(readItem(input.Key)));
        return item && projection ? projected(item, projection) : item;
    }

    function writeItem(kind: WriteKind, input: Input): object {
        refuseOthers(input, [
            "TableName",
            "ReturnValues",
            "ReturnValuesOnConditionCheckFailure",
            ...writeParameters[kind],
            ...expressionNames,
        ]);
        const returned = String(input.ReturnValues ?? "NONE");
        const allowed =
            kind === "Update" ? ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] : ["NONE", "ALL_OLD"];
        if (!allowed.includes(returned)) throw invalid("Return values set to invalid value");
        const change = prepare(kind, input).apply();
        commit(change);
        return returnValues(returned, change);
    }

    function commit({ table, key, after }: Change): void {
        table.put(key, after);
    }

    /** Checks the parameters of a write at once; its condition and its limits when it is applied. */
    function prepare(kind: WriteKind, input: Input): Write {
        const table = find(input.TableName);
        const item = kind === "Put" ? readItem(input.Item) : undefined;
        const key = item ? table.keyOf(item) : table.readKey(readItem(input.Key));
        const { condition, update } = parse(input, {
            condition: input.ConditionExpression,
            update: input.UpdateExpression,
        });
        if (kind === "ConditionCheck" && !condition) throw missing("conditionExpression");
        if (item) checkSize(item);
        const touched =
            update && [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove);
        const keyPart = touched?.find(([name]) => table.keyNames.includes(name));
        if (keyPart) {
            throw invalid(
                `One or more parameter values were invalid: Cannot update attribute ${keyPart[0]}. This attribute is part of the key`,
            );
        }
        return { table, key, apply };

        function apply(): Change {
            const before = table.get(key);
            if (condition && !holds(condition, before ?? {})) {
                const shown = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && before ? { Item: before } : {};
                throw new Refusal("ConditionalCheckFailedException", "The conditional request failed", shown);
            }
            if (kind === "ConditionCheck") return { table, key, before, after: before };
            if (kind === "Delete") return { table, key, before };
            const after = item ?? (update ? updated(update, before ?? key) : (before ?? key));
            checkSize(after, item ? undefined : "Item size to update has exceeded the maximum allowed size");
            return { table, key, before, after };
        }
    }

    function query(input: Input): object {
        refuseOthers(input, [...pageParameters, "KeyConditionExpression", "ScanIndexForward"]);
        const table = find(input.TableName);
        const parsed = parse(input, {
            keyCondition: input.KeyConditionExpression,
            filter: input.FilterExpression,
            projection: input.ProjectionExpression,
        });
        if (!parsed.keyCondition)
            throw invalid(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
            );
        const { value, range } = keyRange(table, parsed.keyCondition);
        checkFilter(table, parsed.filter);
        const items = table.partition(value).filter((item) => range === undefined || holds(range, item));
        const forward = input.ScanIndexForward !== false;
        const sort = table.configuration.sortKey?.name;
        const start = startKey(table, input);
        const rest = (forward ? items : items.reverse()).filter((item) => {
            if (!start) return true;
            const difference = sort === undefined ? 0 : order(item[sort]!, start[sort]!)!;
            return forward ? difference > 0 : difference < 0;
        });
        return page(table, rest, input, parsed);
    }

    function scan(input: Input): object {
        refuseOthers(input, pageParameters);
        const table = find(input.TableName);
        const parsed = parse(input, { filter: input.FilterExpression, projection: input.ProjectionExpression });
        const start = startKey(table, input);
        const items = table.all().filter((item) => !start || table.isBehind(item, start));
        return page(table, items, input, parsed);
    }

    /** As many items as are asked for, or as fit, before the filter; and where to go on. */
    function page(table: Table, items: Item[], input: Input, { filter, projection }: Parsed): object {
        const limit = input.Limit === undefined ? Number.POSITIVE_INFINITY : Number(input.Limit);
        if (!(limit >= 1)) {
            throw invalid(
                `1 validation error detected: Value '${input.Limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
            );
        }
        let bytes = 0;
        const seen: Item[] = [];
        for (const item of items) {
            if (seen.length >= limit || bytes >= pageBytes) break;
            bytes += sizeOfItem(item);
            seen.push(item);
        }
        const found = seen.filter((item) => !filter || holds(filter, item));
        const isEnd = seen.length < limit && seen.length === items.length;
        const select = String(input.Select ?? (projection ? "SPECIFIC_ATTRIBUTES" : "ALL_ATTRIBUTES"));
        if (!["ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"].includes(select)) throw notModelled(`Select ${select}`);
        if (projection && select !== "SPECIFIC_ATTRIBUTES") {
            throw invalid(
                `Cannot specify the ProjectionExpression when choosing to get ${select === "COUNT" ? "only the Count" : select}`,
            );
        }
        return {
            ...(select !== "COUNT" && { Items: projection ? found.map((item) => projected(item, projection)) : found }),
            Count: found.length,
            ScannedCount: seen.length,
            ...(!isEnd && { LastEvaluatedKey: table.keyOf(seen.at(-1)!) }),
        };
    }

    function batchGet(input: Input): object {
        refuseOthers(input, ["RequestItems"]);
        const requests = Object.entries(record(input.RequestItems, "requestItems")).map(([TableName, request]) => {
            const { Keys, ...rest } = record(request, "keysAndAttributes");
            refuseOthers(rest, ["ProjectionExpression", "ExpressionAttributeNames"]);
            const keys = list(Keys, "keys").map((key) => readItem(key));
            checkDistinct(keys.map((key) => identity({ M: key })));
            return { TableName, keys, rest };
        });
        const total = requests.reduce((sum, { keys }) => sum + keys.length, 0);
        if (total === 0) throw missing("requestItems");
        if (total > mostBatchGets) throw invalid("Too many items requested for the BatchGetItem call");
        const answers = requests.map(({ TableName, keys, rest }) => [
            TableName,
            keys.map((Key) => read({ TableName, Key, ...rest })).filter((item) => item !== undefined),
        ]);
        return { Responses: Object.fromEntries(answers), UnprocessedKeys: {} };
    }

    function batchWrite(input: Input): object {
        refuseOthers(input, ["RequestItems"]);
        const writes = Object.entries(record(input.RequestItems, "requestItems")).flatMap(([TableName, requests]) =>
            list(requests, "requests").map((request) => {
                const { PutRequest, DeleteRequest, ...others } = record(request, "writeRequest");
                refuseOthers(others, []);
                return PutRequest
                    ? prepare("Put", { TableName, ...record(PutRequest, "putRequest") })
                    : prepare("Delete", { TableName, ...record(DeleteRequest, "deleteRequest") });
            }),
        );
        if (writes.length === 0) throw missing("requestItems");
        if (writes.length > mostBatchWrites) throw invalid("Too many items requested for the BatchWriteItem call");
        checkDistinct(writes.map(placeOf));
        for (const write of writes) commit(write.apply());
        return { UnprocessedItems: {} };
    }

    function transactGet(input: Input): object {
        refuseOthers(input, ["TransactItems"]);
        const gets = list(input.TransactItems, "transactItems").map((each) => record(record(each, "get").Get, "get"));
        checkTransactItems(gets.length);
        const found = gets.map((get) => {
            refuseOthers(get, ["TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames"]);
            return read(get);
        });
        return { Responses: found.map((item) => (item ? { Item: item } : {})) };
    }

    /** All of it or nothing. The same token again, within ten minutes, does nothing. */
    function transactWrite({ ClientRequestToken: token, ...input }: Input): object {
        refuseOthers(input, ["TransactItems"]);
        const request = createHash("sha256").update(JSON.stringify(input)).digest("hex");
        if (token !== undefined && isDone(String(token), request)) return {};
        const items = list(input.TransactItems, "transactItems");
        checkTransactItems(items.length);
        if (Buffer.byteLength(JSON.stringify(items)) > transactionBytes) {
            throw invalid("Collection size of items in transaction has exceeded the maximum limit of 4 MB");
        }
        const writes = items.map((each) => prepareTransacted(record(each, "transactItem")));
        const places = writes.map(placeOf);
        if (new Set(places).size < places.length) {
            throw invalid("Transaction request cannot include multiple operations on one item");
        }
        const outcomes = writes.map(attempt);
        if (outcomes.some((outcome) => "Code" in outcome)) throw cancelled(outcomes);
        for (const change of outcomes as Change[]) commit(change);
        if (token !== undefined) remember(String(token), request);
        return {};
    }

    /** The oldest come first in the map: those that no longer count go when another one comes. */
    function remember(token: string, request: string): void {
        const now = clock.now();
        for (const [old, { until }] of tokens) {
            if (until > now) break;
            tokens.delete(old);
        }
        tokens.set(token, { request, until: now + tokenLifetime });
    }

    function isDone(token: string, request: string): boolean {
        const earlier = tokens.get(token);
        if (!earlier || earlier.until <= clock.now()) return false;
        if (earlier.request === request) return true;
        throw new AwsError(
            "IdempotentParameterMismatchException",
            "Request parameters do not match the original request for this client request token",
        );
    }

    function prepareTransacted(item: Input): Write {
        const [[kind, parameters] = ["", {}], ...others] = Object.entries(item);
        if (others.length > 0 || !Object.hasOwn(writeParameters, kind)) {
            throw invalid("TransactItems can only contain one of Check, Put, Update or Delete");
        }
        const input = record(parameters, kind);
        refuseOthers(input, [
            "TableName",
            "ReturnValuesOnConditionCheckFailure",
            ...writeParameters[kind as WriteKind],
            ...expressionNames,
        ]);
        if (kind === "Update" && input.UpdateExpression === undefined) throw missing("updateExpression");
        return prepare(kind as WriteKind, input);
    }

    function describeTable(input: Input): object {
        refuseOthers(input, ["TableName"]);
        const table = find(input.TableName);
        const { name, arn, partitionKey, sortKey } = table.configuration;
        const keys = [partitionKey, ...(sortKey ? [sortKey] : [])];
        return {
            Table: {
                TableName: name,
                TableArn: arn,
                TableStatus: "ACTIVE",
                AttributeDefinitions: keys.map((key) => ({ AttributeName: key.name, AttributeType: key.type })),
                KeySchema: keys.map((key, index) => ({
                    AttributeName: key.name,
                    KeyType: index === 0 ? "HASH" : "RANGE",
                })),
                BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
                ItemCount: table.all().length,
            },
        };
    }

    function find(nameOrArn: unknown): Table {
        const table = tables.find(({ configuration: { name, arn } }) => nameOrArn === name || nameOrArn === arn);
        if (!table) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
        return table;
    }
}

const pageParameters = [
    ...["TableName", "FilterExpression", "ProjectionExpression", "Limit", "ExclusiveStartKey", "Select"],
    ...expressionNames,
];

function parse(input: Input, expressions: Record<string, unknown>): Parsed {
    return parseExpressions({
        ...(expressions as Record<string, string>),
        names: input.ExpressionAttributeNames as Record<string, string> | undefined,
        values: input.ExpressionAttributeValues as Record<string, unknown> | undefined,
    });
}

function returnValues(kind: string, { before, after }: Change): object {
    const changed = (item: Item, other: Item) =>
        Object.fromEntries(Object.entries(item).filter(([name, value]) => !(other[name] && equal(other[name], value))));
    const attributes = {
        NONE: undefined,
        ALL_OLD: before,
        ALL_NEW: after,
        UPDATED_OLD: before && changed(before, after ?? {}),
        UPDATED_NEW: after && changed(after, before ?? {}),
    }[kind];
    return attributes ? { Attributes: attributes } : {};
}

/** What a write does, or why it can't be done. */
function attempt(write: Write): Change | { Code: string; Message: string } {
    try {
        return write.apply();
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const details = error instanceof Refusal ? error.details : {};
        const code = error.code === "ConditionalCheckFailedException" ? "ConditionalCheckFailed" : "ValidationError";
        return { Code: code, Message: error.message, ...details };
    }
}

function cancelled(outcomes: (Change | { Code: string; Message: string })[]): Refusal {
    const reasons = outcomes.map((outcome) => ("Code" in outcome ? outcome : { Code: "None" }));
    return new Refusal(
        "TransactionCanceledException",
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
        { CancellationReasons: reasons },
    );
}

/** The partition key's value and what a key condition says of the sort key. */
function keyRange(table: Table, condition: Condition): { value: Value; range?: Condition } {
    const { partitionKey, sortKey } = table.configuration;
    const parts = condition.kind === "and" ? [condition.left, condition.right] : [condition];
    const equality = parts.find(
        (part) => part.kind === "compare" && part.comparator === "=" && subjectOf(part) === partitionKey.name,
    );
    if (equality?.kind !== "compare" || equality.right.kind !== "value") {
        throw invalid(`Query condition missed key schema element: ${partitionKey.name}`);
    }
    const value = equality.right.value;
    checkType(partitionKey, equality);
    const range = parts.find((part) => part !== equality);
    if (range === undefined) return { value };
    if (!sortKey || subjectOf(range) !== sortKey.name) {
        throw invalid(
            sortKey
                ? `Query condition missed key schema element: ${sortKey.name}`
                : "Query key condition not supported",
        );
    }
    checkType(sortKey, range);
    return { value, range };
}

/** The attribute that a key condition speaks of. */
function subjectOf(condition: Condition): string | undefined {
    const subject = { compare: "left", between: "operand", begins_with: "path" }[condition.kind as "compare"];
    const operand = (condition as unknown as Record<string, { kind?: string; path?: Path } | undefined>)[subject ?? ""];
    const isKeyCondition = condition.kind !== "compare" || condition.comparator !== "<>";
    if (!isKeyCondition) throw invalid("Unsupported operator on KeyCondition: operator: NOT_EQUALS");
    return operand?.kind === "path" && operand.path?.length === 1 ? operand.path[0] : undefined;
}

function checkType({ type }: { type: string }, condition: Condition): void {
    const operands = (Object.values(condition) as unknown[]).filter((each) => isRecord(each) && each.kind === "value");
    const wrong = operands.some((each) => !(type in (each as { value: Value }).value));
    if (wrong)
        throw invalid("One or more parameter values were invalid: Condition parameter type does not match schema type");
}

/** What a query filters by may not be its key. */
function checkFilter(table: Table, filter: Condition | undefined): void {
    const names = filter ? pathsIn(filter).map(([name]) => name) : [];
    const key = table.keyNames.find((name) => names.includes(name));
    if (key !== undefined) {
        throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key}`);
    }
}

/** All paths of a condition. */
function pathsIn(part: object): Path[] {
    return Object.entries(part).flatMap(([name, value]) => {
        if (name === "path" && Array.isArray(value)) return [value as unknown as Path];
        return name !== "value" && typeof value === "object" ? pathsIn(value) : [];
    });
}

function startKey(table: Table, { ExclusiveStartKey: key }: Input): Item | undefined {
    return key === undefined ? undefined : table.readKey(readItem(key));
}

function placeOf({ table, key }: Write): string {
    return JSON.stringify([table.configuration.name, identity({ M: key })]);
}

function checkDistinct(places: string[]): void {
    if (new Set(places).size < places.length) throw invalid("Provided list of item keys contains duplicates");
}

function checkTransactItems(count: number): void {
    if (count >= 1 && count <= mostTransactItems) return;
    const bound = count === 0 ? "greater than or equal to 1" : `less than or equal to ${mostTransactItems}`;
    throw invalid(
        `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${bound}`,
    );
}

function refuseOthers(input: Input, known: string[]): void {
    for (const [name, value] of Object.entries(input)) {
        const isUsed = known.includes(name) || ignored.includes(name);
        if (!isUsed && value !== undefined) throw notModelled(name);
        if (name.startsWith("ReturnConsumed") || name.startsWith("ReturnItem")) {
            if (value !== "NONE") throw notModelled(`${name} ${value}`);
        }
    }
}

function notModelled(what: string): AwsError {
    return new AwsError("NotImplemented", `DynamoDB ${what} is not modelled on this machine`, 501);
}

function missing(name: string): AwsError {
    return invalid(
        `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    );
}

function record(value: unknown, name: string): Record<string, unknown> {
    if (!isRecord(value)) throw missing(name);
    return value;
}

function list(value: unknown, name: string): unknown[] {
    if (!Array.isArray(value)) throw missing(name);
    return value;
}
