import type { IncomingMessage } from "node:http";
import { arrayBuffer } from "node:stream/consumers";
import type { Output } from "./message";
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

export interface GetObjectCommandInput extends ObjectPlace {
    Range?: string;
    IfMatch?: string;
}

export interface GetObjectCommandOutput extends Output {
    Body?: IncomingMessage & { transformToByteArray(): Promise<Uint8Array> };
    ContentLength?: number;
    ContentRange?: string;
    ETag?: string;
    VersionId?: string;
}

export const GetObjectCommand = s3Command<GetObjectCommandInput, Omit<GetObjectCommandOutput, "$metadata">>(
    "GetObject",
    {
        method: "GET",
        query: { "x-id": "GetObject" },
        members: { Range: header("range"), IfMatch: header("if-match") },
        async read({ headers, body }) {
            const length = headers["content-length"];
            return {
                Body: Object.assign(body, {
                    transformToByteArray: async () => new Uint8Array(await arrayBuffer(body)),
                }),
                ContentLength: length === undefined ? undefined : Number(length),
                ContentRange: headers["content-range"],
                ETag: headers.etag,
                VersionId: headerOf(headers, "x-amz-version-id"),
            };
        },
    },
);

export interface PutObjectCommandInput extends ObjectPlace, Conditions {
    Body?: Uint8Array;
    ContentType?: string;
}

export const PutObjectCommand = s3Command<PutObjectCommandInput, object>("PutObject", {
    method: "PUT",
    query: { "x-id": "PutObject" },
    members: { ...conditions, Body: payload, ContentType: header("content-type") },
    read: readXml,
});

export interface ListObjectsV2CommandInput {
    Bucket: string;
    Prefix?: string;
    StartAfter?: string;
    ContinuationToken?: string;
}

export interface ListObjectsV2CommandOutput extends Output {
    Contents?: { Key?: string; Size?: number }[];
    NextContinuationToken?: string;
}

export const ListObjectsV2Command = s3Command<ListObjectsV2CommandInput, Omit<ListObjectsV2CommandOutput, "$metadata">>(
    "ListObjectsV2",
    {
        method: "GET",
        query: { "list-type": "2" },
        members: {
            Prefix: query("prefix"),
            StartAfter: query("start-after"),
            ContinuationToken: query("continuation-token"),
        },
        async read(answer) {
            const { Contents, NextContinuationToken } = await readXml(answer);
            return {
                Contents: Contents === undefined ? undefined : [Contents].flat().map(listed),
                NextContinuationToken: NextContinuationToken as string | undefined,
            };
        },
    },
);

function listed(element: unknown): { Key?: string; Size?: number } {
    const { Key, Size } = element as Record<string, string>;
    return { Key, Size: Number(Size) };
}
