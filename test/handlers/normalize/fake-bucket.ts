import { gunzipSync } from "node:zlib";
import { S3Client } from "@aws-sdk/client-s3";
import { answeredBy, type GivenResponse, type SentRequest } from "../shared/fake-service";

/** A bucket in memory; `writable` says which keys it takes. */
export class FakeBucket {
    readonly objects = new Map<string, Buffer>();
    readonly client = new S3Client({ ...answeredBy((request) => this.answer(request)), maxAttempts: 1 });
    puts = 0;

    constructor(private readonly writable: (key: string) => boolean = () => true) {}

    answer({ path, body = "" }: SentRequest): GivenResponse {
        const key = path.slice(1);
        this.puts++;
        if (!this.writable(key)) return { statusCode: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
        this.objects.set(key, Buffer.from(body as Uint8Array));
        return { statusCode: 200 };
    }

    /** The lines of all objects, parsed. */
    entries(): { reason: string; line?: string; base64?: string }[] {
        const lines = [...this.objects.values()].flatMap((bytes) => gunzipSync(bytes).toString().trimEnd().split("\n"));
        return lines.map((line) => JSON.parse(line));
    }
}
