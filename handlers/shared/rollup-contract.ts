/** What makes, keeps and reads counters agrees on this. */

/** How long the times are that events are counted by. */
export const intervals = ["minute", "hour", "day"] as const;
export type Interval = (typeof intervals)[number];

/** What times count that are numbers: since 1970. */
export type TimeUnit = "seconds" | "milliseconds";

/** Names of a counter's attributes; those of its sums follow from the fields. */
export interface CounterAttributes {
    /** Partition key. */
    name: string;
    /** Sort key. */
    timestamp: string;
    count: string;
}

/** What the attributes are called unless somebody says otherwise. */
export const defaultAttributes: CounterAttributes = { name: "name", timestamp: "timestamp", count: "count" };

/** Attribute that holds the sum of a field. */
export function sumAttribute(field: string): string {
    return `sum_${field}`;
}

/** Most bytes of a counter's name: DynamoDB's limit for a partition key. */
export const longestCounterName = 2048;

/** A value that events are counted by. */
export type CounterValue = string | number | bigint | boolean | null;

/**
 * The name of the counter for these values, one for each `by` field: joined by `|`. In a value `\` is written `\\` and
 * `|` is written `\|`; a missing value is `\N`, an empty text `\E`. So different values have different names.
 */
export function counterName(values: CounterValue[]): string {
    return values.map(spelled).join("|");
}

/** The start of the interval that a time lies in, as counters spell it: `2026-11-21T04:00:00Z`. */
export function intervalStart(time: Date, interval: Interval): string {
    const text = time.toISOString();
    const kept = { minute: 16, hour: 13, day: 10 }[interval];
    return `${text.slice(0, kept)}${"T00:00:00Z".slice(kept - 10)}`;
}

function spelled(value: CounterValue): string {
    if (value === null) return "\\N";
    return value === "" ? "\\E" : String(value).replace(/[\\|]/g, "\\$&");
}
