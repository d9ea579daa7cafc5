import type { AwsRequest, AwsResponse, Endpoint, Runtime } from "../runtime";
import { bucketsOf } from "./s3/buckets";
import { Uploads } from "./s3/multipart";
import { answer } from "./s3/protocol";
import { Store } from "./s3/store";

export type { CreatedEvent, PutOptions, StoredObject, WriteCondition } from "./s3/store";

/** S3: the store, and its REST protocol for the AWS SDKs (path style). */
export class S3 extends Store implements Endpoint {
    readonly name = "s3";
    private readonly uploads = new Uploads(this);
    private readonly adopted = new Set<string>();

    /** Knows the buckets that the program registers, and those that it adopts. */
    constructor(runtime: Runtime) {
        super(runtime);
        for (const bucket of bucketsOf(runtime.program)) {
            this.addBucket(bucket.name, bucket.versioned);
            if (bucket.adopted) this.adopted.add(bucket.name);
        }
    }

    /** Whether the program uses a bucket that it does not register. */
    isAdopted(bucket: string): boolean {
        return this.adopted.has(bucket);
    }

    handle(request: AwsRequest): Promise<AwsResponse> {
        return answer(this, this.uploads, request);
    }
}
