import type { IngestShape } from "./arguments";
import { checkIngestColumns } from "./columns";
import { checkCompaction } from "./compaction";
import { checkLayout } from "./format";
import { checkHttp } from "./http";
import { checkIot } from "./iot";
import { checkKinesis } from "./kinesis";
import { checkLoadBalancer } from "./load-balancer";
import { checkName } from "./names";
import { partitionOf } from "./partitions";
import { checkPrefix } from "./prefixes";
import { checked, inside, type Report } from "./problems";
import { checkInteger } from "./shapes";
import type { PlannedIngest } from "./types";

/** First day of the partitions of a table that does not say its own. */
export const defaultSince = "2026-01-01";

const megabytes = { from: 1, to: 128, why: "must be a whole number from 1 to 128: Firehose buffers no other sizes" };
const parquetMegabytes = {
    from: 64,
    to: 128,
    why: "must be a whole number from 64 to 128: Firehose takes no smaller buffers where it converts to Parquet",
};
const seconds = { from: 0, to: 900, why: "must be a whole number from 0 to 900: Firehose buffers no other times" };

/** Checks an ingest by itself; throws a PlanError that lists all problems. */
export function planIngest(name: string, ingest: IngestShape): PlannedIngest {
    return checked((report) => checkIngest(name, ingest, "", report));
}

/** Checks an ingest; `path` is the argument that it stands in. */
export function checkIngest(name: string, ingest: IngestShape, path: string, report: Report): PlannedIngest {
    checkName(name, path, report);
    const prefix =
        ingest.prefix === undefined ? `raw/v0/${name}/` : checkPrefix(ingest.prefix, inside(path, "prefix"), report);
    const hasAccessLog = ingest.loadBalancer !== undefined;
    let sound = true;
    const noting: Report = (...problem) => {
        sound = false;
        report(...problem);
    };
    const { format, layout } = checkLayout(ingest, path, report);
    const columns = checkIngestColumns(ingest.columns, inside(path, "columns"), noting, hasAccessLog, layout);
    const since = checkSince(ingest.since, inside(path, "since"), report);
    checkInteger(
        ingest.bufferMegabytes,
        format ? parquetMegabytes : megabytes,
        inside(path, "bufferMegabytes"),
        report,
    );
    checkInteger(ingest.bufferSeconds, seconds, inside(path, "bufferSeconds"), report);
    if (ingest.http !== undefined) {
        checkHttp(ingest.http, inside(path, "http"), report);
    }
    if (ingest.iot !== undefined) {
        checkIot(ingest.iot, sound ? columns : undefined, inside(path, "iot"), report);
    }
    if (ingest.kinesis !== undefined) {
        checkKinesis(ingest.kinesis, inside(path, "kinesis"), report);
    }
    const accessLog =
        hasAccessLog && checkLoadBalancer(name, ingest.loadBalancer!, inside(path, "loadBalancer"), report);
    const table = { name, prefix, columns, ...(format && { format }), partition: partitionOf(layout, since) };
    const compaction = ingest.compact !== undefined && checkCompaction(ingest, table, inside(path, "compact"), report);
    return {
        name,
        prefix,
        errorPrefix: `failed/${name}/`,
        backupPrefix: `backup/${name}/`,
        table,
        ...(ingest.kinesis !== undefined && { kinesis: true }),
        ...(accessLog && { accessLog }),
        ...(compaction && { compaction }),
    };
}

/** The day, after reporting what is none. */
export function checkSince(value: string | undefined, path: string, report: Report): string {
    const since = value ?? defaultSince;
    const [year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(since)?.slice(1).map(Number) ?? [];
    const date = new Date(Date.UTC(year!, month! - 1, day!));
    if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(since)) {
        report(path, "must be a day of the calendar, written `YYYY-MM-DD`");
    }
    return since;
}
