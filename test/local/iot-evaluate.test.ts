import { expect } from "chai";
import fc from "fast-check";
import { evaluate, matchesTopic } from "../../local/services/iot/evaluate";
import { parseIotSql } from "../../plan";
import { readJson } from "../read-json";

const time = Date.UTC(2026, 10, 21, 4, 0, 0);
const run = (sql: string, payload: string | Buffer, clientId?: string) =>
    evaluate(parseIotSql(sql), { topic: "devices/a/ping", payload: Buffer.from(payload), clientId, time });
const bodyOf = (sql: string, payload: string, clientId?: string) => run(sql, payload, clientId)?.body.toString();

describe("a topic rule's evaluation", () => {
    it("passes the payload of `SELECT *` on as it is, whatever it is", () => {
        const binary = Buffer.from([0xff, 0x00, 0x0a]);

        expect(bodyOf("SELECT * FROM 't'", '{ "a": 1.50 }')).to.equal('{ "a": 1.50 }');
        expect(run("SELECT * FROM 't'", binary)).to.deep.equal({ body: binary });
        expect(bodyOf("SELECT * FROM 't' WHERE topic(2) = 'a'", "not JSON")).to.equal("not JSON");
        expect(run("SELECT * FROM 't' WHERE battery < 1", "not JSON")).to.equal(undefined);
    });

    it("cuts arrays into their elements", () => {
        const { elements } = run("SELECT * FROM 't'", '[{"a":12345678901234567890}, [null,true], "ü"]')!;

        expect(elements!.map(String)).to.deep.equal(['{"a":12345678901234567890}', "[null,true]", '"ü"']);
    });

    for (const [sql, payload, body] of [
        ["SELECT a, b AS c FROM 't'", '{"a":1,"b":[1.0,{"x":null}],"d":2}', '{"a":1,"c":[1.0,{"x":null}]}'],
        [
            "SELECT a.b.c, a.b AS d FROM 't'",
            '{"a":{"b":{"c":9007199254740993}}}',
            '{"c":9007199254740993,"d":{"c":9007199254740993}}',
        ],
        ["SELECT a, a.b FROM 't'", '{"a":[{"b":1}]}', '{"a":[{"b":1}]}'],
        ["SELECT *, topic(2) AS id FROM 't/+'", '{"a":1,"id":"b"}', '{"a":1,"id":"a"}'],
        ["SELECT topic(2) AS id, * FROM 't/+'", '{"a":1,"id":"b"}', '{"id":"a","a":1}'],
        ["SELECT *, missing AS a FROM 't'", '{"a":1,"b":2}', '{"b":2}'],
        [
            "SELECT topic() AS t, topic(4) AS u, timestamp() AS at, clientid() AS c FROM 't/#'",
            "{}",
            `{"t":"devices/a/ping","at":${time},"c":"n/a"}`,
        ],
        ["SELECT 1.50 AS n, 'x' AS s, true AS b FROM 't'", "{}", '{"n":1.50,"s":"x","b":true}'],
        ["SELECT a FROM 't'", "[1]", "{}"],
    ] as const) {
        it(`makes ${body} by ${sql}`, () => {
            expect(bodyOf(sql, payload)).to.equal(body);
        });
    }

    it("knows the client that published over MQTT", () => {
        expect(bodyOf("SELECT clientid() AS c FROM 't'", "{}", "device-7")).to.equal('{"c":"device-7"}');
    });

    it("refuses what AWS does not describe", () => {
        expect(() => run("SELECT a FROM 't'", "not JSON")).to.throw("the payload is not JSON: only `SELECT *` alone");
        expect(() => run("SELECT *, 1 AS a FROM 't'", "[1]")).to.throw("the payload is no JSON object");
    });

    const payload = `{"n":5,"m":5.0,"s":"5","t":"a","yes":true,"no":false,"text":"TRUE","none":null,"list":[1,{"a":2}],
                      "same":[1.0,{"a":2}],"object":{"a":[1]},"twin":{"a":[1]},"big":9007199254740993}`;
    for (const [condition, holds] of [
        ["n = m", true],
        ["n = s", false],
        ["n <> s", true],
        ["n <= s", true],
        ["n > '4.5'", true],
        ["n >= 6", false],
        ["n < 5e0", false],
        ["t < 'b'", false],
        ["t = 'a'", true],
        ["yes > no", false],
        ["list = same", true],
        ["list <> object", true],
        ["object = twin", true],
        ["object = list", false],
        ["none = none", true],
        ["none <> n", true],
        ["big = 9007199254740992", false],
        ["big > 9007199254740992", true],
        ["missing = 1", false],
        ["missing <> 1", false],
        ["NOT missing = 1", false],
        ["yes", true],
        ["n", false],
        ["text", false],
        ["text AND yes", true],
        ["NOT text", false],
        ["NOT no", true],
        ["NOT n", false],
        ["yes OR missing", false],
        ["no OR yes", true],
        ["no OR no", false],
        ["yes AND no", false],
        ["t OR yes", false],
    ] as const) {
        it(`${holds ? "takes" : "leaves"} a message where ${condition}`, () => {
            expect(bodyOf(`SELECT * FROM 't' WHERE ${condition}`, payload)).to.equal(holds ? payload : undefined);
        });
    }

    it("filters as plain JavaScript does, whatever the payload", () => {
        const scalar = fc.oneof(
            fc.integer({ min: -3, max: 3 }),
            fc.constantFrom(0.5, "a", "true", "False", "1", "-2.5", "", true, false, null),
        );
        const leaf = fc.constantFrom("a", "b", "c.d", "missing", "1", "-2", "0.5", "'a'", "'1'", "true", "false");
        const comparison = fc
            .tuple(leaf, fc.constantFrom("=", "<>", "<", "<=", ">", ">="), leaf)
            .map((parts) => parts.join(" "));
        const { condition } = fc.letrec<{ condition: string }>((tie) => ({
            condition: fc.oneof(
                { maxDepth: 4 },
                comparison,
                leaf,
                fc
                    .tuple(tie("condition"), fc.constantFrom("AND", "OR"), tie("condition"))
                    .map(([l, o, r]) => `(${l} ${o} ${r})`),
                tie("condition").map((operand) => `(NOT ${operand})`),
            ),
        }));
        fc.assert(
            fc.property(fc.record({ a: scalar, b: scalar, c: fc.record({ d: scalar }) }), condition, (event, where) => {
                const found = bodyOf(`SELECT * FROM 't' WHERE ${where}`, JSON.stringify(event)) !== undefined;

                expect(found).to.equal(inJavaScript(where, event) === true);
            }),
            { numRuns: 2000 },
        );
    });

    it("selects as plain JavaScript does, whatever the payload", () => {
        const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
        fc.assert(
            fc.property(fc.record({ a: json, b: json }, { requiredKeys: [] }), (event) => {
                const body = bodyOf("SELECT a, b AS c, a.b AS d, topic(2) AS e FROM 't/+'", JSON.stringify(event))!;

                const nested = isObject(event.a) && Object.hasOwn(event.a, "b") ? event.a.b : undefined;
                const expected = { a: event.a, c: event.b, d: nested, e: "a" };
                expect(readJson(body)).to.deep.equal(readJson(JSON.stringify(expected)));
            }),
        );
    });
});

