import { createHash } from "node:crypto";
import { AwsError, type Runtime } from "../../runtime";
import type { StreamConfiguration } from "./configuration";

/** A record as a stream's consumers see it. */
export interface KinesisRecord {
    shardId: string;
    sequenceNumber: string;
    partitionKey: string;
    /** Milliseconds since 1970. */
    arrival: number;
    data: Buffer;
}

/** What a producer gives. */
export interface ProducedRecord {
    partitionKey: string;
    /** Takes the place of the partition key's hash. */
    explicitHashKey?: string;
    data: Buffer;
}

type Consumer = (record: KinesisRecord) => void;

/** Partition keys are hashed to numbers below this, which the shards share evenly. */
const hashKeys = 2n ** 128n;
/** As many digits as AWS's have. */
const firstSequenceNumber = 49n * 10n ** 54n;

/**
 * One stream: each record goes to the shard of its partition key, and its consumers get a shard's records in order, at
 * once. It keeps none, and limits no shard's throughput.
 */
export class Stream {
    /** When it was made, in milliseconds since 1970. */
    readonly created: number;
    private readonly consumers: Consumer[] = [];
    private records = 0n;

    constructor(
        readonly configuration: StreamConfiguration,
        private readonly clock: Runtime["clock"],
    ) {
        this.created = clock.now();
    }

    /** Hands every record that comes from now on to the consumer. */
    subscribe(consumer: Consumer): void {
        this.consumers.push(consumer);
    }

    /** Takes a record and says where it lies. */
    put({ partitionKey, explicitHashKey, data }: ProducedRecord): KinesisRecord {
        const shard = shardOf(hashKeyOf(partitionKey, explicitHashKey), this.configuration.shards);
        const record = {
            shardId: `shardId-${String(shard).padStart(12, "0")}`,
            sequenceNumber: String(firstSequenceNumber + this.records++),
            partitionKey,
            arrival: this.clock.now(),
            data,
        };
        for (const consume of this.consumers) consume(record);
        return record;
    }
}

/** The place of a record among all hash keys; refuses a given one that lies outside. */
export function hashKeyOf(partitionKey: string, explicitHashKey?: string): bigint {
    if (explicitHashKey === undefined) return BigInt(`0x${createHash("md5").update(partitionKey).digest("hex")}`);
    if (/^(0|[1-9]\d{0,38})$/.test(explicitHashKey) && BigInt(explicitHashKey) < hashKeys)
        return BigInt(explicitHashKey);
    throw new AwsError(
        "InvalidArgumentException",
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. " +
            `Specified value was ${explicitHashKey}`,
    );
}

/** Equal ranges of hash keys; the last shard has what is left over. */
function shardOf(hashKey: bigint, shards: number): number {
    return Math.min(Number(hashKey / (hashKeys / BigInt(shards))), shards - 1);
}
