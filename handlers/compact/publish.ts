import type { QueryExecution } from "@aws-sdk/client-athena";
import { CopyObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import type { Context } from "./context";
import { targetOf } from "./interval";
import type { Run } from "./runs";
import { stagingOf } from "./statement";

/**
 * Makes the files of a run that succeeded part of the table. Repeated, it finds them there: each has its own key, by the
 * run and its place in the manifest. Returns how many there are.
 */
export async function publish(context: Context, run: Run, execution: QueryExecution): Promise<number> {
    const { s3, compaction, environment } = context;
    const files = await filesOf(context, run, execution);
    await Promise.all(files.map((file, index) => copy(file, index)));
    return files.length;

    async function copy(file: string, index: number): Promise<void> {
        const name = `${run.executionId}-${String(index).padStart(4, "0")}.parquet`;
        const command = new CopyObjectCommand({
            Bucket: environment.BUCKET,
            Key: targetOf(compaction, run.interval) + name,
            CopySource: `${environment.BUCKET}/${file.split("/").map(encodeURIComponent).join("/")}`,
            IfNoneMatch: "*", // written again, it would be announced again
        });
        await s3.send(command).catch(unlessThere);
    }
}

/** Keys of the files that the run wrote, in the order of its manifest: whatever else lies there is none of them. */
async function filesOf(
    { s3, compaction, environment }: Context,
    run: Run,
    execution: QueryExecution,
): Promise<string[]> {
    const manifest = execution.Statistics?.DataManifestLocation;
    if (!manifest) return []; // no rows, no files
    const bucketUrl = `s3://${environment.BUCKET}/`;
    const command = new GetObjectCommand({ Bucket: environment.BUCKET, Key: manifest.slice(bucketUrl.length) });
    const { Body } = await s3.send(command);
    const text = await Body!.transformToString();
    const paths = text.split("\n").filter((line) => line !== "");
    const strange = paths.find((path) => !path.startsWith(bucketUrl + stagingOf(compaction, run)));
    if (strange !== undefined) throw new Error(`${manifest} names a file that lies elsewhere: ${strange}`);
    return paths.map((path) => path.slice(bucketUrl.length));
}

function unlessThere(error: unknown): void {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== 412) throw error;
}
