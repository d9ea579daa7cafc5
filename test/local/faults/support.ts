import type { VirtualClock } from "../../../local/clock";
import type { Faults } from "../../../local/faults";
import { checkFaults } from "../../../local/faults/check";
import { Injector } from "../../../local/faults/injector";
import type { CapturedResource } from "../../../local/program";
import { Destinations } from "../../../local/services/destinations";
import { mapEventSources } from "../../../local/services/event-source-mapping";
import { S3 } from "../../../local/services/s3";
import { announceObjects } from "../../../local/services/s3/notifications";
import { Sns } from "../../../local/services/sns";
import { Sqs } from "../../../local/services/sqs";
import { arn, queue, resource, testRuntime, testServer } from "../support";

/** S3, SNS, SQS and Lambda over these resources, with faults. */
export async function prepare(faults: Faults, ...resources: CapturedResource[]) {
    const runtime = testRuntime(resources);
    const injector = new Injector(checkFaults(faults, runtime.program), runtime.clock, runtime.journal);
    runtime.faults = injector;
    const s3 = new S3(runtime);
    const sqs = new Sqs(runtime);
    const { lambda } = await testServer(runtime, () => [s3, sqs]);
    const sns = new Sns(runtime, sqs, lambda);
    const destinations = new Destinations(sns, sqs, lambda, { faults: injector });
    mapEventSources(runtime, sqs, lambda);
    announceObjects(runtime, s3, destinations, sns.foreignTopics());
    return { runtime, injector, s3, sqs, lambda, clock: runtime.clock as VirtualClock, lines };

    /** What the functions printed. */
    function lines(): string[] {
        return runtime.journal.of("log").map(({ line }) => line);
    }
}

/** Announces the bucket `lake` to these queues, topics or functions. */
export function announcing(targets: object): CapturedResource {
    return resource("aws:s3/bucketNotification:BucketNotification", "n", { bucket: "lake", ...targets });
}

export const created = { events: ["s3:ObjectCreated:*"] };

/** Has the function `fn` work on the queue `q`. */
export const mapping = (inputs = {}) =>
    resource("aws:lambda/eventSourceMapping:EventSourceMapping", "m", {
        eventSourceArn: arn(queue("q")),
        functionName: "fn",
        ...inputs,
    });
