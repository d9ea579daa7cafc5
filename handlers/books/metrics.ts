import { booksMetrics, booksNamespace, type HourBooks } from "./contract";

/**
 * Writes metrics of an hour in which events are missing to the log, in the format that CloudWatch makes metrics of: by
 * pipeline and ingest, and by pipeline, for its alarm. Nothing where nothing is missing, for each hour with a value is billed.
 */
export function writeMetrics(pipeline: string, { ingest, accepted, missing }: HourBooks, now: number): void {
    if (missing === 0) return;
    const document = {
        _aws: {
            Timestamp: now,
            CloudWatchMetrics: [
                {
                    Namespace: booksNamespace,
                    Dimensions: [["Pipeline", "Ingest"], ["Pipeline"]],
                    Metrics: Object.values(booksMetrics).map((Name) => ({ Name, Unit: "Count" })),
                },
            ],
        },
        ...{ Pipeline: pipeline, Ingest: ingest },
        ...{ [booksMetrics.accepted]: accepted, [booksMetrics.missing]: missing },
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
}
