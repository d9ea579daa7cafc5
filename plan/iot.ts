import type { IotShape } from "./arguments";
import { type IotFunction, type IotSql, parseIotSql } from "./iot-sql";
import { inside, parsed, type Report } from "./problems";
import { checkObject, checkSwitch, checkText } from "./shapes";
import { suggestion } from "./suggestion";
import type { PlannedColumn } from "./types";

/** Types of the columns that take what a function returns; the first is the one to choose. */
const results: Record<IotFunction, string[]> = {
    topic: ["string"],
    clientid: ["string"],
    timestamp: ["bigint", "double"],
};

/** Checks an IoT source; without columns, it is not checked whether the events fit them. */
export function checkIot(iot: IotShape, columns: PlannedColumn[] | undefined, path: string, report: Report): void {
    if (!checkObject(iot, path, report)) {
        return;
    }
    checkSwitch(iot.deadLetterQueue, inside(path, "deadLetterQueue"), report);
    const sqlPath = inside(path, "sql");
    const text = checkText(iot.sql, sqlPath, report);
    const sql = text === "" ? undefined : parsed(sqlPath, report, () => parseIotSql(text));
    if (sql === undefined) {
        return;
    }
    if (columns) {
        checkColumnsOf(sql, columns, sqlPath, report);
    }
    if (iot.batchMode === true && (sql.select.length > 1 || sql.select[0]!.kind !== "all")) {
        report(
            inside(path, "batchMode"),
            "is true, but the SQL makes one event of each message: write `SELECT *`, or leave it out",
        );
    }
}

/** Reports what would let every event be refused: names that are no columns, and functions of another type. */
function checkColumnsOf({ select }: IotSql, columns: PlannedColumn[], path: string, report: Report): void {
    const names = columns.map(({ name }) => name);
    for (const item of select) {
        if (item.kind === "all") {
            continue;
        }
        const column = columns.find(({ name }) => name === item.name);
        if (column === undefined) {
            report(path, `selects \`${item.name}\`, which is no column of the ingest: ${suggestion(item.name, names)}`);
        } else if (item.value.kind === "call" && !results[item.value.name].includes(column.hiveType)) {
            const [wanted] = results[item.value.name];
            report(
                path,
                `selects \`${item.value.name}()\` as \`${item.name}\`, a \`${column.hiveType}\`: ` +
                    `declare the column \`${wanted}\``,
            );
        }
    }
}
