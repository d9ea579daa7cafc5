import type { FaultReport } from "./faults";
import type { DenialEntry, FailureEntry, ObjectEntry, RunEntry, SkipEntry } from "./journal";
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
    /** Calls that no policy lets the caller make, or that one forbids. */
    denied: (Omit<DenialEntry, "kind"> & { count: number })[];
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
        denied: sumUpDenials(journal.of("denial")),
        skipped: journal.of("skip").map(({ kind, ...skip }) => skip),
        ...(faults && { faults: faults.report() }),
    };
}

/** One entry for each caller, action and place; objects' names differ, and are no more than examples. */
function sumUpDenials(denials: DenialEntry[]): Report["denied"] {
    const sums = new Map<string, Report["denied"][number]>();
    for (const { kind, ...denial } of denials) {
        const key = JSON.stringify([denial.caller, denial.action, denial.resource.replace(/\/.*/s, ""), denial.reason]);
        const sum = sums.get(key);
        if (sum) sum.count++;
        else sums.set(key, { ...denial, count: 1 });
    }
    return [...sums.values()];
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
