import { type CompactArgs, CompactionInterval, IngestFormat, type IngestShape, TablePartition } from "./arguments";
import type { Step } from "./graph";
import { checkName } from "./names";
import { partitionOf } from "./partitions";
import { checkPrefix } from "./prefixes";
import { inside, type Report } from "./problems";
import { checkObject } from "./shapes";
import { quoted } from "./suggestion";
import type { PlannedCompaction, PlannedIngest, PlannedTable } from "./types";

/** The folders of each interval. */
const layouts: Record<CompactionInterval, TablePartition> = {
    hour: TablePartition.HiveHour,
    day: TablePartition.HiveDay,
};

/** Checks how an ingest's JSON becomes Parquet; `json` is the ingest's own table. */
export function checkCompaction(
    { format, compact }: Pick<IngestShape, "format" | "compact">,
    json: PlannedTable,
    path: string,
    report: Report,
): PlannedCompaction | undefined {
    if (!checkObject(compact!, path, report)) {
        return undefined;
    }
    const { every, prefix } = compact as CompactArgs;
    if (format === IngestFormat.Parquet) {
        report(path, "makes Parquet of JSON, but the ingest's `format` is `parquet` already: leave out one of them");
    }
    const intervals = Object.values<string>(CompactionInterval);
    if (!intervals.includes(every)) {
        report(inside(path, "every"), `must be ${quoted(intervals).replace(",", " or")}`);
    }
    const partition = partitionOf(layouts[every] ?? TablePartition.HiveHour, json.partition!.since);
    const hidden = json.columns.find(({ name }) => partition.columns.some((column) => column === name));
    if (hidden) {
        report(path, `has a partition column \`${hidden.name}\`, which hides the ingest's column: rename that`);
    }
    const name = json.name === "" ? "" : checkName(`${json.name}_parquet`, path, report);
    const own = prefix === undefined ? `parquet/v0/${json.name}/` : checkPrefix(prefix, inside(path, "prefix"), report);
    return { name, every, table: { name, prefix: own, columns: json.columns, format: "parquet", partition } };
}

/** The ingests' compactions, as what new objects start. */
export function compactionSteps(ingests: PlannedIngest[]): Step[] {
    return ingests.flatMap(({ name: ingest, prefix, compaction }): Step[] => {
        if (!compaction) return [];
        const { name, table } = compaction;
        const path = inside("ingest", ingest, "compact");
        const trigger = { prefix, path: inside("ingest", ingest, "prefix") };
        const output = { prefix: table.prefix, path: inside(path, "prefix") };
        return [{ kind: "compaction", name, namePath: path, trigger, output, table }];
    });
}
