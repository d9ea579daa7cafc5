import { IngestFormat, IngestPartitions, type IngestShape, TablePartition } from "./arguments";
import { inside, type Report } from "./problems";
import { quoted } from "./suggestion";
import type { PlannedTable } from "./types";

/** What an ingest's objects hold, and the layout of their folders. */
export function checkLayout(
    ingest: IngestShape,
    path: string,
    report: Report,
): Pick<PlannedTable, "format"> & { layout: TablePartition } {
    const { format, partitions, loadBalancer } = ingest;
    checkChoice(partitions, IngestPartitions, inside(path, "partitions"), report);
    checkChoice(format, IngestFormat, inside(path, "format"), report);
    const isParquet = format === IngestFormat.Parquet;
    if (isParquet && loadBalancer !== undefined) {
        report(
            inside(path, "format"),
            `is \`${format}\`, but a load balancer's events become JSON, past Firehose: leave out one of them`,
        );
    }
    const isHive = partitions === IngestPartitions.Hive;
    return { ...(isParquet && { format }), layout: isHive ? TablePartition.HiveHour : TablePartition.ArrivalHour };
}

function checkChoice(value: string | undefined, choices: Record<string, string>, path: string, report: Report): void {
    if (value !== undefined && !Object.values(choices).includes(value)) {
        report(path, `must be one of ${quoted(Object.values(choices))}`);
    }
}
