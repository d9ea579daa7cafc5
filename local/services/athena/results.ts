import { readFile } from "node:fs/promises";
import { parseCsv } from "../../athena-sql/csv";
import { parseLocation } from "../../athena-sql/tables/tables";
import type { Execution } from "./execution";
import { invalid } from "./input";
import { resultEnding } from "./kinds";
import type { ResultStore } from "./services";

const longestPage = 1000;

/**
 * A page of a result, as GetQueryResults gives it. Of a CSV the first row of the first page is the header. Lines of text
 * have none, and are one value each, whatever columns they are said to have; so it was seen of DESCRIBE.
 */
export async function resultPage(
    execution: Execution,
    s3: ResultStore,
    { MaxResults = longestPage, NextToken }: { MaxResults?: number; NextToken?: string },
): Promise<object> {
    const { state, columns } = execution;
    if (state === "QUEUED" || state === "RUNNING") throw invalid(`Query has not yet finished. Current state: ${state}`);
    if (state !== "SUCCEEDED") throw invalid(`Query did not finish successfully. Final query state: ${state}`);
    if (MaxResults < 1 || MaxResults > longestPage)
        throw invalid(`MaxResults is more than maximum allowed length ${longestPage}.`);
    const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64").toString());
    const rows = await rowsOf(execution, s3);
    const end = start + MaxResults;
    return {
        ResultSet: {
            Rows: rows
                .slice(start, end)
                .map((row) => ({ Data: row.map((cell) => (cell === undefined ? {} : { VarCharValue: cell })) })),
            ResultSetMetadata: { ColumnInfo: columns },
        },
        UpdateCount: resultEnding(execution.statement) === undefined ? execution.rows : 0,
        ...(end < rows.length && { NextToken: Buffer.from(String(end)).toString("base64") }),
    };
}

async function rowsOf({ id, folder, statement }: Execution, s3: ResultStore): Promise<(string | undefined)[][]> {
    const ending = resultEnding(statement);
    if (ending === undefined) return [];
    const { bucket, prefix } = parseLocation(folder);
    const object = s3.get(bucket, `${prefix}${id}${ending}`);
    if (!object) throw invalid(`Could not find results at ${folder}${id}${ending}`);
    const text = await readFile(object.file, "utf8");
    if (ending === ".csv") return [...parseCsv(text)];
    return text === ""
        ? []
        : text
              .replace(/\n$/, "")
              .split("\n")
              .map((line) => [line]);
}
