import type { FaultReport } from "./faults";
import type { FailureEntry, ObjectEntry, RunEntry, SkipEntry } from "./journal";
import { reportPrefixes } from "./lookups";
import type { Row } from "./rows";
import type { Runtime } from "./runtime";

/** A query run as the report shows it. */
export type ReportedRun = Omit<RunEntry, "kind" | "executionId">;

/** What a pipeline did, as one JSON document. */
export interface Report {
    /** Objects that appeared, in order. */
    objects: Omit<ObjectEntry, "kind" | "bucket">[];
    /** Query runs, in the order in which they ended. */
    runs: ReportedRun[];
    /** Prefix -> rows, for every table that no delivery stream fills. */
    reports: Record<string, Row[]>;
    /** DynamoDB table -> its items, for every table whose items stay: the counters. */
    counters: Record<string, Row[]>;
    failed: Omit<FailureEntry, "kind">[];
    /** Functions that can't run on this machine. */
    skipped: Omit<SkipEntry, "kind">[];
    /** What was injected, where faults were asked for. */
    faults?: FaultReport;
}

/** Sums up the journal and reads the reports. */
export async function reportOf(
    runtime: Runtime,
    counters: Report["counters"],
    rows: (prefix: string) => Promise<Row[]>,
): Promise<Report> {
    const { journal, program, faults } = runtime;
    const reports: Report["reports"] = {};
    for (const prefix of reportPrefixes(program)) reports[prefix] = await rows(prefix);
    return {
        objects: journal.of("object").map(({ kind, bucket, ...object }) => object),
        runs: journal.of("run").map(({ kind, executionId, ...run }) => run),
        reports,
        counters,
        failed: sumUp(journal.of("failure")),
        skipped: journal.of("skip").map(({ kind, ...skip }) => skip),
        ...(faults && { faults: faults.report() }),
    };
}

/** One entry for each stage and reason. */
function sumUp(failures: FailureEntry[]): Report["failed"] {
    const sums = new Map<string, Report["failed"][number]>();
    for (const { stage, reason, count } of failures) {
        const key = JSON.stringify([stage, reason]);
        sums.set(key, { stage, reason, count: (sums.get(key)?.count ?? 0) + count });
    }
    return [...sums.values()];
}
