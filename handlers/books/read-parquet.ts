import { GetObjectCommand } from "@aws-sdk/client-s3";
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import type { ListedObject } from "./hour-folders";
import { Content, gone, type Place } from "./read-object";
import { isEventId, tokenOfId } from "./tokens";

const columns = ["event_id"];

/** Reads the events of a Parquet object: its footer and the column `event_id`, one group of rows after the other. */
export async function readParquet({ s3, bucket }: Place, { key, size }: ListedObject): Promise<Content> {
    const content = new Content();
    let failure: Error | undefined;
    const file: AsyncBuffer = { byteLength: size, slice };
    try {
        await readGroups();
    } catch (error) {
        if (failure && failure.name !== "NoSuchKey") throw failure;
        content.note = failure
            ? gone(key)
            : `${key}: unreadable Parquet (${(error as Error).message}): read up to there`;
    }
    return content;

    async function readGroups(): Promise<void> {
        const metadata = await parquetMetadataAsync(file);
        const hasIds = parquetSchema(metadata).children.some(({ element }) => element.name === columns[0]);
        if (!hasIds) {
            content.anonymous = Number(metadata.num_rows);
            return;
        }
        let rowStart = 0;
        for (const { num_rows } of metadata.row_groups) {
            const rowEnd = rowStart + Number(num_rows);
            for (const { event_id: id } of await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd })) {
                if (isEventId(id)) content.tokens.add(tokenOfId(id));
                else content.anonymous++;
            }
            rowStart = rowEnd;
        }
    }

    async function slice(start: number, end = size): Promise<ArrayBuffer> {
        try {
            const Range = `bytes=${start}-${end - 1}`;
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
            return new Uint8Array(await Body!.transformToByteArray()).buffer;
        } catch (error) {
            failure = error as Error;
            throw error;
        }
    }
}
