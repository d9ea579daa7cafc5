/** What a replay asks of AWS, or of the local runtime. Of a batch it tells for each entry why it failed, if it did. */
export interface Cloud {
    /** The bucket's objects whose keys start with the prefix, in order. */
    list(prefix: string): AsyncIterable<ListedObject>;
    /** An object as it is now; undefined if there is none. */
    head(key: string): Promise<CurrentObject | undefined>;
    read(key: string): Promise<Buffer>;
    tags(key: string): Promise<Record<string, string>>;
    /** Sets all tags of an object. */
    setTags(key: string, tags: Record<string, string>): Promise<void>;
    /** Publishes at most 10 messages. */
    publish(topicArn: string, messages: string[]): Promise<Failures>;
    /** Sends at most 10 messages. */
    send(queueUrl: string, messages: string[]): Promise<Failures>;
    /** Up to 10 messages, which nobody else receives for a while. */
    receive(queueUrl: string): Promise<ReceivedMessage[]>;
    /** Deletes at most 10 received messages. */
    remove(queueUrl: string, receipts: string[]): Promise<Failures>;
    /** How many messages a queue has, about. */
    count(queueUrl: string): Promise<number>;
    /** Puts at most 500 records, of 4 MB together. */
    putRecords(stream: string, records: Buffer[]): Promise<Failures>;
}

/** By position in the batch, why an entry failed. */
export type Failures = Map<number, string>;

export interface ListedObject {
    key: string;
    size: number;
    /** Milliseconds since 1970. */
    lastModified: number;
}

export interface CurrentObject extends ListedObject {
    versionId?: string;
    /** Without quotes. */
    eTag: string;
}

export interface ReceivedMessage {
    id: string;
    receipt: string;
    body: string;
    /** Why it is where it is, where AWS noted it. */
    reason?: string;
}
