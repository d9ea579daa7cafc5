/**
 * Prints the hourly counters of an event as a table.
 * Usage: ts-node -T examples/hourly-counters/series.ts NAME [FROM [TO]], with times such as 2026-11-20T04:00:00Z
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
// #region read
import { readSeries } from "eventpipeline/client";

async function printSeries(name: string, from?: Date, to?: Date): Promise<void> {
    const series = readSeries({
        client: new DynamoDBClient(),
        tableName: "Events",
        attributes: { name: "Name", timestamp: "Timestamp", count: "Count" },
        by: [name],
        from,
        to,
    });
    console.log("hour                   events");
    for await (const { time, count } of series) {
        console.log(`${time.toISOString().slice(0, 16)}Z  ${String(count).padStart(10)}`);
    }
}
// #endregion

function timeOf(text: string | undefined): Date | undefined {
    if (text === undefined) return undefined;
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) throw new Error(`${text} is no time: write 2026-11-20T04:00:00Z`);
    return time;
}

const [name, from, to] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: ts-node -T examples/hourly-counters/series.ts NAME [FROM [TO]]");
void printSeries(name, timeOf(from), timeOf(to));
