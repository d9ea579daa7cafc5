/**
 * What shall go wrong in a local pipeline. The same seed, program and events give the same faults: every rule draws from
 * a random stream of its own for each subject (a folder's notifications to one queue, a function's calls of one action),
 * so that neither another rule nor the order of concurrent work changes what it does.
 *
 * Names are logical names of the program's resources, whole or from a hyphen on: `run-query` is `fleet-run-query` too.
 *
 * @example
 * ```ts
 * const faults: Faults = {
 *     seed: 7,
 *     notifications: { duplicate: 0.05, reorder: 0.05, delay: 0.02 },
 *     calls: [{ service: "athena", action: "StartQueryExecution", error: "TooManyRequestsException", times: 3 }],
 *     crashes: [{ function: "convert-result", call: 4, when: "after" }],
 * };
 * ```
 */
export interface Faults {
    /** Where all chance comes from. @default 1 */
    seed?: number;
    /** Of S3 and EventBridge, on their way into a queue or a function: probabilities of each fault, or rules. */
    notifications?: Partial<Record<NotificationFault["fault"], number>> | NotificationFault[];
    /** Service calls of the program's functions that fail, or whose answer is lost. */
    calls?: CallFault[];
    /** Functions whose process dies. */
    crashes?: Crash[];
    /** Whole invocations that fail, of transformations too. */
    invocations?: InvocationFault[];
    /** Messages that come again while their function still works on them, in a second process. */
    visibility?: VisibilityFault[];
    /** Athena's runs that end badly. */
    queries?: QueryFault[];
    /** What Firehose does. */
    deliveryStreams?: DeliveryStreamFault[];
}

/**
 * When a rule strikes, of all it concerns: at most one of `probability`, `times` and `nth`; always, where there is none.
 */
export interface When {
    /** From 0 to 1. */
    probability?: number;
    /** The first so many. */
    times?: number;
    /** The so-manieth, from 1; or several of them. */
    nth?: number | number[];
    /** Not before this time of the pipeline's clock, in ISO 8601. */
    from?: string;
    /** Not from this time of the pipeline's clock on. */
    to?: string;
}

/** A notification that comes twice, late, after its successor, or never. */
export interface NotificationFault extends When {
    fault: "duplicate" | "reorder" | "delay" | "drop";
    /** Queue or function. @default each that is told of objects or query runs */
    target?: string;
    /** Prefix of the object's key; of a query run's event, `<workgroup>/<state>`. */
    prefix?: string;
    /**
     * How much later a delayed one or a duplicate comes, and how long a reordered one waits for its successor.
     * @default 0 for `duplicate`, else 60
     */
    seconds?: number;
}

/** A service call that fails with an error of AWS, or whose connection is cut. */
export interface CallFault extends When {
    /** As the signature names it: `s3`, `athena`, `firehose`, `sqs`, … */
    service: string;
    /** Such as `PutObject`. @default every action */
    action?: string;
    /** @default every function */
    function?: string;
    /** The service answers with this error, such as `TooManyRequestsException`, and does nothing. */
    error?: string;
    /** Of that answer. @default 503, 500 or 403 for the errors of which AWS says so, else 400 */
    status?: number;
    /** Instead of `error`: the connection is cut `before` the call is acted on, or `after`, which loses the answer. */
    cut?: "before" | "after";
}

/** A function whose process dies at one service call, counted from the start of the pipeline. */
export interface Crash {
    function: string;
    /** From 1, over all actions; an SDK's own retries count. */
    call: number;
    /** `before` the call is acted on, or `after`, before the answer arrives. */
    when: "before" | "after";
}

/** An invocation that fails as a whole. */
export interface InvocationFault extends When {
    function: string;
    /** `throw`: it fails at once; `timeout`: its work is done, but too late. */
    fault: "throw" | "timeout";
}

/** A message whose visibility timeout passes while its function works. */
export interface VisibilityFault extends When {
    /** @default every queue that a function reads */
    queue?: string;
}

/** A run that ends without a result. */
export interface QueryFault extends When {
    /** Its workgroup's name, or the end of it, which is the query's. @default every query */
    query?: string;
    /** `STALLED`: it stays RUNNING until Athena's limit of 30 minutes, then fails. */
    state: "FAILED" | "CANCELLED" | "STALLED";
    /** What Athena says of a FAILED one. @default false */
    retryable?: boolean;
    /** Why, in Athena's words. */
    reason?: string;
}

/** What a delivery stream does: `duplicate` records, `reject` put ones, or find S3 `unreachable` when it writes. */
export interface DeliveryStreamFault extends When {
    fault: "duplicate" | "reject" | "unreachable";
    /** @default every delivery stream */
    stream?: string;
}

/** What was injected, as `--json` prints it. */
export interface FaultReport {
    seed: number;
    /** By rule, in their order. */
    injected: InjectedFault[];
    /** Rules that never struck. */
    idle: string[];
}

export interface InjectedFault {
    /** Path of the rule, such as `calls[0]`. */
    rule: string;
    /** What happened, such as `drop` or `TooManyRequestsException`. */
    fault: string;
    /** Queue, function, action, query or delivery stream. */
    where: string;
    count: number;
}
