/** What applications read a pipeline's counters with; needs `@aws-sdk/client-dynamodb`. */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import {
    type CounterAttributes,
    type CounterValue,
    counterName,
    defaultAttributes,
} from "../handlers/shared/rollup-contract";

export { type CounterValue, counterName } from "../handlers/shared/rollup-contract";

/** Which series of a rollup is read. */
export interface SeriesQuery {
    client: DynamoDBClient;
    /** Name of the counters' table: the pipeline's output `rollupTableNames`. */
    tableName: string;
    /** The values that were counted by, in the order of the rollup's `by`; `null` for events that have none. */
    by: CounterValue[];
    /** First time that is read. @default the first there is */
    from?: Date;
    /** Time before which the series ends. @default after the last there is */
    to?: Date;
    /** Names of the table's attributes, where the rollup has others. @default name, timestamp and count */
    attributes?: Partial<CounterAttributes>;
    /** Most counters that are read at once; all are read, page by page. @default as many as DynamoDB answers */
    pageSize?: number;
    /** Whether what was written a moment ago must be seen; costs twice as much. @default false */
    consistent?: boolean;
}

/** A point of a series. */
export interface SeriesPoint {
    /** When the interval begins. */
    time: Date;
    /** How many events there were in it. */
    count: number;
    /** Column → sum of its values, with all digits. */
    sums: Record<string, string>;
}

const sumPrefix = "sum_";

/**
 * Reads a rollup's series in order of time, page by page as it is asked for. Intervals without events are left out.
 *
 * @example
 * ```ts
 * const query = { client: new DynamoDBClient(), tableName, by: ["device-01"], from: new Date("2026-11-21T00:00:00Z") };
 * for await (const { time, count } of readSeries(query)) console.log(time, count);
 * ```
 */
export async function* readSeries(query: SeriesQuery): AsyncGenerator<SeriesPoint> {
    const { client, tableName, by, pageSize, consistent = false } = query;
    const attributes = { ...defaultAttributes, ...query.attributes };
    const from = query.from ? spelled(query.from) : "0";
    const to = query.to ? spelled(query.to) : ":";
    if (from >= to) return;
    const pages = paginateQuery(
        { client, pageSize },
        {
            TableName: tableName,
            KeyConditionExpression: "#name = :name AND #timestamp BETWEEN :from AND :to",
            ExpressionAttributeNames: { "#name": attributes.name, "#timestamp": attributes.timestamp },
            ExpressionAttributeValues: { ":name": { S: counterName(by) }, ":from": { S: from }, ":to": { S: to } },
            ConsistentRead: consistent,
        },
    );
    for await (const { Items = [] } of pages) {
        for (const item of Items) {
            const timestamp = item[attributes.timestamp]!.S!;
            const count = Number(item[attributes.count]!.N);
            if (count !== 0 && timestamp !== to) yield { time: new Date(timestamp), count, sums: sumsOf(item) };
        }
    }
}

function sumsOf(item: Record<string, AttributeValue>): Record<string, string> {
    const sums = Object.entries(item).filter(([name]) => name.startsWith(sumPrefix));
    return Object.fromEntries(sums.map(([name, { N }]) => [name.slice(sumPrefix.length), N!]));
}

/** A time as counters spell it; one within a second counts from the next. */
function spelled(time: Date): string {
    const seconds = new Date(Math.ceil(time.getTime() / 1000) * 1000);
    return `${seconds.toISOString().slice(0, 19)}Z`;
}
