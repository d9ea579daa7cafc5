import type { SubscriberReport } from "./contract";
import { metricNames, metricNamespace } from "./contract";

/**
 * Writes metrics of a subscriber's objects to the log, in the format that CloudWatch makes metrics of: by pipeline and
 * subscriber, and by pipeline, for its alarm. Nothing where nothing is missing: CloudWatch bills each metric by the hours
 * that it has a value in.
 */
export function writeMetrics(pipeline: string, report: SubscriberReport, now: number): void {
    const { subscriber, objects, missing, republished } = report;
    if (missing === 0 && republished === 0) return;
    const { objects: checked, missing: unaccounted, republished: again } = metricNames;
    const document = {
        _aws: {
            Timestamp: now,
            CloudWatchMetrics: [
                {
                    Namespace: metricNamespace,
                    Dimensions: [["Pipeline", "Subscriber"], ["Pipeline"]],
                    Metrics: [checked, unaccounted, again].map((Name) => ({ Name, Unit: "Count" })),
                },
            ],
        },
        Pipeline: pipeline,
        Subscriber: subscriber,
        [checked]: objects,
        [unaccounted]: missing,
        [again]: republished,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
}
