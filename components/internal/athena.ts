import * as athena from "@pulumi/aws/athena";
import * as pulumi from "@pulumi/pulumi";
import { type Account, arnOf } from "./account";
import { allow, type Statement, type Texts } from "./policies";

/** What is special about a workgroup. */
export interface WorkgroupParts {
    /** What its name begins with, as `workgroupPrefix` has it. */
    prefix: string;
    /** Name of what it runs; the rest of its name, and of the folder of its results. */
    query: string;
    description: string;
    bucketName: pulumi.Input<string>;
    account: Account;
    bytesScannedCutoffPerQuery: pulumi.Input<number>;
}

/** A workgroup for one query, whose results lie below `athena/<query>/`, whatever a client asks for. */
export function createWorkgroup(
    name: string,
    { prefix, query, description, bucketName, account, bytesScannedCutoffPerQuery }: WorkgroupParts,
    parent: pulumi.Resource,
): athena.Workgroup {
    return new athena.Workgroup(
        name,
        {
            name: `${prefix}${query}`,
            description,
            forceDestroy: true, // what it holds is the history of its runs; the results are in the bucket
            configuration: {
                enforceWorkgroupConfiguration: true,
                publishCloudwatchMetricsEnabled: true,
                bytesScannedCutoffPerQuery,
                engineVersion: { selectedEngineVersion: "Athena engine version 3" },
                resultConfiguration: {
                    outputLocation: pulumi.interpolate`s3://${bucketName}/athena/${query}/`,
                    expectedBucketOwner: account.id,
                    encryptionConfiguration: { encryptionOption: "SSE_S3" },
                },
            },
        },
        { parent },
    );
}

/** Lets a role start runs in these workgroups, and ask how they are. */
export function runQueries(workgroupArns: Texts): Statement {
    return allow(["athena:StartQueryExecution", "athena:GetQueryExecution"], workgroupArns);
}

/** Lets Athena find these tables for a role. */
export function findTables(account: Account, databaseName: pulumi.Input<string>, tables: string[]): Statement[] {
    const catalog = arnOf(account, "glue", "catalog");
    const database = (of: pulumi.Input<string>) => arnOf(account, "glue", pulumi.interpolate`database/${of}`);
    const table = (of: string) => arnOf(account, "glue", pulumi.interpolate`table/${databaseName}/${of}`);
    return [
        // Athena looks at the default database, whichever it is told.
        allow("glue:GetDatabase", [catalog, database("default"), database(databaseName)]),
        allow(["glue:GetTable", "glue:GetPartitions"], [catalog, database(databaseName), ...tables.map(table)]),
    ];
}
