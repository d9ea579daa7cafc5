import { isIP } from "node:net";
import type { Column } from "../../handlers/shared/columns";

/**
 * What Athena's documentation gives for the logs of Application Load Balancers:
 * https://docs.aws.amazon.com/athena/latest/ug/create-alb-access-logs-table.html
 */
export const documentedExpression =
    /^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*) (-|[-0-9]*) ([-0-9]*) ([-0-9]*) "([^ ]*) (.*) (- |[^ ]*)" "([^"]*)" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) ([^ ]*) "([^"]*)" "([^"]*)" "([^"]*)" ([-.0-9]*) ([^ ]*) "([^"]*)" "([^"]*)" "([^ ]*)" "([^\s]+?)" "([^\s]+)" "([^ ]*)" "([^ ]*)" ?([^ ]*)? ?( .*)?$/;

/** Makes the reader of a line that most people would write around it; undefined where a line is no event. */
export function documentedReader(columns: Column[], path: string): (line: string) => string | undefined {
    const numbers = new Set(
        columns.filter(({ type }) => type.kind === "float" || type.kind === "integer").map(({ name }) => name),
    );
    return (line) => {
        const match = documentedExpression.exec(line);
        if (!match) return undefined;
        const [, type, , , client, , , , , , , status, , , , verb, address, , userAgent, , , , traceId] = match;
        const created = match[26]!;
        if (!["http", "https", "h2"].includes(type!) || verb !== "GET" || /^[45]/.test(status!)) return undefined;
        if (userAgent!.startsWith("ELB-HealthChecker") || isIP(client!) === 0) return undefined;
        const url = new URL(address!);
        if (url.pathname !== path) return undefined;
        const time = created.slice(0, -1).replace("T", " ");
        const event: Record<string, unknown> = {};
        for (const [name, value] of url.searchParams) event[name] = numbers.has(name) ? Number(value) : value;
        return JSON.stringify({
            ...event,
            request_time: time,
            client_address: client,
            user_agent: userAgent,
            event_id: traceId!.slice("Root=".length),
            received_at: time,
        });
    };
}
