import { type CreatedObject, createdObjects } from "../shared/s3-events";
import type { StateChange } from "./state-change";
import type { Wake } from "./wake";

/** What a message of the queue tells: of new objects, of a run whose state changed, or that a query may be due. */
export type Content = { objects: CreatedObject[] } | { change: StateChange } | { wake: Wake };

/** Athena's events as EventBridge sends them: https://docs.aws.amazon.com/athena/latest/ug/athena-events.html */
interface AthenaEvent {
    "detail-type"?: string;
    detail?: { queryExecutionId?: unknown; workgroupName?: unknown };
}

/** Reads a message's body; throws what is wrong with one that it can't read. */
export function readMessage(body: string): Content {
    const message = parse(body);
    if (message["detail-type"] === "Athena Query State Change") return { change: stateChange(message) };
    if (message.wake) return { wake: message.wake };
    return { objects: createdObjects(body) };
}

function parse(body: string): AthenaEvent & { wake?: Wake } {
    try {
        return Object(JSON.parse(body));
    } catch {
        return {}; // as announcements are read, that is said
    }
}

function stateChange({ detail = {} }: AthenaEvent): StateChange {
    const { queryExecutionId: executionId, workgroupName: workgroup } = detail;
    if (typeof executionId !== "string" || typeof workgroup !== "string") {
        throw new Error("the message is no state change of Athena: it names no run or no workgroup");
    }
    return { executionId, workgroup };
}
