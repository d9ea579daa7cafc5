import { text } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { parseXML } from "@aws-sdk/xml-builder";
import type { Command, Service } from "./client";
import type { Answer, Outgoing } from "./message";
import { type Place, requestFor } from "./s3-address";
import { ServiceError } from "./service-error";

/** Puts a part of an input where it belongs in the request. */
type Put<Value> = (request: Outgoing, value: Value) => void;

interface Operation<Input extends Place, Result> {
    method: string;
    query?: Record<string, string>;
    /** All else that the operation may be given. */
    members: { [Name in Exclude<keyof Input, keyof Place>]-?: Put<NonNullable<Input[Name]>> };
    read(answer: Answer): Promise<Result>;
}

/** The command of an operation. It refuses what it doesn't know. */
export function s3Command<Input extends Place, Result>(name: string, operation: Operation<Input, Result>) {
    return class implements Command<Result> {
        constructor(readonly input: Input) {}

        requestTo(endpoint: URL): Outgoing {
            const { Bucket, Key, ...rest } = this.input;
            if (Key === "") throw new Error(`${name}: the key is empty`);
            const request = requestFor({ Bucket, Key }, endpoint, operation.method);
            Object.assign(request.query, operation.query);
            const members: Record<string, Put<never>> = operation.members;
            for (const [member, value] of Object.entries(rest)) {
                const put = members[member];
                if (!put) throw new Error(`${name}: ${member} is not known here`);
                if (value !== undefined) put(request, value as never);
            }
            return request;
        }

        read(answer: Answer): Promise<Result> {
            return operation.read(answer);
        }
    };
}

export interface ObjectPlace {
    Bucket: string;
    Key: string;
}

/** On which an object is written. */
export interface Conditions {
    IfMatch?: string;
    IfNoneMatch?: string;
}

export const conditions = { IfMatch: header("if-match"), IfNoneMatch: header("if-none-match") };

export function header(name: string): Put<string> {
    return (request, value) => {
        request.headers[name] = value;
    };
}

export function query(name: string): Put<string | number> {
    return (request, value) => {
        request.query[name] = String(value);
    };
}

/** An object's bytes, with a checksum that S3 compares. */
export const payload: Put<Uint8Array> = (request, body) => {
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(body));
    request.body = body;
    request.headers["content-type"] ??= "application/octet-stream";
    request.headers["x-amz-sdk-checksum-algorithm"] = "CRC32";
    request.headers["x-amz-checksum-crc32"] = checksum.toString("base64");
};

/** A header that a name of Node's doesn't know. */
export function headerOf(headers: Answer["headers"], name: string): string | undefined {
    return headers[name] as string | undefined;
}

/** What a root element holds. Some errors come as success, since S3 had begun to answer before it failed. */
export async function readXml(answer: Answer, { mayBeEmpty = true } = {}): Promise<Record<string, unknown>> {
    const body = await text(answer.body);
    const failed = { ...answer, statusCode: 503 };
    if (body.endsWith("</Error>")) throw errorOf(failed, body);
    if (body === "" && !mayBeEmpty) throw new ServiceError("InternalError", { message: "S3 aborted request" }, failed);
    return rootOf(body);
}

/** S3's error; without a body, only its number says what it is. */
export const errorOf: Service["errorOf"] = (answer, body) => {
    const details = rootOf(body);
    return new ServiceError(
        String(details.Code ?? (answer.statusCode === 404 ? "NotFound" : "Unknown")),
        details,
        answer,
    );
};

function rootOf(xml: string): Record<string, unknown> {
    return xml === "" ? {} : Object(Object.values(parseXML(xml))[0]);
}
