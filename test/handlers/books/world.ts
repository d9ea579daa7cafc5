import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { keepBooks } from "../../../handlers/books/books";
import type { BookedIngest, BooksRequest, HourBooks } from "../../../handlers/books/contract";
import { failedRecordName } from "../../../handlers/shared/failed-record";
import { itemsOf, ownPlace } from "../../dynamodb/tables";
import { captureLog } from "../shared/capture-log";

export const minute = 60_000;
export const hour = 60 * minute;
/** The clock's begin. */
export const start = Date.parse("2026-11-21T08:00:00Z");

export const click: BookedIngest = {
    ...{ name: "click", prefix: "raw/v0/click/", layout: "arrival_hour", format: "json" },
    ...{ backupPrefix: "backup/click/", failedPrefix: "failed/click/", bufferSeconds: 480 },
};

/** Books in which there is nothing. */
export const nothing = {
    ...{ accepted: 0, delivered: 0, failed: 0, duplicates: 0, missing: 0, carried: 0, again: 0, unknown: 0 },
};

/** What an object of the backup or of a table holds. */
export type Lines = (object | string)[];

/** A lake in memory, a ledger, and a clock. */
export async function createWorld({ ingests = [click], timeLeft = (): number => 900_000 } = {}) {
    const objects = new Map<string, Buffer>();
    const calls: string[] = [];
    const errors = new Map<string, Error>();
    const place = ownPlace(start);
    const ledger = { client: place.client, table: await place.createTable("entry", "subscriber") };
    const clock = { now: start };
    const context = {
        s3: { send: answer } as unknown as Pick<S3Client, "send">,
        ledger,
        ingests,
        environment: { PIPELINE: "web-dev", BUCKET: "lake", LEDGER_TABLE: ledger.table, AFTER_MINUTES: "60" },
        now: () => clock.now,
        timeLeft,
    };
    return {
        context,
        clock,
        objects,
        calls,
        errors,
        put,
        accept: (time: string, ...lines: Lines) => put("backup/click/", time, joined(lines)),
        deliver: (time: string, ...lines: Lines) => put("raw/v0/click/", time, joined(lines)),
        refuse,
        giveUp,
        keep: async (request: BooksRequest = {}) => {
            const { result, lines } = await captureLog(() => keepBooks(context, request));
            return { ...result, lines };
        },
        rows: () => itemsOf(place, ledger.table),
    };

    /** Writes an object as Firehose does; says its key. */
    function put(prefix: string, time: string, body: string | Buffer, chance: string = randomUUID()): string {
        const folder = time.slice(0, 13).replace(/[-T]/g, "/");
        const key = `${prefix}${folder}/click-1-${time.slice(0, 19).replace(/[T:]/g, "-")}-${chance}.json.gz`;
        objects.set(key, typeof body === "string" ? gzipSync(body) : body);
        return key;
    }

    /** Keeps lines of a record as `normalize` does. */
    function refuse(time: string, record: string, lines: string[]): string {
        const data = Buffer.from(record).toString("base64");
        const folder = time.slice(0, 13).replace(/[-T]/g, "/");
        const key = `failed/click/normalize/${folder}/${failedRecordName(Date.parse(time), data)}.json.gz`;
        objects.set(key, gzipSync(lines.map((line) => `${JSON.stringify({ reason: "bad", line })}\n`).join("")));
        return key;
    }

    /** Keeps records that Firehose could not have transformed, or converted. */
    function giveUp(time: string, records: string[], kind = "processing-failed"): string {
        const lines = records.map((record) => ({
            arrivalTimestamp: Date.parse(time),
            rawData: Buffer.from(record).toString("base64"),
        }));
        const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
        return put(`failed/click/${kind}/`, time, Buffer.from(body));
    }

    async function answer(command: unknown): Promise<unknown> {
        if (command instanceof ListObjectsV2Command) return list(command.input);
        if (!(command instanceof GetObjectCommand)) throw new Error("no such call");
        const { Key, Range } = command.input;
        calls.push(`get ${Key}`);
        if (errors.has(Key!)) throw errors.get(Key!);
        const body = objects.get(Key!)!;
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? "") ?? [];
        const part = from === undefined ? body : body.subarray(+from, +to! + 1);
        return { Body: Object.assign(Readable.from(chunksOf(part)), { transformToByteArray: async () => part }) };
    }

    /** Three keys a page. */
    function list({ Prefix, StartAfter = "", ContinuationToken = StartAfter }: ListObjectsV2Command["input"]) {
        calls.push(`list ${Prefix}`);
        const keys = [...objects.keys()].filter((key) => key.startsWith(Prefix!) && key > ContinuationToken).sort();
        const page = keys.slice(0, 3);
        return {
            ...(page.length > 0 && { Contents: page.map((Key) => ({ Key, Size: objects.get(Key)!.length })) }),
            ...(keys.length > 3 && { NextContinuationToken: page.at(-1) }),
        };
    }
}

/** The numbers of an hour's books. */
export function countsOf({ ingest: _, hour: __, examples: ___, notes: ____, ...counts }: HourBooks) {
    return counts;
}

/** Lines, each ended by a newline. */
export function joined(lines: Lines): string {
    return lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
}

function chunksOf(bytes: Buffer): Buffer[] {
    const middle = Math.floor(bytes.length / 2);
    return [bytes.subarray(0, middle), bytes.subarray(middle)].filter((each) => each.length > 0);
}
