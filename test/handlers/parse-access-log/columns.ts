import type { Column } from "../../../handlers/shared/columns";

/** Columns of all kinds, and those that the log fills. */
export const columns: Column[] = [
    { name: "page", type: { kind: "string" } },
    { name: "visitor", type: { kind: "integer", bits: 64 } },
    { name: "price", type: { kind: "decimal", precision: 20, scale: 2 } },
    { name: "seconds", type: { kind: "float", bits: 64 } },
    { name: "seen", type: { kind: "boolean" } },
    { name: "day", type: { kind: "date" } },
    { name: "at", type: { kind: "timestamp" } },
    { name: "tags", type: { kind: "array", element: { kind: "string" } } },
    { name: "event_id", type: { kind: "string" } },
    { name: "received_at", type: { kind: "timestamp" } },
    { name: "request_time", type: { kind: "timestamp" } },
    { name: "client_address", type: { kind: "string" } },
    { name: "user_agent", type: { kind: "string" } },
    { name: "referrer", type: { kind: "string" } },
];
