/**
 * What a notification tells of: the key of S3's or EventBridge's object, or the workgroup and state of a query run. There
 * is none in S3's test event.
 */
export function subjectOf(message: string): string | undefined {
    const { Event, Records, detail } = parse(message);
    if (Event === "s3:TestEvent") return undefined;
    const key = Records?.[0]?.s3?.object?.key;
    if (key !== undefined) return decode(key);
    if (detail?.workgroupName !== undefined) return `${detail.workgroupName}/${detail.currentState}`;
    return detail?.object?.key ?? "";
}

interface Notification {
    Event?: string;
    Records?: { s3?: { object?: { key?: string } } }[];
    detail?: { workgroupName?: string; currentState?: string; object?: { key?: string } };
}

function parse(message: string): Notification {
    try {
        return (JSON.parse(message) as Notification | null) ?? {};
    } catch {
        return {};
    }
}

function decode(key: string): string {
    try {
        return decodeURIComponent(key.replaceAll("+", " "));
    } catch {
        return key;
    }
}
