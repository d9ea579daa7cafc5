import { AwsError } from "../../runtime";

/**
 * Decodes an aws-chunked body: `<hex size>[;chunk-signature=…]` lines, each with its bytes, an empty chunk, then trailers.
 * https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-streaming-trailers.html
 */
export function decodeChunks(body: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
    const chunks: Buffer[] = [];
    let position = 0;
    for (;;) {
        const size = Number.parseInt(readLine(), 16);
        if (!(size >= 0)) throw new AwsError("IncompleteBody", "The body is not aws-chunked");
        if (size === 0) break;
        chunks.push(body.subarray(position, position + size));
        position += size + 2;
    }
    const trailers: Record<string, string> = {};
    for (let line = readLine(); line; line = readLine()) {
        const colon = line.indexOf(":");
        trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { bytes: Buffer.concat(chunks), trailers };

    function readLine(): string {
        const end = body.indexOf("\r\n", position, "latin1");
        const line = body.toString("latin1", position, end < 0 ? body.length : end);
        position = end < 0 ? body.length : end + 2;
        return line;
    }
}
