import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FaultReport, LocalPipeline } from "../../../local";
import { type Books, balance, type Check, check } from "./checks";
import { everyFault } from "./faults";
import { Lake } from "./lake";
import { hoursFor, type Sent, sendAll, start } from "./load";
import { type Repair, repair } from "./repair";

/** How large a run is, and where its chance comes from. */
export interface Size {
    events: number;
    seed: number;
}

/** What a run came to. */
export interface Outcome {
    sent: Sent;
    faults: FaultReport;
    repair: Repair;
    books: Books;
    checks: Check[];
    objects: number;
    runs: number;
    seconds: { sending: number; repairing: number; checking: number };
    digests: { books: string; reports: string; faults: string; calls: string };
}

/** Sends events through the fleet while everything goes wrong, repairs what has to be, and balances the books. */
export async function run(size: Size): Promise<Outcome> {
    const folder = await mkdtemp(join(tmpdir(), "million-"));
    const hours = hoursFor(size.events);
    const faults = everyFault(size.seed, start, Math.min(5, 24 / hours));
    const local = await LocalPipeline.start({ program: "examples/fleet", at: new Date(start), faults });
    try {
        const file = join(folder, "sent.ndjson");
        const sending = await timed(() => sendAll(local, size, folder, file));
        const end = start + hours * 3_600_000;
        const repairing = await timed(() => repair(local, end, folder));
        const checking = await timed(() => audited(local, file, folder));
        const { objects, runs } = await local.report();
        return {
            sent: sending.result,
            ...{ faults: local.faults()!, repair: repairing.result, ...checking.result },
            objects: objects.length,
            runs: runs.length,
            seconds: { sending: sending.seconds, repairing: repairing.seconds, checking: checking.seconds },
        };
    } finally {
        await local.stop();
        await rm(folder, { recursive: true });
    }
}

async function audited(local: LocalPipeline, sent: string, folder: string) {
    const lake = await Lake.of(local, sent, folder);
    try {
        const checks = await check(lake);
        const digests = {
            books: await digestOf(lake, books),
            reports: await digestOf(lake, reports),
            faults: sha256(JSON.stringify(local.faults())),
            calls: sha256(JSON.stringify(local.serviceCalls())),
        };
        return { checks, books: await balance(lake), digests };
    } finally {
        lake.close();
    }
}

/** How often each line was sent, accepted, stored and failed, and what is counted. */
const books = ["SELECT * FROM lines", "SELECT * FROM counters"];

/** Rows of reports, without the ids that keys have. The order in which averages are summed up moves their last digits. */
const reports = [
    "SELECT device_id, battery, sent_at FROM batteries",
    "SELECT device_id, battery, empty_at FROM forecasts",
    "SELECT hour, round(battery, 9) FROM week",
];

/** Of all rows that these select, in whatever order. */
async function digestOf(lake: Lake, selections: string[]): Promise<string> {
    const digests: unknown[] = [];
    for (const sql of selections) {
        const rows = `SELECT CAST(outcome AS VARCHAR) AS text FROM (${sql}) AS outcome`;
        digests.push(await lake.rows(`SELECT sha256(string_agg(text, '\n' ORDER BY text)) AS digest FROM (${rows})`));
    }
    return sha256(JSON.stringify(digests));
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

async function timed<T>(action: () => Promise<T>): Promise<{ result: T; seconds: number }> {
    const started = performance.now();
    const result = await action();
    return { result, seconds: (performance.now() - started) / 1000 };
}
