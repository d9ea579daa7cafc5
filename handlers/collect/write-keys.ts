import { createHash, timingSafeEqual } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Refusal } from "./responses";

/** A write key that is let in: its name, and the SHA-256 of the key itself. */
export interface WriteKey {
    name: string;
    hash: Buffer;
}

/** Reads `{ "<name>": "<SHA-256 in hex>" }`, at least one. */
export function parseKeyHashes(json: string): WriteKey[] {
    const hashes = Object.entries(JSON.parse(json) as Record<string, string>);
    if (hashes.length === 0) throw new Error('KEY_HASHES: no key is named; without keys OPEN must be "true"');
    return hashes.map(([name, hex]) => {
        if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`KEY_HASHES: ${name} must be a SHA-256 in lower-case hex`);
        return { name, hash: Buffer.from(hex, "hex") };
    });
}

/** The name of the key that a request carries; refuses a request without a known one. */
export function identify(event: APIGatewayProxyEventV2, keys: WriteKey[]): string {
    const given = givenKey(event);
    if (!given) throw unauthorized("a write key is needed: header x-api-key, HTTP Basic user name, or ?key=");
    const hash = createHash("sha256").update(given).digest();
    // Every hash is compared: how long it takes tells nothing about the keys.
    const name = keys.reduce<string | undefined>(
        (found, key) => (timingSafeEqual(key.hash, hash) ? key.name : found),
        undefined,
    );
    if (name === undefined) throw unauthorized("the write key is not known");
    return name;
}

function givenKey({ headers, queryStringParameters }: APIGatewayProxyEventV2): string | undefined {
    return headers["x-api-key"] || basicUser(headers.authorization) || queryStringParameters?.key;
}

function basicUser(authorization = ""): string | undefined {
    const [, credentials] = /^basic\s+(\S+)$/i.exec(authorization) ?? [];
    return credentials && Buffer.from(credentials, "base64").toString().split(":")[0];
}

function unauthorized(message: string): Refusal {
    return new Refusal(401, message, { "www-authenticate": 'Basic realm="eventpipeline", charset="UTF-8"' });
}
