/** Account and region of every local pipeline. */
export const account = "000000000000";
export const region = "us-east-1";

/** The objects that made something happen, followed through functions and queries. */
export interface Cause {
    /** Keys of the objects. */
    keys: string[];
    /** 0 for ingested objects, one more for each query in between. */
    tier: number;
    /** The tier of each key, where a batch joins objects of several. */
    tiers?: Record<string, number>;
}

/** A request of a function, or of a user's SDK, to an AWS endpoint. */
export interface AwsRequest {
    method: string;
    /** Decoded by nobody: as it stands on the request line. */
    path: string;
    query: URLSearchParams;
    /** Lower-case names. */
    headers: Record<string, string>;
    body: Buffer;
    /** What the calling function is working on; absent for calls from outside. */
    cause?: Cause;
    /** ARN of the role that the calling function has; absent for calls from outside. */
    role?: string;
}

export interface AwsResponse {
    status: number;
    headers?: Record<string, string>;
    body?: Buffer | string;
}

/** A service that answers AWS requests; `name` is the service in the request's signature scope, e.g. `s3`. */
export interface Endpoint {
    readonly name: string;
    handle(request: AwsRequest): Promise<AwsResponse>;
    /** The action that a request asks for. @default what `x-amz-target` says, or else the path */
    action?(request: AwsRequest): string;
}

/** A refusal as AWS words it. */
export class AwsError extends Error {
    constructor(
        readonly code: string,
        message: string,
        readonly status = 400,
    ) {
        super(message);
        this.name = code;
    }
}
