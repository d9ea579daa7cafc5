import {
    BatchGetItemCommand,
    BatchWriteItemCommand,
    DeleteItemCommand,
    type DynamoDBClient,
    GetItemCommand,
    PutItemCommand,
    QueryCommand,
    ScanCommand,
    TransactGetItemsCommand,
    TransactWriteItemsCommand,
    UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

/** A name for a command with its input; the table's name is filled in. */
export type Statement = [kind: keyof typeof commands, input: Record<string, unknown>];

/** Statements, and what the last of them answers: an output, or the name of the error. */
export interface Case {
    title: string;
    before?: Statement[];
    last: Statement;
    answers: unknown;
    /** What DynamoDB Local answers otherwise; the documentation counts. */
    peer?: unknown;
}

const commands = {
    BatchGet: BatchGetItemCommand,
    BatchWrite: BatchWriteItemCommand,
    Delete: DeleteItemCommand,
    Get: GetItemCommand,
    Put: PutItemCommand,
    Query: QueryCommand,
    Scan: ScanCommand,
    TransactGet: TransactGetItemsCommand,
    TransactWrite: TransactWriteItemsCommand,
    Update: UpdateItemCommand,
};

const s = (S: string) => ({ S });
const n = (N: string | number) => ({ N: String(N) });
const key = (a = "a", b = "1") => ({ p: s(a), q: s(b) });
const put = (attributes: object, a?: string, b?: string): Statement => [
    "Put",
    { Item: { ...key(a, b), ...attributes } },
];
const get: Statement = ["Get", { Key: key() }];
const item = (attributes: object) => ({ Item: { ...key(), ...attributes } });
const update = (UpdateExpression: string, values?: object, more: object = {}): Statement => [
    "Update",
    {
        Key: key(),
        UpdateExpression,
        ...(values && { ExpressionAttributeValues: values }),
        ReturnValues: "ALL_NEW",
        ...more,
    },
];
const conditional = (ConditionExpression: string, values?: object, names?: object): Statement => [
    "Put",
    {
        Item: { ...key(), won: { BOOL: true } },
        ConditionExpression,
        ...(values && { ExpressionAttributeValues: values }),
        ...(names && { ExpressionAttributeNames: names }),
    },
];
const transact = (...TransactItems: object[]): Statement => ["TransactWrite", { TransactItems }];
const increment = (a: string, by: string, more: object = {}) => ({
    Update: {
        Key: key(a),
        UpdateExpression: "ADD hits :by",
        ExpressionAttributeValues: { ":by": n(by) },
        ...more,
    },
});

/** Whether a condition holds for the item with these attributes. */
const holds = (attributes: object, condition: string, values?: object, names?: object): Case => ({
    title: `the condition ${condition} holds`,
    before: [put(attributes)],
    last: conditional(condition, values, names),
    answers: {},
});
const fails = (attributes: object, condition: string, values?: object, names?: object): Case => ({
    title: `the condition ${condition} does not hold`,
    before: [put(attributes)],
    last: conditional(condition, values, names),
    answers: "ConditionalCheckFailedException",
});
const refused = (title: string, last: Statement, before?: Statement[], answers = "ValidationException"): Case => ({
    title: `refuses ${title}`,
    before,
    last,
    answers,
});
const becomes = (before: object, expression: string, values: object | undefined, after: object): Case => ({
    title: `${expression} of ${JSON.stringify(before)}`,
    before: [put(before)],
    last: update(expression, values),
    answers: { Attributes: { ...key(), ...after } },
});
const stored = (text: string, as: string): Case => ({
    title: `keeps the number ${text} as ${as}`,
    before: [put({ x: n(text) })],
    last: get,
    answers: item({ x: n(as) }),
});

const four = ["1", "2", "3", "4"].map((b) => put({ x: n(b) }, "a", b));
const rows = (...of: string[]) => of.map((b) => ({ ...key("a", b), x: n(b) }));
const range = (more: object, condition = "p = :p", values: object = {}): Statement => [
    "Query",
    { KeyConditionExpression: condition, ExpressionAttributeValues: { ":p": s("a"), ...values }, ...more },
];
const list = { L: [n(1), n(2), n(3)] };
const big = "x".repeat(400 * 1024);

/** What DynamoDB answers; proven against the real DynamoDB Local by `npm run test:peers`. */
export const cases: Case[] = [
    { title: "an item that is not there", last: get, answers: {} },
    {
        title: "all types",
        before: [
            put({
                all: {
                    M: {
                        s: s("é"),
                        n: n("1"),
                        b: { B: Uint8Array.of(1, 2) },
                        t: { BOOL: false },
                        z: { NULL: true },
                        l: { L: [] },
                        e: s(""),
                    },
                },
            }),
        ],
        last: get,
        answers: item({
            all: {
                M: {
                    s: s("é"),
                    n: n("1"),
                    b: { B: Uint8Array.of(1, 2) },
                    t: { BOOL: false },
                    z: { NULL: true },
                    l: { L: [] },
                    e: s(""),
                },
            },
        }),
    },
    {
        title: "a name with underscores",
        before: [put({ __proto__x: n(1) })],
        last: get,
        answers: item({ __proto__x: n(1) }),
    },
    stored("9007199254740993", "9007199254740993"),
    stored("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    stored("-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"),
    stored("1e3", "1000"),
    stored("+1.500", "1.5"),
    stored("-0", "0"),
    stored("00012", "12"),
    stored(".5", "0.5"),
    refused("more than 38 digits", put({ x: n("123456789012345678901234567890123456789") })),
    refused("a number that is too large", put({ x: n("1e126") })),
    refused("a number that is too small", put({ x: n("1e-131") })),
    refused("what is no number", put({ x: n("one") })),
    refused("NaN", put({ x: n("NaN") })),
    refused("an empty set", put({ x: { SS: [] } })),
    refused("a set with a member twice", put({ x: { NS: ["1", "1.0"] } })),
    refused("an item of more than 400 KB", put({ x: s(big) })),
    { title: "an item of just 400 KB", last: put({ x: s(big.slice(20)) }), answers: {} },
    refused("an update to more than 400 KB", update("SET y = :y", { ":y": s(big.slice(400)) }), [
        put({ x: s("x".repeat(500)) }),
    ]),
    refused("an empty key", put({}, "")),
    refused("a key of another type", ["Put", { Item: { p: n(1), q: s("1") } }]),
    refused("a missing sort key", ["Get", { Key: { p: s("a") } }]),
    refused("a partition key of more than 2,048 bytes", put({}, "é".repeat(1025))),
    { title: "a partition key of 2,048 bytes", last: put({}, "é".repeat(1024)), answers: {} },
    refused("a sort key of more than 1,024 bytes", put({}, "a", "x".repeat(1025))),
    refused("a table that there is not", ["Get", { TableName: "none", Key: key() }], [], "ResourceNotFoundException"),

    holds({}, "attribute_exists(p)"),
    fails({}, "attribute_not_exists(p)"),
    holds({}, "attribute_not_exists(x)"),
    holds({ x: n(1) }, "x = :x", { ":x": n("1.0") }),
    fails({ x: n(1) }, "x = :x", { ":x": s("1") }),
    holds({ x: n(1) }, "x <> :x", { ":x": s("1") }),
    holds({}, "x <> :x", { ":x": s("1") }),
    fails({}, "x < :x", { ":x": n(1) }),
    holds({ x: n(9) }, "x < :x", { ":x": n(10) }),
    fails({ x: s("9") }, "x < :x", { ":x": s("10") }),
    fails({ x: n(1) }, "x < :x", { ":x": s("2") }),
    holds({ x: n(2) }, "x BETWEEN :low AND :high", { ":low": n(1), ":high": n(2) }),
    holds({ x: n(2) }, "x IN (:a, :b)", { ":a": n(1), ":b": n(2) }),
    fails({ x: n(3) }, "x IN (:a, :b)", { ":a": n(1), ":b": n(2) }),
    holds({ x: s("abc") }, "begins_with(x, :x)", { ":x": s("ab") }),
    holds({ x: s("abc") }, "contains(x, :x)", { ":x": s("bc") }),
    holds({ x: { SS: ["a", "b"] } }, "contains(x, :x)", { ":x": s("b") }),
    holds({ x: list }, "contains(x, :x)", { ":x": n(3) }),
    holds({ x: s("é") }, "size(x) = :x", { ":x": n(1) }),
    holds({ x: list }, "size(x) > :x AND x[1] = :two", { ":x": n(2), ":two": n(2) }),
    holds({ x: { M: { y: n(1) } } }, "x.y = :x", { ":x": n(1) }),
    holds({ x: { M: { "a.b": n(1) } } }, "x.#y = :x", { ":x": n(1) }, { "#y": "a.b" }),
    holds({ x: n(1) }, "attribute_type(x, :x)", { ":x": s("N") }),
    holds({ x: n(1) }, "NOT x = :x", { ":x": n(2) }),
    holds({ x: n(1) }, "x = :a OR x = :x AND x = :b", { ":x": n(2), ":a": n(1), ":b": n(3) }),
    fails({ x: n(1) }, "(x = :a OR x = :x) AND x = :b", { ":x": n(2), ":a": n(1), ":b": n(3) }),
    holds({ x: { SS: ["a", "b"] } }, "x = :x", { ":x": { SS: ["b", "a"] } }),
    refused("a reserved word", conditional("attribute_exists(count)")),
    refused("a value that is not given", conditional("x = :y", { ":x": n(1) })),
    refused("a value that is not used", conditional("attribute_exists(x)", { ":x": n(1) })),
    refused("a name that is not used", conditional("attribute_exists(x)", undefined, { "#x": "x" })),
    refused("an unknown function", conditional("exists(x)")),
    refused("a condition that breaks off", conditional("x = ", undefined)),
    refused("a condition with something behind it", conditional("attribute_exists(x) x")),
    refused("an empty condition", conditional("")),

    becomes({ x: n(1) }, "SET x = x + :y", { ":y": n("0.1") }, { x: n("1.1") }),
    becomes({ x: n("9007199254740993") }, "ADD x :y", { ":y": n(1) }, { x: n("9007199254740994") }),
    becomes({ x: n("0.1") }, "ADD x :y", { ":y": n("0.2") }, { x: n("0.3") }),
    becomes({ x: n("5") }, "SET x = x - :y", { ":y": n("5.5") }, { x: n("-0.5") }),
    becomes({}, "ADD x :y", { ":y": n("-1") }, { x: n("-1") }),
    becomes({}, "ADD x :y", { ":y": { SS: ["a"] } }, { x: { SS: ["a"] } }),
    becomes({ x: { NS: ["1"] } }, "DELETE x :y", { ":y": { NS: ["1"] } }, {}),
    becomes({ x: n(1), y: n(2) }, "SET x = y, y = x", undefined, { x: n(2), y: n(1) }),
    becomes({}, "SET x = if_not_exists(x, :zero) + :one", { ":zero": n(0), ":one": n(1) }, { x: n(1) }),
    becomes({ x: list }, "SET x = list_append(:y, x)", { ":y": { L: [n(0)] } }, { x: { L: [n(0), ...list.L] } }),
    becomes({ x: list }, "SET x[7] = :y", { ":y": n(4) }, { x: { L: [...list.L, n(4)] } }),
    becomes({ x: list }, "REMOVE x[0], x[1]", undefined, { x: { L: [n(3)] } }),
    becomes({ x: { M: {} } }, "SET x.y = :y", { ":y": n(1) }, { x: { M: { y: n(1) } } }),
    becomes({ x: n(1), y: n(2) }, "REMOVE x SET y = :y", { ":y": n(3) }, { y: n(3) }),
    {
        title: "an update of an item that is not there",
        last: update("SET x = :x", { ":x": n(1) }),
        answers: { Attributes: { ...key(), x: n(1) } },
    },
    refused("ADD over 38 digits", update("ADD x :y", { ":y": n("0.001") }), [put({ x: n("1e37") })]),
    refused("ADD to a text", update("ADD x :y", { ":y": n(1) }), [put({ x: s("1") })]),
    refused("ADD of a text", update("ADD x :y", { ":y": s("1") })),
    refused("an update of the key", update("SET q = :q", { ":q": s("2") })),
    refused("a path into what is not there", update("SET x.y = :y", { ":y": n(1) })),
    refused("paths that overlap", update("SET x = :x, x.y = :x", { ":x": n(1) })),
    refused("a clause twice", update("SET x = :x SET y = :x", { ":x": n(1) })),
    refused("SET to what is not there", update("SET x = y")),
    refused("+ of a text", update("SET x = :a + :b", { ":a": n(1), ":b": s("1") })),
    {
        title: "what was updated",
        before: [put({ x: n(1), y: n(1) })],
        last: update("SET x = :x", { ":x": n(2) }, { ReturnValues: "UPDATED_OLD" }),
        answers: { Attributes: { x: n(1) } },
    },
    {
        title: "the item that failed a condition",
        before: [put({ x: n(1) })],
        last: [
            "Put",
            {
                Item: key(),
                ConditionExpression: "attribute_not_exists(p)",
                ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
        ],
        answers: "ConditionalCheckFailedException",
    },
    {
        title: "a deleted item",
        before: [put({ x: n(1) })],
        last: ["Delete", { Key: key(), ReturnValues: "ALL_OLD" }],
        answers: { Attributes: { ...key(), x: n(1) } },
    },
    {
        title: "a projection",
        before: [put({ x: list, y: { M: { z: n(1), w: n(2) } } })],
        last: ["Get", { Key: key(), ProjectionExpression: "x[2], y.z, nothing" }],
        answers: { Item: { x: { L: [n(3)] }, y: { M: { z: n(1) } } } },
    },

    {
        title: "a query",
        before: four,
        last: range({}),
        answers: { Items: rows("1", "2", "3", "4"), Count: 4, ScannedCount: 4 },
    },
    {
        title: "a query backwards with a limit",
        before: four,
        last: range({ ScanIndexForward: false, Limit: 2 }),
        answers: { Items: rows("4", "3"), Count: 2, ScannedCount: 2, LastEvaluatedKey: key("a", "3") },
    },
    {
        title: "a query that goes on behind a key",
        before: four,
        last: range({ ExclusiveStartKey: key("a", "2") }),
        answers: { Items: rows("3", "4"), Count: 2, ScannedCount: 2 },
    },
    {
        title: "a query over a range",
        before: four,
        last: range({}, "p = :p AND q BETWEEN :low AND :high", { ":low": s("2"), ":high": s("3") }),
        answers: { Items: rows("2", "3"), Count: 2, ScannedCount: 2 },
    },
    {
        title: "a filter behind the limit",
        before: four,
        last: range({ FilterExpression: "x > :x", Limit: 3 }, "p = :p", { ":x": n(2) }),
        answers: { Items: rows("3"), Count: 1, ScannedCount: 3, LastEvaluatedKey: key("a", "3") },
    },
    { title: "a count", before: four, last: range({ Select: "COUNT" }), answers: { Count: 4, ScannedCount: 4 } },
    refused("a query without the partition key", range({}, "q = :p")),
    refused("a query over part of the partition key", range({}, "begins_with(p, :p)")),
    refused("a filter over the key", range({ FilterExpression: "q = :p" })),
    refused("a limit of 0", range({ Limit: 0 })),
    { title: "a scan", before: [put({})], last: ["Scan", {}], answers: { Items: [key()], Count: 1, ScannedCount: 1 } },
    {
        title: "a batch of writes",
        before: [["BatchWrite", { RequestItems: { table: [{ PutRequest: { Item: key() } }] } }]],
        last: ["BatchGet", { RequestItems: { table: { Keys: [key(), key("b")] } } }],
        answers: { Responses: { table: [key()] }, UnprocessedKeys: {} },
    },
    refused("a batch with one key twice", ["BatchGet", { RequestItems: { table: { Keys: [key(), key()] } } }]),

    {
        title: "a transaction",
        before: [transact(increment("a", "1"), increment("b", "2"))],
        last: ["TransactGet", { TransactItems: [{ Get: { Key: key() } }, { Get: { Key: key("c") } }] }],
        answers: { Responses: [{ Item: { ...key(), hits: n(1) } }, {}] },
    },
    {
        title: "a transaction that is cancelled as a whole",
        before: [transact(increment("a", "1"))],
        last: transact(
            increment("b", "1"),
            { ConditionCheck: { Key: key(), ConditionExpression: "attribute_not_exists(p)" } },
            { Delete: { Key: key("c"), ConditionExpression: "attribute_exists(p)" } },
        ),
        answers: ["TransactionCanceledException", "None", "ConditionalCheckFailed", "ConditionalCheckFailed"],
    },
    {
        title: "a transaction with the same token twice",
        before: [
            ["TransactWrite", { ClientRequestToken: "same", TransactItems: [increment("a", "1")] }],
            ["TransactWrite", { ClientRequestToken: "same", TransactItems: [increment("a", "1")] }],
        ],
        last: get,
        answers: item({ hits: n(1) }),
    },
    refused(
        "another transaction with the same token",
        ["TransactWrite", { ClientRequestToken: "other", TransactItems: [increment("a", "2")] }],
        [["TransactWrite", { ClientRequestToken: "other", TransactItems: [increment("a", "1")] }]],
        "IdempotentParameterMismatchException",
    ),
    refused("two operations on one item", transact(increment("a", "1"), { Delete: { Key: key() } })),
    refused("101 operations", transact(...Array.from({ length: 101 }, (_, index) => increment(`a${index}`, "1")))),
    {
        title: "100 operations",
        last: transact(...Array.from({ length: 100 }, (_, index) => increment(`a${index}`, "1"))),
        answers: {},
    },
    {
        title: "a transaction that can't be done",
        before: [put({ hits: s("none") })],
        last: transact(increment("a", "1")),
        answers: ["TransactionCanceledException", "ValidationError"],
        peer: "ValidationException",
    },
];

/** What the statements of a case answer, over a table of keys `p` and `q`. */
export async function answerOf(client: DynamoDBClient, table: string, { before = [], last }: Case): Promise<unknown> {
    for (const statement of before) await run(statement);
    try {
        const { $metadata, ...output } = (await run(last)) as unknown as Record<string, unknown>;
        return JSON.parse(JSON.stringify(plain(output)).replaceAll(table, "table"));
    } catch (error) {
        const { name, CancellationReasons: reasons } = error as Error & { CancellationReasons?: { Code: string }[] };
        return reasons ? [name, ...reasons.map(({ Code }) => Code)] : name;
    }

    function run([kind, input]: Statement) {
        const filled = filledIn(input, table);
        const command = new (commands[kind] as typeof GetItemCommand)(filled as never);
        return client.send(command as never);
    }
}

/** An answer as JSON has it. */
export function plain(value: unknown): unknown {
    if (value instanceof Uint8Array) return [...value];
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

/** The input with the table's name where it belongs. */
function filledIn(input: Record<string, unknown>, table: string): object {
    if ("RequestItems" in input) {
        return { RequestItems: { [table]: (input.RequestItems as Record<string, unknown>).table } };
    }
    if (!("TransactItems" in input)) return { TableName: table, ...input };
    const items = (input.TransactItems as Record<string, object>[]).map((each) =>
        Object.fromEntries(Object.entries(each).map(([kind, part]) => [kind, { TableName: table, ...part }])),
    );
    // One token for the whole suite would make cases meet in a table of another case.
    const token = input.ClientRequestToken && `${table}-${input.ClientRequestToken}`.slice(-36);
    return { ...input, TransactItems: items, ...(token ? { ClientRequestToken: token } : {}) };
}
