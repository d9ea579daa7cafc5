import { expect } from "chai";
import fc from "fast-check";
import { filesOf, type LakeTable, parsePartitions } from "../../../local/athena-sql/tables/tables";
import { bigint, varchar } from "../../../local/athena-sql/types";

const now = Date.UTC(2026, 10, 21, 4, 5, 6);

/** The keys that a table reads, and the partitions that they lie in. */
function read(keys: string[], parameters?: Record<string, string>, location = "s3://lake/raw/", columns = ["p"]) {
    const partitions = columns.map((name) => ({ name, type: varchar, partition: true }));
    const table: LakeTable = {
        ...{ database: "db", name: "t", location, format: { kind: "json", ignoreMalformed: false } as const },
        columns: [{ name: "a", type: bigint, partition: false }, ...(parameters ? partitions : [])],
        ...(parameters && { partitions: parsePartitions(partitions, location, parameters) }),
    };
    const list = (bucket: string, prefix: string) =>
        bucket === "lake"
            ? keys
                  .filter((key) => key.startsWith(prefix))
                  .map((key) => ({ key, size: key.includes("empty") ? 0 : 1, file: "" }))
            : [];
    return filesOf(table, { list }, now).map(({ key, partition }) =>
        parameters ? [key, ...Object.values(partition)] : key,
    );
}

const date = (format: string, range: string, more: Record<string, string> = {}) => ({
    ...{ "projection.p.type": "date", "projection.p.format": format, "projection.p.range": range },
    ...{ "storage.location.template": "s3://lake/raw/${p}/" },
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`projection.p.${name}`, value])),
});

