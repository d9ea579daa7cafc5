/** What a processor's function is called with. */
export interface ProcessorEvent {
    /** New objects below the processor's prefix; each version once, unless the function failed for it or was cut off. */
    objects: ProcessorObject[];
}

/** A new object, or a new version of one. */
export interface ProcessorObject {
    /** Name of the bucket. */
    bucket: string;
    /** The key as it is: not URL-encoded. */
    key: string;
    /** Bytes. */
    size: number;
    /** Absent where the bucket keeps no versions. */
    versionId?: string;
    /** Changes with the object's content. */
    eTag?: string;
    /** Orders the versions of one key: filled up with zeros on its right, the greater text is the newer version. */
    sequencer?: string;
}

/**
 * What a processor's function answers. Nothing, `null` and `{}` say that all objects are done. An error, or an answer that
 * is none of these, fails all objects. Objects that failed come again, up to five times in all, then their messages lie in the
 * dead-letter queue.
 */
export type ProcessorAnswer = ProcessorFailures | Record<string, never> | null | undefined;

/** The objects that failed; the others are done. */
export interface ProcessorFailures {
    /** Their keys, with or without a reason. A key stands for all its versions in the event. */
    failed: (string | FailedObject)[];
}

/** An object that failed. */
export interface FailedObject {
    key: string;
    /** Why, for the log and the ledger. */
    reason?: string;
}
