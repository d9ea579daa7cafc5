import { expect } from "chai";
import { planTable, type TableShape } from "../../plan";
import { columns, problemsIn, untyped } from "./factories";

describe("a table by itself", () => {
    it("is planned with its partitions", () => {
        const table = planTable({
            name: "pings",
            prefix: "raw/pings/",
            columns: columns("a int"),
            partition: "run_date",
            since: "2025-05-01",
        });

        expect(table).to.deep.equal({
            name: "pings",
            prefix: "raw/pings/",
            columns: [{ name: "a", type: { kind: "integer", bits: 32 }, hiveType: "int" }],
            partition: { layout: "run_date", columns: ["run_date"], since: "2025-05-01" },
        });
    });

    for (const [partition, columns] of [
        ["arrival_hour", ["arrival_hour"]],
        ["hive_day", ["year", "month", "day"]],
        ["hive_hour", ["year", "month", "day", "hour"]],
    ] as const) {
        it(`has the partition columns of ${partition}, which no column may hide`, () => {
            const shape = { name: "pings", prefix: "raw/pings/", partition };

            const table = planTable({ ...shape, columns: [{ name: "a", type: "int" }] });
            const found = problemsIn(() =>
                planTable({ ...shape, columns: columns.map((name) => ({ name, type: "int" })) }),
            );

            expect(table.partition).to.deep.equal({ layout: partition, columns, since: "2026-01-01" });
            expect(found).to.deep.equal(
                columns.map(
                    (name, index) =>
                        `columns[${index}].name: \`${name}\` hides the partition column of this name: rename it`,
                ),
            );
        });
    }

    it("has no partitions unless it says so, and no columns of the pipeline's", () => {
        const table = planTable({ name: "pings", prefix: "raw/pings/", columns: columns("arrival_hour int") });

        expect(table).not.to.have.property("partition");
        expect(table.columns.map(({ name }) => name)).to.deep.equal(["arrival_hour"]);
    });

    it("reports all its problems", () => {
        const found = problemsIn(() =>
            planTable({
                name: "Pings",
                prefix: "raw",
                columns: columns("arrival_hour int"),
                partition: "arrival_hour",
                since: "soon",
            }),
        );

        expect(found).to.deep.equal([
            "since: must be a day of the calendar, written `YYYY-MM-DD`",
            "name: `Pings` cannot name a table: use lower-case letters, digits and `_`, a letter first",
            "prefix: `raw` must end in `/`: write `raw/`",
            "columns[0].name: `arrival_hour` hides the partition column of this name: rename it",
        ]);
    });

    it("reports what is missing", () => {
        const found = problemsIn(() => planTable(untyped<TableShape>({})));

        expect(found).to.deep.equal(["name: is missing", "prefix: is missing", "columns: is missing"]);
    });
});
