import type { Injector } from "../faults/injector";
import type { Cause } from "../runtime";
import type { Lambda } from "./lambda";
import type { Sns } from "./sns";
import type { Sqs } from "./sqs";

/** Where S3 and EventBridge send events: a topic, a queue or a function, by ARN. */
export class Destinations {
    constructor(
        private readonly sns: Sns,
        private readonly sqs: Sqs,
        private readonly lambda: Lambda,
        private readonly faults?: Injector,
    ) {}

    /** Refuses an ARN of another service; `path` says where it stands. */
    check(arn: string, path: string): void {
        const [, , service] = arn.split(":");
        if (service === "sns" || service === "sqs" || service === "lambda") return;
        throw new Error(`${path}: a target of the service "${service}" is not modelled on this machine`);
    }

    /** Sends an event's JSON; the subject is seen by topics only. */
    send(arn: string, message: string, cause?: Cause, subject?: string): void {
        const [, , service] = arn.split(":");
        if (service === "sns") {
            this.sns.publish(arn, message, { cause, subject });
            return;
        }
        const queue = this.sqs.queueByArn(arn);
        if (service === "sqs" && !queue) return;
        const { logicalName } = queue ?? this.lambda.function(arn);
        const send = () => {
            if (queue) queue.send(message, { cause });
            else this.lambda.invokeAsync(arn, JSON.parse(message), cause);
        };
        if (this.faults) this.faults.notify(logicalName, message, send);
        else send();
    }
}
