import type { Engine } from "../../athena-sql/engine";
import type { ObjectList } from "../../athena-sql/tables/tables";
import type { Cause, Runtime } from "../../runtime";
import type { Glue } from "../glue";
import type { PreparedStatements } from "./prepared";

/** What Athena needs of S3. */
export interface ResultStore extends ObjectList {
    put(bucket: string, key: string, body: Buffer, options: { contentType: string; cause: Cause }): Promise<unknown>;
    get(bucket: string, key: string): { file: string } | undefined;
}

/** What statements are run with. */
export interface Services {
    runtime: Runtime;
    s3: ResultStore;
    glue: Glue;
    prepared: PreparedStatements;
    engine(): Promise<Engine>;
}

/** What a statement about the catalog results in: the lines of its text file, and what Athena calls their columns. */
export interface Lines {
    columns: string[];
    lines: string[];
}
