import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { regionOf } from "./endpoint";
import type { Outgoing } from "./message";

/** How the SDK's signer wants to reckon. */
class Sha256 {
    private readonly state: Hash | Hmac;

    constructor(secret?: Uint8Array) {
        this.state = secret ? createHmac("sha256", secret) : createHash("sha256");
    }

    update(data: Uint8Array): void {
        this.state.update(data);
    }

    async digest(): Promise<Uint8Array> {
        return this.state.digest();
    }
}

/** Signs requests of a service with the role's credentials, by the SDK's own signer. */
export function signer(service: string) {
    const signature = new SignatureV4({
        ...{ service, region: async () => regionOf(), credentials, sha256: Sha256 as never },
        uriEscapePath: service !== "s3", // S3's keys are encoded once
    });
    return async (request: Outgoing, signingDate: Date): Promise<Outgoing> =>
        (await signature.sign(request, { signingDate })) as Outgoing;
}

/** As Lambda gives them to a function. */
async function credentials() {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
        throw new Error("Unable to find environment variable credentials.");
    }
    const session = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {};
    return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...session };
}