describe("a topic filter", () => {
    for (const [filter, topic, matches] of [
        ["devices/+/ping", "devices/a/ping", true],
        ["devices/+/ping", "devices//ping", true],
        ["devices/+/ping", "devices/a/b/ping", false],
        ["devices/+/ping", "devices/a/pong", false],
        ["devices/+", "devices", false],
        ["devices/#", "devices/a/ping", true],
        ["devices/#", "devices", true],
        ["devices/#", "device/a", false],
        ["#", "devices", true],
        ["#", "$aws/things", false],
        ["+/things", "$aws/things", false],
        ["$aws/#", "$aws/things", true],
        ["a", "A", false],
    ] as const) {
        it(`${filter} ${matches ? "takes" : "leaves"} ${topic}`, () => {
            expect(matchesTopic(filter, topic)).to.equal(matches);
        });
    }
});

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a condition of the shape that the property makes; `undefined` is IoT's Undefined. */
function inJavaScript(where: string, event: Record<string, unknown>): unknown {
    if (where.startsWith("(NOT ")) {
        const operand = asBoolean(inJavaScript(where.slice(5, -1), event));
        return operand === undefined ? undefined : !operand;
    }
    if (where.startsWith("(")) {
        const [first, operator, second] = splitOutside(where.slice(1, -1));
        const [left, right] = [first, second].map((each) => asBoolean(inJavaScript(each, event)));
        if (left === undefined || right === undefined) return undefined;
        return operator === "AND" ? left && right : left || right;
    }
    const [left, operator, right] = where.split(" ");
    return operator === undefined ? read(left!, event) : compare(operator, read(left!, event), read(right!, event));
}

/** `left`, `AND` or `OR`, and `right`, of the operator that stands in no parentheses. */
function splitOutside(text: string): [string, string, string] {
    let depth = 0;
    for (let at = 0; ; at++) {
        depth += Number(text[at] === "(") - Number(text[at] === ")");
        const operator = depth === 0 ? /^ (AND|OR) /.exec(text.slice(at)) : undefined;
        if (operator) return [text.slice(0, at), operator[1]!, text.slice(at + operator[0].length)];
    }
}

function read(text: string, event: Record<string, unknown>): unknown {
    if (text.startsWith("'")) return text.slice(1, -1);
    if (text === "c.d") return (event.c as Record<string, unknown>).d;
    return /^[abm]/.test(text) ? event[text] : JSON.parse(text);
}

function asBoolean(value: unknown): boolean | undefined {
    if (typeof value === "boolean") return value;
    return typeof value === "string" ? { true: true, false: false }[value.toLowerCase()] : undefined;
}

function compare(operator: string, left: unknown, right: unknown): boolean | undefined {
    if (left === undefined || right === undefined) return undefined;
    if (operator === "=") return left === right;
    if (operator === "<>") return left !== right;
    const [a, b] = [left, right].map((value) =>
        /^(number|string)$/.test(typeof value) && value !== "" ? Number(value) : NaN,
    );
    if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
    return { "<": a! < b!, "<=": a! <= b!, ">": a! > b!, ">=": a! >= b! }[operator];
}
