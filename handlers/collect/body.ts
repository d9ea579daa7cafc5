import { gunzipSync } from "node:zlib";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { badRequest, Refusal } from "./responses";

/** Most bytes of a body, decoded and inflated. A request of Lambda, base64 and all, has at most 6 MB. */
export const mostBodyBytes = 5 * 1024 * 1024;

/** The bytes of a request's body, out of base64 and gzip. */
export function bodyBytes(event: APIGatewayProxyEventV2): Buffer {
    const sent = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
    const bytes = inflated(sent, event.headers["content-encoding"]);
    if (bytes.length > mostBodyBytes) throw tooLarge();
    return bytes;
}

/** The text of a body; a byte order mark is left out. */
export function bodyText(bytes: Buffer): string {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        throw badRequest("the body is not valid UTF-8");
    }
}

function inflated(bytes: Buffer, encoding = "identity"): Buffer {
    switch (encoding.trim().toLowerCase()) {
        case "identity":
            return bytes;
        case "gzip":
        case "x-gzip":
            return gunzipped(bytes);
        default:
            throw new Refusal(415, "the content-encoding is not supported: send gzip, or none", {
                "accept-encoding": "gzip",
            });
    }
}

/** Inflates no further than the limit, so that a bomb costs no memory. */
function gunzipped(bytes: Buffer): Buffer {
    try {
        return gunzipSync(bytes, { maxOutputLength: mostBodyBytes });
    } catch (error) {
        throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
            ? tooLarge()
            : badRequest("the body is not valid gzip");
    }
}

function tooLarge(): Refusal {
    return new Refusal(413, `the body is larger than ${mostBodyBytes} bytes: send fewer events at once`);
}
