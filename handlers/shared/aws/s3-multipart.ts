import { XmlNode } from "@aws-sdk/xml-builder";
import {
    type Conditions,
    conditions,
    header,
    headerOf,
    type ObjectPlace,
    payload,
    query,
    readXml,
    s3Command,
} from "./s3-command";

export interface CreateMultipartUploadCommandInput extends ObjectPlace {
    ContentType?: string;
    ChecksumAlgorithm?: "CRC32";
}

export const CreateMultipartUploadCommand = s3Command<CreateMultipartUploadCommandInput, { UploadId?: string }>(
    "CreateMultipartUpload",
    {
        method: "POST",
        query: { uploads: "" },
        members: { ContentType: header("content-type"), ChecksumAlgorithm: header("x-amz-checksum-algorithm") },
        read: async (answer) => ({ UploadId: (await readXml(answer)).UploadId as string | undefined }),
    },
);

export interface UploadPartCommandInput extends ObjectPlace {
    UploadId?: string;
    PartNumber?: number;
    Body?: Uint8Array;
    ChecksumAlgorithm?: "CRC32";
}

/** A part that was sent. */
export interface CompletedPart {
    PartNumber?: number;
    ETag?: string;
    ChecksumCRC32?: string;
}

export const UploadPartCommand = s3Command<UploadPartCommandInput, Omit<CompletedPart, "PartNumber">>("UploadPart", {
    method: "PUT",
    query: { "x-id": "UploadPart" },
    members: {
        UploadId: query("uploadId"),
        PartNumber: query("partNumber"),
        Body: payload,
        ChecksumAlgorithm: header("x-amz-sdk-checksum-algorithm"),
    },
    async read(answer) {
        await readXml(answer);
        return { ETag: answer.headers.etag, ChecksumCRC32: headerOf(answer.headers, "x-amz-checksum-crc32") };
    },
});

export interface CompleteMultipartUploadCommandInput extends ObjectPlace, Conditions {
    UploadId?: string;
    MultipartUpload?: { Parts?: CompletedPart[] };
}

export const CompleteMultipartUploadCommand = s3Command<CompleteMultipartUploadCommandInput, object>(
    "CompleteMultipartUpload",
    {
        method: "POST",
        members: {
            ...conditions,
            UploadId: query("uploadId"),
            MultipartUpload: (request, { Parts = [] }) => {
                const upload = new XmlNode("CompleteMultipartUpload", Parts.map(elementOf));
                upload.addAttribute("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/");
                request.headers["content-type"] = "application/xml";
                request.body = `<?xml version="1.0" encoding="UTF-8"?>${upload}`;
            },
        },
        read: (answer) => readXml(answer, { mayBeEmpty: false }),
    },
);

export interface AbortMultipartUploadCommandInput extends ObjectPlace {
    UploadId?: string;
}

export const AbortMultipartUploadCommand = s3Command<AbortMultipartUploadCommandInput, object>("AbortMultipartUpload", {
    method: "DELETE",
    query: { "x-id": "AbortMultipartUpload" },
    members: { UploadId: query("uploadId") },
    read: readXml,
});

function elementOf({ ETag, ChecksumCRC32, PartNumber }: CompletedPart): XmlNode {
    const known = Object.entries({ ETag, ChecksumCRC32, PartNumber }).filter(([, value]) => value !== undefined);
    return new XmlNode(
        "Part",
        known.map(([name, value]) => XmlNode.of(name, String(value))),
    );
}
