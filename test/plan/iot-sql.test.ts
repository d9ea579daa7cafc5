import { expect } from "chai";
import fc from "fast-check";
import { parseIotSql } from "../../plan";
import { SyntaxProblem } from "../../plan/problems";

const field = (...path: string[]) => ({ kind: "field", path });
const number = (text: string) => ({ kind: "number", text });
const string = (text: string) => ({ kind: "string", text });
const call = (name: string, level?: number) => ({ kind: "call", name, ...(level && { level }) });
const named = (name: string, value: object) => ({ kind: "named", name, value });
const is = (left: object, operator: string, right: object) => ({ kind: "comparison", operator, left, right });
const whereOf = (condition: string) => parseIotSql(`SELECT * FROM 't' WHERE ${condition}`).where;

describe("an IoT rule's SQL", () => {
    it("selects the whole payload", () => {
        expect(parseIotSql("SELECT * FROM 'devices/+/ping'")).to.deep.equal({
            select: [{ kind: "all" }],
            from: "devices/+/ping",
        });
    });

    it("selects fields, nested ones by their last name, literals and functions", () => {
        const sql = `select *, battery, position.lat, position.lon AS x, 1.50 as scale, 'a b' AS kind, -2e3 AS low,
                     true AS live, FALSE AS dead, topic(2) AS device, topic() AS topic, timestamp() AS at,
                     clientid() AS client from 'devices/#'`;

        expect(parseIotSql(sql).select).to.deep.equal([
            { kind: "all" },
            named("battery", field("battery")),
            named("lat", field("position", "lat")),
            named("x", field("position", "lon")),
            named("scale", number("1.50")),
            named("kind", string("a b")),
            named("low", number("-2e3")),
            named("live", { kind: "boolean", value: true }),
            named("dead", { kind: "boolean", value: false }),
            named("device", call("topic", 2)),
            named("topic", call("topic")),
            named("at", call("timestamp")),
            named("client", call("clientid")),
        ]);
    });

    for (const operator of ["=", "<>", "<", "<=", ">", ">="]) {
        it(`compares by ${operator}`, () => {
            expect(whereOf(`a.b${operator}5`)).to.deep.equal(is(field("a", "b"), operator, number("5")));
        });
    }

    it("binds NOT before AND before OR, and parentheses before all", () => {
        const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => field(name)) as [object, object, object, object];
        const and = (left: object, right: object) => ({ kind: "and", left, right });
        const or = (left: object, right: object) => ({ kind: "or", left, right });
        const not = (operand: object) => ({ kind: "not", operand });

        expect(whereOf("a OR b AND NOT c OR d")).to.deep.equal(or(or(a, and(b, not(c))), d));
        expect(whereOf("(a OR b) AND NOT (c AND d)")).to.deep.equal(and(or(a, b), not(and(c, d))));
        expect(whereOf("a AND b AND c")).to.deep.equal(and(and(a, b), c));
        expect(whereOf("NOT a = 1")).to.deep.equal(not(is(a, "=", number("1"))));
    });

    const known = "`=`, `<>`, `<`, `<=`, `>`, `>=`, `AND`, `OR`, `NOT`";
    const unsupported = (text: string, at: number) =>
        `\`${text}\` at character ${at} is not supported here: values are fields, literals and functions, operators ${known}`;
    const functions = "there is `topic`, `timestamp`, `clientid`";
    const unread = (at: number, expected: string, found: string) =>
        `cannot be read at character ${at}: expected ${expected}, found ${found}`;
    const value = "a field, a literal or a function";
    const filter = (problem: string) => `the topic filter at character 15 ${problem}`;
    const wildcard = filter("has a wildcard beside other characters: `+` and `#` stand for whole levels");
    const tooLong = filter("is too long: AWS IoT takes 8 levels and 256 bytes");
    for (const [sql, problem] of [
        ["SELECT abs(a) AS a FROM 't'", `the function \`abs\` at character 8 is not supported: ${functions}`],
        [
            "SELECT topics(2) AS a FROM 't'",
            "the function `topics` at character 8 is not supported: did you mean `topic`?",
        ],
        ["SELECT * FROM 't' WHERE isNull(a)", `the function \`isNull\` at character 25 is not supported: ${functions}`],
        ["SELECT a + 1 AS a FROM 't'", unsupported("+", 10)],
        ["SELECT a || b AS a FROM 't'", unsupported("||", 10)],
        ["SELECT a > 1 AS a FROM 't'", unsupported(">", 10)],
        ["SELECT \"a\" FROM 't'", unsupported('"', 8)],
        ["SELECT null AS a FROM 't'", unsupported("null", 8)],
        ["SELECT * FROM 't' WHERE a IN (1)", unsupported("IN", 27)],
        ["SELECT * FROM 't' WHERE a = NULL", unsupported("NULL", 29)],
        ["SELECT CASE a WHEN 1 THEN 2 END AS a FROM 't'", unsupported("CASE", 8)],
        ["SET @x = 1 SELECT * FROM 't'", unsupported("SET", 1)],
        ["SELECT * FROM 't' WHERE a != 1", "`!=` at character 27 is not supported here: write `<>`"],
        ["SELECT a[0] AS a FROM 't'", unsupported("[", 9)],
        ["SELECT * FROM 't';", unsupported(";", 18)],
        ["SELECT * FROM 'it\\'s'", unsupported("'", 15)],
        ["", unread(1, "SELECT", "the end")],
        ["DELETE * FROM 't'", unread(1, "SELECT", "`DELETE`")],
        ["SELECT FROM 't'", unread(8, value, "`FROM`")],
        ["SELECT", unread(7, value, "the end")],
        ["SELECT a, FROM 't'", unread(11, value, "`FROM`")],
        ["SELECT a b FROM 't'", unread(10, "FROM", "`b`")],
        ["SELECT VALUE a FROM 't'", unread(14, "FROM", "`a`")],
        ["SELECT a. FROM 't'", unread(11, "a field", "`FROM`")],
        ["SELECT a AS 'b' FROM 't'", unread(13, "a name", "`'b'`")],
        ["SELECT a AS FROM 't'", unread(13, "a name", "`FROM`")],
        ["SELECT * FROM 't' WHERE a = 007", unread(30, "AND, OR or the end", "`0`")],
        ["SELECT * FROM devices", unread(15, "a topic filter in single quotes", "`devices`")],
        ["SELECT *", unread(9, "FROM", "the end")],
        ["SELECT * FROM 't' LIMIT 1", unread(19, "WHERE or the end", "`LIMIT`")],
        ["SELECT * FROM 't' WHERE a = 1 b", unread(31, "AND, OR or the end", "`b`")],
        ["SELECT * FROM 't' WHERE (a = 1", unread(31, "`)`", "the end")],
        ["SELECT * FROM 't' WHERE a = ", unread(29, value, "the end")],
        ["SELECT timestamp(1) AS a FROM 't'", unread(18, "`)`", "`1`")],
        ["SELECT topic(a) AS a FROM 't'", unread(14, "`)`", "`a`")],
        ["SELECT topic(0) AS a FROM 't'", "`topic(0)` at character 14 is no level: count from 1 to 8"],
        ["SELECT topic(1.5) AS a FROM 't'", "`topic(1.5)` at character 14 is no level: count from 1 to 8"],
        ["SELECT topic(9) AS a FROM '#'", "`topic(9)` at character 14 is no level: count from 1 to 8"],
        [
            "SELECT topic(4) AS a FROM 'devices/+/ping'",
            "`topic(4)` is never there: the topics of `devices/+/ping` end at level 3",
        ],
        ["SELECT topic(2) FROM 't/#'", "selects a value without a name at character 8: give it one with AS"],
        ["SELECT 'a' FROM 't'", "selects a value without a name at character 8: give it one with AS"],
        ["SELECT a, b AS a FROM 't'", "selects `a` twice, again at character 11: leave out one"],
        ["SELECT *, a, * FROM 't'", "selects `*` twice, again at character 14: leave out one"],
        ["SELECT * FROM ''", filter("is empty: name the topics, such as `devices/+/ping`")],
        ["SELECT * FROM 'devices/a+/ping'", wildcard],
        ["SELECT * FROM 'devices#'", wildcard],
        ["SELECT * FROM '#/ping'", filter("has levels behind `#`, which stands for all that follow: leave them out")],
        ["SELECT * FROM 'a/b/c/d/e/f/g/h/i'", tooLong],
        [`SELECT * FROM '${"ü".repeat(129)}'`, tooLong],
    ] as const) {
        it(`refuses ${sql.slice(0, 60) || "nothing"}`, () => {
            expect(() => parseIotSql(sql))
                .to.throw(SyntaxProblem)
                .with.property("message", problem);
        });
    }

    it("takes the longest filter", () => {
        expect(parseIotSql(`SELECT topic(8) AS a FROM 'a/b/c/d/e/f/g/${"h".repeat(242)}'`).from).to.have.length(256);
        expect(parseIotSql("SELECT topic(8) AS a FROM '#'").from).to.equal("#");
    });

    it("is read or refused, whatever it is", () => {
        const words = [
            "SELECT",
            "*",
            "FROM",
            "'t'",
            "WHERE",
            "a",
            ".",
            ",",
            "AS",
            "=",
            "<",
            "(",
            ")",
            "NOT",
            "AND",
            "OR",
        ];
        const pieces = fc.array(fc.constantFrom(...words, "1", "topic", "null", "'", "😀", " ", "+"));
        fc.assert(
            fc.property(
                fc.oneof(
                    pieces.map((each) => each.join(" ")),
                    fc.string({ unit: "binary" }),
                ),
                (sql) => {
                    try {
                        expect(parseIotSql(sql).from).to.be.a("string");
                    } catch (error) {
                        expect(error).to.be.instanceOf(SyntaxProblem);
                    }
                },
            ),
        );
    });
});
