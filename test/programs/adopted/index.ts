import * as pulumi from "@pulumi/pulumi";
import { type BucketArgs, EventPipeline } from "eventpipeline";

/** How the pipeline hears of the adopted bucket's objects; chosen by the setting `way`. */
const ways: Record<string, BucketArgs> = {
    topic: { topicArn: "arn:aws:sns:us-east-1:000000000000:their-topic" },
    eventBridge: { eventBridge: true },
    ownNotifications: { ownNotifications: true },
};

const columns = (...declarations: string[]) =>
    declarations.map((declaration) => {
        const [name, type] = declaration.split(" ");
        return { name: name!, type: type! };
    });

const event = columns("name string", "amount bigint");
const sale = columns("shop string", "amount double", "note string");
const reading = columns("sensor string", "value double", "taken_at timestamp");
const request = columns("request_url string", "elb_status_code int", "user_agent string", "conn_trace_id string");
const logs = "alb-logs/AWSLogs/000000000000/elasticloadbalancing/us-east-1/";

/** A query that keeps what a table's new objects hold, with the object's path. */
const keepNew = (table: string, kept: typeof event) => [
    {
        name: `new_${table}`,
        sql: `SELECT ${kept.map(({ name }) => name).join(", ")}, "$path" AS path FROM ${table} WHERE :new_data`,
        output: { prefix: `processed/${table}/`, columns: [...kept, ...columns("path string")] },
    },
];

new EventPipeline("adopted", {
    bucket: { existing: "their-bucket", ...ways[new pulumi.Config().get("way") ?? "eventBridge"] },
    tables: {
        events: { prefix: "exports/events/", columns: event, partition: "hive_hour" },
        days: { prefix: "exports/days/", columns: event, partition: "hive_day" },
        hours: { prefix: "exports/hours/", columns: event, partition: "arrival_hour" },
        sales: {
            prefix: "exports/sales/",
            format: "csv",
            csv: { separator: ";", headerLines: 1 },
            columns: sale,
        },
        readings: { prefix: "exports/readings/", format: "parquet", columns: reading, partition: "hive_day" },
        requests: { prefix: logs, format: "alb-log", partition: "arrival_day" },
    },
    queries: {
        "exports/events/": keepNew("events", event),
        "exports/days/": keepNew("days", event),
        "exports/hours/": keepNew("hours", event),
        "exports/sales/": keepNew("sales", sale),
        "exports/readings/": keepNew("readings", reading),
        [logs]: keepNew("requests", request),
    },
});
