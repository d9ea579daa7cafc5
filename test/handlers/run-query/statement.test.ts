import { expect } from "chai";
import fc from "fast-check";
import type { MappedQuery } from "../../../handlers/run-query/contract";
import { maxSqlBytes, mostObjects, newDataOf, statementOf } from "../../../handlers/run-query/statement";
import { createdObject } from "../shared/s3-event-messages";

describe("statementOf", () => {
    it("leaves a statement without :new_data as it is", () => {
        const query = { name: "q", trigger: "raw/", sql: ["SELECT '?' FROM t"] };

        expect(statementOf(query, [createdObject("raw/a")])).to.deep.equal({
            sql: "SELECT '?' FROM t",
            parameters: [],
        });
    });

    it("binds the objects' paths and hours, each once and sorted", () => {
        const objects = ["2026/11/21/04/b", "2026/11/21/03/c", "2026/11/21/04/a", "2026/11/21/04/a"];

        const statement = statementOf(
            hourQuery,
            objects.map((key) => createdObject(`raw/v0/ping/${key}`)),
        );

        expect(statement).to.deep.equal({
            sql: 'SELECT * FROM ping WHERE ("$path" IN (?, ?, ?) AND arrival_hour IN (?, ?)) AND battery < 1',
            parameters: [
                "'s3://lake/raw/v0/ping/2026/11/21/03/c'",
                "'s3://lake/raw/v0/ping/2026/11/21/04/a'",
                "'s3://lake/raw/v0/ping/2026/11/21/04/b'",
                "'2026/11/21/03'",
                "'2026/11/21/04'",
            ],
        });
    });

    it("reads run_date from results' folders", () => {
        const query: MappedQuery = {
            ...hourQuery,
            sql: [{ newData: {} }],
            newData: { prefix: "processed/x/", partition: ["run_date"] },
        };

        const statement = statementOf(query, [createdObject("processed/x/run_date=2026-11-21/1.json.gz")]);

        expect(statement).to.deep.equal({
            sql: '("$path" IN (?) AND run_date IN (?))',
            parameters: ["'s3://lake/processed/x/run_date=2026-11-21/1.json.gz'", "'2026-11-21'"],
        });
    });

    it("reads Hive's folders, column by column", () => {
        const query: MappedQuery = {
            ...hourQuery,
            sql: [{ newData: { qualifier: "p" } }],
            newData: { prefix: "in/", partition: ["year", "month", "day", "hour"] },
        };
        const folder = "in/year=2026/month=11/day=";

        const statement = statementOf(query, [
            createdObject(`${folder}21/hour=00/a`),
            createdObject(`${folder}20/hour=23/b`),
        ]);

        expect(statement).to.deep.equal({
            sql: '(p."$path" IN (?, ?) AND p.year IN (?) AND p.month IN (?) AND p.day IN (?, ?) AND p.hour IN (?, ?))',
            parameters: [
                "'s3://lake/in/year=2026/month=11/day=20/hour=23/b'",
                "'s3://lake/in/year=2026/month=11/day=21/hour=00/a'",
                ...["'2026'", "'11'", "'20'", "'21'", "'00'", "'23'"],
            ],
        });
    });

    it("names no partition where the table has none", () => {
        const query: MappedQuery = { ...hourQuery, sql: [{ newData: {} }], newData: { prefix: "reports/x/" } };

        const statement = statementOf(query, [createdObject("reports/x/latest.json.gz")]);

        expect(statement).to.deep.equal({
            sql: '("$path" IN (?))',
            parameters: ["'s3://lake/reports/x/latest.json.gz'"],
        });
    });

    it("repeats the values in order for every place, qualified as written", () => {
        const query: MappedQuery = {
            ...hourQuery,
            sql: ["SELECT 1 WHERE ", { newData: { qualifier: "d" } }, " OR ", { newData: {} }],
        };

        const { sql, parameters } = statementOf(query, [createdObject(`${hour}a`)]);

        expect(sql).to.equal(
            'SELECT 1 WHERE (d."$path" IN (?) AND d.arrival_hour IN (?)) OR ("$path" IN (?) AND arrival_hour IN (?))',
        );
        const once = [`'s3://lake/${hour}a'`, "'2026/11/21/04'"];
        expect(parameters).to.deep.equal([...once, ...once]);
    });

    it("makes one string literal of any key", () => {
        fc.assert(
            fc.property(fc.oneof(fc.string({ maxLength: 400 }), quotes), (name) => {
                const { parameters } = statementOf(hourQuery, [createdObject(hour + name)]);

                expect(parameters[0]).to.match(/^'(?:[^']|'')*'$/s);
                expect(parameters[0]!.slice(1, -1).replaceAll("''", "'")).to.equal(`s3://lake/${hour}${name}`);
            }),
        );
    });
});

