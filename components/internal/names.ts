import * as pulumi from "@pulumi/pulumi";

/** Start of the names of a pipeline's workgroups: `<pipeline>-<stack>-`; the query's name follows. */
export function workgroupPrefix(pipeline: string): string {
    return `${pipeline}-${pulumi.getStack()}-`;
}

/** Alias of a key, in the characters that KMS takes. */
export function keyAlias(name: string): string {
    return `alias/${`${name}-${pulumi.getStack()}`.replace(/[^A-Za-z0-9_-]/g, "-")}`;
}

/** Start of the name of a topic rule, in the characters that AWS IoT takes; Pulumi ends it with `_` and a random part. */
export function ruleName(name: string): string {
    return name.replace(/[^A-Za-z0-9_]/g, "_");
}

/** Glue database of a pipeline: `<pipeline>_<stack>` in the characters that SQL takes without quotes. */
export function databaseName(pipeline: string): string {
    return `${pipeline}_${pulumi.getStack()}`.toLowerCase().replace(/[^a-z0-9_]/g, "_");
}