describe("A table's objects", () => {
    it("are all below its location, but no hidden and no empty ones", () => {
        const keys = ["raw/a", "raw/x/y/b", "raw/_tmp/c", "raw/.d", "raw/x/_e", "raw/empty", "rawer/f", "other/g"];

        expect(read(keys)).to.deep.equal(["raw/a", "raw/x/y/b"]);
        expect(read(keys, undefined, "s3://lake/raw")).to.deep.equal(["raw/a", "raw/x/y/b"]);
        expect(read(["a", "b/c"], undefined, "s3://lake")).to.deep.equal(["a", "b/c"]);
        expect(read(["_raw/a"], undefined, "s3://lake/_raw/")).to.deep.equal(["_raw/a"]);
    });

    it("lie in the hours that the projection computes, up to now", () => {
        const keys = [
            ...["raw/2026/11/21/04/a", "raw/2026/11/21/05/b", "raw/2026/01/01/00/c/d", "raw/2025/12/31/23/e"],
            ...[
                "raw/2026/02/30/00/f",
                "raw/2026/11/21/04",
                "raw/x/2026/11/21/04/g",
                "raw/2026/11/21/04/_h",
                "raw/2026/1/1/0/i",
            ],
        ];

        const rows = read(keys, date("yyyy/MM/dd/HH", "2026/01/01/00,NOW"));

        expect(rows).to.deep.equal([
            ["raw/2026/11/21/04/a", "2026/11/21/04"],
            ["raw/2026/01/01/00/c/d", "2026/01/01/00"],
        ]);
    });

    const ranges: [range: string, format: string, value: string, within: boolean][] = [
        ["NOW-1DAYS,NOW", "yyyy-MM-dd", "2026-11-20", true],
        ["NOW-1DAYS,NOW", "yyyy-MM-dd", "2026-11-19", false],
        ["NOW-3YEARS,NOW", "yyyy-MM-dd", "2023-11-21", true],
        ["NOW-3YEARS,NOW", "yyyy-MM-dd", "2023-11-20", false],
        ["NOW-1MONTH,NOW+1WEEK", "yyyy-MM-dd", "2026-11-28", true],
        ["NOW-1MONTH,NOW+1WEEK", "yyyy-MM-dd", "2026-11-29", false],
        ["NOW - 2 HOURS,NOW", "yyyy-MM-dd-HH", "2026-11-21-02", true],
        ["NOW - 2 HOURS,NOW", "yyyy-MM-dd-HH", "2026-11-21-01", false],
        ["2026-01,2026-06", "yyyy-MM", "2026-06", true],
        ["2026-01,2026-06", "yyyy-MM", "2026-07", false],
        ["2026,NOW", "yyyy", "2026", true],
        ["20260101,NOW", "yyyyMMdd", "20261121", true],
        ["20260101T0000,NOW", "yyyyMMdd'T'HHmm", "20261121T0405", true],
        ["20260101T0000,NOW", "yyyyMMdd'T'HHmm", "20261121T0406", false],
    ];
    for (const [range, format, value, within] of ranges)
        it(`${within ? "lie" : "do not lie"} in ${value} with the range ${range}`, () => {
            expect(read([`raw/${value}/a`], date(format, range))).to.have.length(within ? 1 : 0);
        });

    it("lie on the projection's steps", () => {
        const keys = ["00", "01", "06", "12", "13"].map((hour) => `raw/2026-11-20-${hour}/a`);
        const months = ["2026-01", "2026-02", "2026-04"].map((month) => `raw/${month}/a`);

        expect(
            read(keys, date("yyyy-MM-dd-HH", "2026-01-01-00,NOW", { interval: "6", "interval.unit": "HOURS" })).map(
                ([key]) => key,
            ),
        ).to.deep.equal(["raw/2026-11-20-00/a", "raw/2026-11-20-06/a", "raw/2026-11-20-12/a"]);
        expect(
            read(months, date("yyyy-MM", "2026-01,NOW", { interval: "3", "interval.unit": "months" })).map(
                ([key]) => key,
            ),
        ).to.deep.equal(["raw/2026-01/a", "raw/2026-04/a"]);
    });

    it("lie in the values of an enum, of integers and of what queries inject", () => {
        const template = { "storage.location.template": "s3://lake/raw/${kind}/${number}/${tenant}" };
        const parameters = {
            ...{ "projection.kind.type": "enum", "projection.kind.values": "a.b, c" },
            ...{
                "projection.number.type": "integer",
                "projection.number.range": "2,10",
                "projection.number.interval": "2",
                "projection.number.digits": "2",
            },
            ...{ "projection.tenant.type": "injected", ...template },
        };
        const keys = [
            "raw/a.b/02/x/1",
            "raw/c/10/y/2",
            "raw/axb/02/x/3",
            "raw/c/12/x/4",
            "raw/c/03/x/5",
            "raw/c/2/x/6",
            "raw/c/-2/x/7",
        ];

        const rows = read(keys, parameters, "s3://lake/raw/", ["kind", "number", "tenant"]);

        expect(rows).to.deep.equal([
            ["raw/a.b/02/x/1", "a.b", "02", "x"],
            ["raw/c/10/y/2", "c", "10", "y"],
        ]);
    });

    it("lie in folders of Hive's style where no template says otherwise", () => {
        const parameters = {
            "projection.p.type": "date",
            "projection.p.format": "yyyy-MM-dd",
            "projection.p.range": "2026-01-01,NOW",
        };

        expect(read(["raw/p=2026-11-21/a", "raw/2026-11-21/b"], parameters, "s3://lake/raw")).to.deep.equal([
            ["raw/p=2026-11-21/a", "2026-11-21"],
        ]);
    });

    it("are found by any hour that was written into their keys", () => {
        fc.assert(
            fc.property(fc.date({ min: new Date("2026-01-01"), max: new Date(now), noInvalidDate: true }), (time) => {
                const hour = time.toISOString().slice(0, 13).replaceAll("-", "/").replace("T", "/");

                expect(read([`raw/${hour}/a`], date("yyyy/MM/dd/HH", "2026/01/01/00,NOW"))).to.deep.equal([
                    [`raw/${hour}/a`, hour],
                ]);
            }),
        );
    });

    const mistakes: [Record<string, string>, string][] = [
        [{}, "projection.p.type is missing"],
        [{ "projection.p.type": "float" }, "projection.p.type 'float' is unknown"],
        [{ "projection.p.type": "enum" }, "projection.p.values is missing"],
        [{ "projection.p.type": "integer" }, "projection.p.range is missing"],
        [date("yyyy-MM-dd", "2026,NOW"), "the projection range '2026,NOW' does not fit the format yyyy-MM-dd"],
        [date("yyyy-MM-dd", "NOW-1FORTNIGHTS,NOW"), "the projection range 'NOW-1FORTNIGHTS,NOW' does not fit"],
        [date("yyyy-EEE", "2026,NOW"), "'EEE' in the projection format yyyy-EEE is not modelled locally"],
        [date("yyyy", "2026,NOW", { "interval.unit": "EONS" }), "projection.p.interval.unit 'EONS' is unknown"],
    ];
    for (const [parameters, message] of mistakes)
        it(`refuse a projection: ${message}`, () => {
            expect(() => read([], parameters)).to.throw(message);
        });
});
