import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { accountAttributes, type Item, type Ledger, ledgerKey } from "../shared/ledger";
import { handledEntry, Outcome, objectEntry, subscriber } from "../shared/ledger-contract";

/** Where a processor's books are kept. */
export interface Books {
    ledger: Ledger;
    /** Name of the processor. */
    processor: string;
    executionId: string;
    /** Milliseconds since 1970. */
    now(): number;
}

/** A version of an object. */
export interface ObjectVersion {
    key: string;
    /** Its version id, or its ETag where the bucket keeps no versions. */
    version: string;
    /** Of the announcement; empty where it has none. */
    sequencer: string;
}

/** Whether the processor is done with a version. */
export async function isDone({ ledger, processor }: Books, { key, version }: ObjectVersion): Promise<boolean> {
    const Key = ledgerKey(handledEntry(processor, key), version);
    const { Item } = await ledger.client.send(
        new GetItemCommand({ TableName: ledger.table, Key, ConsistentRead: true }),
    );
    return Item?.outcome?.S === Outcome.Done;
}

/**
 * Writes down how the processor ended for a version; without a reason it is done. First into the object's row, unless
 * that tells of a newer version, then into the version's own, which is what counts: a crash in between repeats the call.
 */
export async function writeOutcome(books: Books, object: ObjectVersion, reason?: string): Promise<void> {
    const { processor } = books;
    await writeRow(books, ledgerKey(objectEntry(object.key), subscriber("processor", processor)), object, reason);
    await writeRow(books, ledgerKey(handledEntry(processor, object.key), object.version), object, reason);
}

/** Neither an older version nor a version's failure replaces what another call wrote down as newer or done. */
const isNews =
    "(attribute_not_exists(#sequencer) OR #sequencer < :sequencer OR #version = :version) " +
    "AND NOT (#version = :version AND #outcome = :done)";

async function writeRow(books: Books, Key: Item, object: ObjectVersion, reason: string | undefined): Promise<void> {
    const { ledger, executionId, now } = books;
    const { version, sequencer } = object;
    const outcome = reason === undefined ? Outcome.Done : Outcome.Failed;
    const { sequencer: order, ...rest } = accountAttributes(
        { outcome, version, sequencer, executionId, reason },
        now(),
    );
    // What an announcement without a sequencer does not know is left as it is.
    const attributes: Item = sequencer === "" ? rest : { ...rest, sequencer: order! };
    const names = Object.keys(attributes);
    try {
        await ledger.client.send(
            new UpdateItemCommand({
                TableName: ledger.table,
                Key,
                UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}${attributes.reason ? "" : " REMOVE #reason"}`,
                ConditionExpression: isNews,
                ExpressionAttributeNames: Object.fromEntries(
                    [...new Set([...names, "sequencer", "reason"])].map((name) => [`#${name}`, name]),
                ),
                ExpressionAttributeValues: {
                    ...Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]!])),
                    ":sequencer": { S: sequencer },
                    ":done": { S: Outcome.Done },
                },
            }),
        );
    } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
}
