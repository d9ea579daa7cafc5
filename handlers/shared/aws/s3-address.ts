import { isIP } from "node:net";
import { encode } from "./exchange";
import { type Outgoing, outgoing } from "./message";

/** An object, or a bucket's own operations. */
export interface Place {
    Bucket: string;
    Key?: string;
}

/** Buckets that are asked in another way: directories, outposts. */
const otherKind = /--(x|xa|op)-s3$/;

/** A request for a place: to the bucket's own host where it can have one. */
export function requestFor({ Bucket, Key = "" }: Place, endpoint: URL, method: string): Outgoing {
    if (Bucket === "" || /[:/]/.test(Bucket) || otherKind.test(Bucket)) {
        throw new Error(`a bucket of a kind that is not known here: ${Bucket}`);
    }
    const request = outgoing(endpoint, method);
    const folder = request.path.replace(/\/$/, "");
    const key = Key.split("/").map(encode).join("/");
    if (!canBeHost(Bucket, endpoint)) return { ...request, path: `${folder}/${encode(Bucket)}/${key}` };
    const host = `${Bucket}.${endpoint.host}`;
    return { ...request, hostname: `${Bucket}.${endpoint.hostname}`, path: `${folder}/${key}`, headers: { host } };
}

/** A certificate is for one name below the service's, not for more. */
function canBeHost(bucket: string, { hostname, protocol }: URL): boolean {
    if (isIP(hostname.replace(/^\[|\]$/g, ""))) return false;
    const labels = protocol === "http:" ? bucket.split(".") : [bucket];
    return labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/.test(label));
}
