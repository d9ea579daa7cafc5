import * as pulumi from "@pulumi/pulumi";
import { entryAttribute, expiryAttribute, subscriberAttribute } from "../handlers/shared/ledger-contract";
import { createTable } from "./internal/dynamo-table";

/** Arguments of `Ledger`. */
export interface LedgerArgs {
    /** Whether the table may be deleted with its rows; what was counted once could then be counted again. @default false */
    forceDestroy?: pulumi.Input<boolean>;
}

/**
 * The pipeline's books: a DynamoDB table that says which version of which object was handled by which rollup, query or
 * processor, and how that ended. It is written together with what it tells of, so that nothing is counted twice. Rows
 * are kept for 90 days after they were written last.
 *
 * @example
 * ```ts
 * const ledger = new Ledger("books");
 * export const table = ledger.tableName;
 * ```
 */
export class Ledger extends pulumi.ComponentResource {
    /** Name of the table. */
    readonly tableName: pulumi.Output<string>;
    /** ARN of the table. */
    readonly tableArn: pulumi.Output<string>;

    constructor(name: string, args: LedgerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Ledger", name, {}, opts);
        const table = createTable(
            name,
            {
                partitionKey: entryAttribute,
                sortKey: subscriberAttribute,
                expiry: expiryAttribute,
                forceDestroy: args.forceDestroy,
            },
            this,
        );
        this.tableName = table.name;
        this.tableArn = table.arn;
        this.registerOutputs({ tableName: this.tableName, tableArn: this.tableArn });
    }
}
