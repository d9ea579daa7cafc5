import {
    ListObjectVersionsCommand,
    type ListObjectVersionsCommandInput,
    type ObjectVersion,
    type S3Client,
} from "@aws-sdk/client-s3";
import type { Listing, TimeFolders } from "./contract";

/** An object's newest version. */
export interface ListedObject {
    key: string;
    /** Bytes. */
    size: number;
    /** Without quotes. */
    eTag: string;
    /** Absent where the bucket keeps no versions. */
    versionId?: string;
    /** Milliseconds since 1970. */
    lastModified: number;
}

/** A piece of a listing. */
export interface Page {
    objects: ListedObject[];
    /** The last key that was looked at, where more follow. */
    last?: string;
}

/** Time between the folder that an object lies in and the object: Firehose tries for a day to write it, then gives up. */
const longestDelay = 25 * 60 * 60 * 1000;

/**
 * The newest versions of the objects of a listing, in order of their keys, from after a key on. Objects in folders of
 * times before `since` (milliseconds) are not even listed. The versions matter, since the ledger speaks of them: so S3 is
 * asked for these, which answers for a bucket without versions, too.
 */
export async function* listObjects(
    s3: Pick<S3Client, "send">,
    bucket: string,
    { prefix, folders }: Listing,
    since: number,
    after = "",
): AsyncGenerator<Page> {
    const first = folders ? folderOf(folders, since - longestDelay) : "";
    let markers: Pick<ListObjectVersionsCommandInput, "KeyMarker" | "VersionIdMarker"> | undefined = {
        KeyMarker: (after > first ? after : first) || undefined,
    };
    while (markers) {
        const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
            ...{ Bucket: bucket, Prefix: prefix, EncodingType: "url" },
            ...markers,
        });
        const { Versions = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = await s3.send(command);
        const last = Versions.at(-1)?.Key;
        yield {
            objects: Versions.filter(({ IsLatest }) => IsLatest).map(listed),
            ...(IsTruncated && last !== undefined && { last: decoded(last) }),
        };
        markers = IsTruncated
            ? { KeyMarker: decoded(NextKeyMarker!), VersionIdMarker: NextVersionIdMarker }
            : undefined;
    }
}

/** How the ledger calls an object's version. */
export function versionOf({ versionId, eTag }: ListedObject): string {
    return versionId ?? eTag;
}

function listed({ Key, Size, ETag, VersionId, LastModified }: ObjectVersion): ListedObject {
    return {
        key: decoded(Key!),
        size: Size!,
        eTag: ETag!.replaceAll('"', ""),
        ...(VersionId !== "null" && { versionId: VersionId }),
        lastModified: LastModified!.getTime(),
    };
}

/** Keys may have characters that XML has not, so they come encoded, as forms are. */
function decoded(key: string): string {
    return decodeURIComponent(key.replaceAll("+", " "));
}

/** The folder of a time; without its last slash, so that all keys in it come after it. */
function folderOf({ prefix, layout }: TimeFolders, time: number): string {
    const [, year, month, day, hour] = /^(\d+)-(\d\d)-(\d\d)T(\d\d)/.exec(new Date(time).toISOString())!;
    const folders = {
        arrival_hour: `${year}/${month}/${day}/${hour}`,
        hive_hour: `year=${year}/month=${month}/day=${day}/hour=${hour}`,
        run_date: `run_date=${year}-${month}-${day}`,
    };
    return prefix + folders[layout];
}
