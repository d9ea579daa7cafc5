import * as dynamodb from "@pulumi/aws/dynamodb";
import * as pulumi from "@pulumi/pulumi";

/** What differs between the pipeline's DynamoDB tables. */
export interface DynamoTableSettings {
    /** Name of the table. @default one made of the resource's name */
    tableName?: pulumi.Input<string>;
    partitionKey: string;
    sortKey: string;
    /** The attribute that says when an item expires. @default none: items stay */
    expiry?: string;
    /** Whether the table may be deleted with its items. @default false */
    forceDestroy?: pulumi.Input<boolean>;
}

/** A DynamoDB table with text keys: paid by use, encrypted, restorable to any second of 35 days, safe from deletion. */
export function createTable(name: string, settings: DynamoTableSettings, parent: pulumi.Resource): dynamodb.Table {
    const { tableName, partitionKey, sortKey, expiry, forceDestroy = false } = settings;
    return new dynamodb.Table(
        name,
        {
            ...(tableName && { name: tableName }),
            billingMode: "PAY_PER_REQUEST",
            attributes: [
                { name: partitionKey, type: "S" },
                { name: sortKey, type: "S" },
            ],
            hashKey: partitionKey,
            rangeKey: sortKey,
            ...(expiry && { ttl: { enabled: true, attributeName: expiry } }),
            serverSideEncryption: { enabled: true },
            pointInTimeRecovery: { enabled: true },
            deletionProtectionEnabled: pulumi.output(forceDestroy).apply((force) => !force),
        },
        { parent },
    );
}