describe("newDataOf", () => {
    const layout = { prefix: "raw/v0/ping/", partition: ["arrival_hour" as const] };

    it("refuses a key outside the table's prefix", () => {
        expect(() => newDataOf(layout, createdObject("raw/v0/pong/2026/11/21/04/a"))).to.throw(
            "raw/v0/pong/2026/11/21/04/a lies outside the table's prefix raw/v0/ping/",
        );
    });

    for (const key of [
        "a",
        "2026/11/21/a",
        "2026/11/21/04",
        "26/11/21/04/a",
        "x2026/11/21/04/a",
        "run_date=2026-11-21/a",
    ]) {
        it(`refuses ${key}, which lies in no hour's folder`, () => {
            expect(() => newDataOf(layout, createdObject(layout.prefix + key))).to.throw(
                `raw/v0/ping/${key} lies in none of the table's arrival_hour folders`,
            );
        });
    }

    for (const key of [
        "year=2026/month=11/a",
        "year=2026/month=11/day=2/a",
        "year=2026/day=21/month=11/a",
        "2026/11/21/a",
        "year=2026/month=11/day=21",
    ]) {
        it(`refuses ${key}, which lies in no day's folder of Hive's style`, () => {
            const days = { prefix: "in/", partition: ["year" as const, "month" as const, "day" as const] };

            expect(() => newDataOf(days, createdObject(`in/${key}`))).to.throw(
                `in/${key} lies in none of the table's year/month/day folders`,
            );
        });
    }

    it("takes parameters of up to 1024 characters", () => {
        const ofLength = (length: number) => createdObject(hour.padEnd(length - "'s3://lake/'".length, "k"));

        expect(newDataOf(layout, ofLength(1024)).path).to.have.length(1024);
        expect(() => newDataOf(layout, ofLength(1025))).to.throw("longer than the 1024 characters");
    });
});

describe("mostObjects", () => {
    it("is 200, as long as the statement is short enough", () => {
        expect(mostObjects(hourQuery)).to.equal(200);
    });

    it("is any number where no object is named", () => {
        expect(mostObjects({ name: "q", trigger: "raw/", sql: ["SELECT 1"] })).to.equal(Number.POSITIVE_INFINITY);
    });

    it("is so many that the statement stays within Athena's limit, for every place", () => {
        const filler = " ".repeat(maxSqlBytes - 1_000);
        const query = { ...hourQuery, sql: [filler, { newData: {} }, " OR ", { newData: { qualifier: "d" } }] };

        const most = mostObjects(query);

        const bytes = (count: number) => {
            // Each in an hour of its own.
            const keys = Array.from({ length: count }, (_, index) => `2026/11/21/${10 + index}/a`);
            return Buffer.byteLength(
                statementOf(
                    query,
                    keys.map((key) => createdObject(`raw/v0/ping/${key}`)),
                ).sql,
            );
        };
        expect(most).to.be.within(50, 80);
        expect(bytes(most)).to.be.at.most(maxSqlBytes - 100);
        expect(bytes(most + 5)).to.be.above(maxSqlBytes - 100);
    });

    it("is more where a table has no partitions", () => {
        const sql = [" ".repeat(maxSqlBytes - 500), { newData: {} }];
        const most = (partition?: ["arrival_hour"]) =>
            mostObjects({ ...hourQuery, sql, newData: { prefix: "x/", ...(partition && { partition }) } });

        expect(most()).to.be.above(most(["arrival_hour"]));
    });

    it("is one at least", () => {
        expect(mostObjects({ ...hourQuery, sql: ["-".repeat(maxSqlBytes), ...hourQuery.sql] })).to.equal(1);
    });
});

/** Text that is mostly what ends a literal. */
const quotes = fc.string({ unit: fc.constantFrom("'", "a"), maxLength: 400 });

const hour = "raw/v0/ping/2026/11/21/04/";

const hourQuery: MappedQuery = {
    name: "battery",
    trigger: "raw/v0/ping/",
    sql: ["SELECT * FROM ping WHERE ", { newData: {} }, " AND battery < 1"],
    newData: { prefix: "raw/v0/ping/", partition: ["arrival_hour"] },
};
