import { S3Client } from "@aws-sdk/client-s3";

/**
 * The functions' S3. Of what it reads, checksums are not checked: most objects have a CRC-64, which the SDK would reckon in
 * JavaScript, slower than all else that is done with the bytes; TLS keeps them whole, gzip has its own, and `openObject`
 * counts them. What it writes has a CRC-32, reckoned by zlib.
 */
export function s3Client(): S3Client {
    return new S3Client({ responseChecksumValidation: "WHEN_REQUIRED" });
}
