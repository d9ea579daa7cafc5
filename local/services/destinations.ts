import type { Source } from "../iam/access";
import type { Cause, Runtime } from "../runtime";
import type { Lambda } from "./lambda";
import type { Sns } from "./sns";
import type { Sqs } from "./sqs";

/** Where S3 and EventBridge send events: a topic, a queue or a function, by ARN. */
export class Destinations {
    constructor(
        private readonly sns: Sns,
        private readonly sqs: Sqs,
        private readonly lambda: Lambda,
        private readonly runtime: Pick<Runtime, "faults" | "access"> = {},
    ) {}

    /** Refuses an ARN of another service; `path` says where it stands. */
    check(arn: string, path: string): void {
        const [, , service] = arn.split(":");
        if (service === "sns" || service === "sqs" || service === "lambda") return;
        throw new Error(`${path}: a target of the service "${service}" is not modelled on this machine`);
    }

    /** Sends an event's JSON, if the target takes it from this source; the subject is seen by topics only. */
    send(source: Source, arn: string, message: string, cause?: Cause, subject?: string): void {
        const { access, faults } = this.runtime;
        if (access && !access.mayDeliver(source, arn)) return;
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
        if (faults) faults.notify(logicalName, message, send);
        else send();
    }
}
