import { ofType } from "../program";
import { AwsError, type AwsRequest, type AwsResponse, type Endpoint, type Runtime } from "../runtime";
import { answer } from "./sqs/protocol";
import { Queue } from "./sqs/queue";

export type { Message, Queue, SendOptions } from "./sqs/queue";

/** SQS: the program's queues, and its protocol for functions that call it. */
export class Sqs implements Endpoint {
    readonly name = "sqs";
    private readonly queues: Queue[];

    constructor(runtime: Runtime) {
        this.queues = ofType(runtime.program, "aws:sqs/queue:Queue").map(
            (resource) => new Queue(runtime, resource, (arn) => this.queueByArn(arn)),
        );
    }

    queueByArn(arn: string): Queue | undefined {
        return this.queues.find((queue) => queue.arn === arn);
    }

    /** The queue of this URL or name. */
    queue(urlOrName: string): Queue {
        const name = urlOrName.slice(urlOrName.lastIndexOf("/") + 1);
        const found = this.queues.find((queue) => queue.name === name);
        if (found) return found;
        throw new AwsError("QueueDoesNotExist", `The specified queue does not exist: ${urlOrName}`);
    }

    async handle(request: AwsRequest): Promise<AwsResponse> {
        return answer((urlOrName) => this.queue(urlOrName), request);
    }
}
