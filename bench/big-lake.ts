import { createHash } from "node:crypto";
import type { GivenResponse, SentRequest } from "../test/handlers/shared/fake-service";
import { jsonRequest, jsonResponse } from "../test/handlers/shared/fake-service";

/** An object, as it is listed. */
export interface BigLakeObject {
    key: string;
    size: number;
    /** Milliseconds since 1970. */
    lastModified: number;
}

/** The most that S3 lists at once. */
const pageLength = 1_000;

/** Firehose's objects of so many hours, one as long after the other, in the folders of their hours. */
export function firehoseObjects(prefix: string, count: number, from: number, hours: number): BigLakeObject[] {
    return Array.from({ length: count }, (_, index) => {
        const lastModified = from + Math.floor((index * hours * 3_600_000) / count);
        const [day, time] = new Date(lastModified).toISOString().slice(0, 19).split("T");
        const folder = `${day!.replaceAll("-", "/")}/${time!.slice(0, 2)}`;
        const chance = createHash("md5").update(`${prefix}${index}`).digest("hex");
        const id = [8, 12, 16, 20, 32].map((end, part) => chance.slice([0, 8, 12, 16, 20][part], end)).join("-");
        const key = `${prefix}${folder}/web-prod-click-1-${day}-${time!.replaceAll(":", "-")}-${id}.json.gz`;
        return { key, size: 4_000_000, lastModified };
    }).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A page of a listing, of objects or of their versions: those below the prefix and after the last page. */
export function listed(objects: BigLakeObject[], { query }: SentRequest): GivenResponse {
    const { prefix = "", "start-after": first, "continuation-token": token, "key-marker": marker } = query;
    const after = token ?? marker ?? first ?? "";
    const begin = objects.findIndex(({ key }) => key.startsWith(prefix!) && key > after);
    const all = begin < 0 ? [] : objects.slice(begin, begin + pageLength + 1);
    const own = all.filter(({ key }) => key.startsWith(prefix!));
    const page = own.slice(0, pageLength);
    const [name, entry, next] =
        "versions" in query
            ? ["ListVersionsResult", "Version", "NextKeyMarker"]
            : ["ListBucketResult", "Contents", "NextContinuationToken"];
    const entries = page.map(({ key, size, lastModified }) => {
        const at = new Date(lastModified).toISOString();
        const version = "versions" in query ? "<VersionId>null</VersionId><IsLatest>true</IsLatest>" : "";
        return `<${entry}><Key>${key}</Key>${version}<LastModified>${at}</LastModified><ETag>&quot;e1&quot;</ETag><Size>${size}</Size></${entry}>`;
    });
    const isTruncated = own.length > page.length;
    const rest = isTruncated ? `<${next}>${page.at(-1)!.key}</${next}>` : "";
    return xml(`<${name}><IsTruncated>${isTruncated}</IsTruncated>${rest}${entries.join("")}</${name}>`);
}

/** What a queue answers, whichever message it is given. */
export function taken(request: SentRequest): GivenResponse {
    const { operation, input } = jsonRequest(request);
    if (operation === "GetQueueUrl") return jsonResponse({ QueueUrl: `http://${request.headers.host}/queue` });
    const answer = (body: unknown) => ({ MessageId: "m", MD5OfMessageBody: md5(String(body)) });
    if (operation === "SendMessage") return jsonResponse(answer(input.MessageBody));
    const entries = input.Entries as { Id: string; MessageBody: string }[];
    return jsonResponse({ Successful: entries.map(({ Id, MessageBody }) => ({ Id, ...answer(MessageBody) })) });
}

export function xml(body: string): GivenResponse {
    return { statusCode: 200, headers: { "content-type": "application/xml" }, body: `<?xml version="1.0"?>${body}` };
}

/** The service that a request is for: S3 has no targets. */
export function serviceOf({ headers, path }: SentRequest): "DynamoDB" | "AmazonSQS" | "AmazonAthena" | "Lambda" | "S3" {
    if (path.endsWith("/invocations")) return "Lambda";
    const target = headers["x-amz-target"] ?? "S3";
    return (["DynamoDB", "AmazonSQS", "AmazonAthena"] as const).find((name) => target.startsWith(name)) ?? "S3";
}

function md5(text: string): string {
    return createHash("md5").update(text).digest("hex");
}
