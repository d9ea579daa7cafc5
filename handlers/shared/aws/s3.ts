/**
 * What functions that call none but S3, DynamoDB and Firehose have in place of `@aws-sdk/client-s3`: of its operations,
 * their inputs and what they return, as much as these functions use.
 */
import { Client, type Service } from "./client";
import { errorOf } from "./s3-command";

export * from "./s3-multipart";
export * from "./s3-objects";

const service: Service = { name: "s3", maxAttempts: 3, errorOf };

export class S3Client extends Client {
    /** Checksums of what is read are not checked, and that has to be said. */
    constructor(_: { responseChecksumValidation: "WHEN_REQUIRED" }) {
        super(service);
    }
}
