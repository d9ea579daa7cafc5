import { createHash, createHmac } from "node:crypto";
import { lambda, type Received } from "./loopback";

/** The signature that a request should have, reckoned as AWS's documentation says, from what came over the network. */
export function signatureOf({ method, url, headers, body }: Received): string {
    const [, scope = "", names = ""] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+),/.exec(
        headers.authorization!,
    )!;
    const [date = "", region = "", service = ""] = scope.split("/");
    const [path = "", query = ""] = url.split("?");
    const pairs = query === "" ? [] : query.split("&").map((each) => (each.includes("=") ? each : `${each}=`));
    const signed = names.split(";").map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, " ")}\n`);
    const canonical = [method, path, pairs.sort().join("&"), signed.join(""), names, hash(body)].join("\n");
    const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(canonical)].join("\n");
    const keys = [date, region, service, "aws4_request"];
    const key = keys.reduce<Buffer>(hmac, Buffer.from(`AWS4${lambda.AWS_SECRET_ACCESS_KEY}`));
    return hmac(key, text).toString("hex");
}

function hash(data: string | Buffer): string {
    return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Buffer, data: string): Buffer {
    return createHmac("sha256", key).update(data).digest();
}
