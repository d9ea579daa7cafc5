import { S3Client } from "@aws-sdk/client-s3";

/**
 * The functions' S3. Of what it reads, checksums are not checked: most objects have a CRC-64, which the SDK reckons in
 * JavaScript, for as long as converting the bytes takes. TLS keeps them whole, gzip has a checksum of its own, and
 * `openObject` counts them. What it writes has a CRC-32, which zlib reckons ten times as fast.
 */
export function s3Client(): S3Client {
    return new S3Client({ responseChecksumValidation: "WHEN_REQUIRED" });
}
