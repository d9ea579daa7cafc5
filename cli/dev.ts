import { createColors } from "picocolors";
import { type Entry, type Faults, LocalPipeline } from "../local";
import { announceDev } from "./dev-file";
import { bytes, counted, reportTable } from "./print";

/** Options of `eventpipeline dev`, as the command line gives them. */
export interface DevOptions {
    bufferSeconds?: number;
    faults?: Faults;
    stack?: string;
    config: Record<string, string>;
}

/** Rows of a new report that are shown. */
const shownRows = 10;

/** Keeps the program's pipeline running on the wall clock and logs what happens, until `interrupted` resolves. */
export async function dev(
    program: string,
    options: DevOptions,
    out: NodeJS.WritableStream & { isTTY?: boolean },
    interrupted: Promise<unknown>,
): Promise<number> {
    const colors = createColors(out.isTTY === true);
    const print = (text: string) => out.write(`${text}\n`);
    const pipeline = await LocalPipeline.start({ program, ...options, clock: "wall" });
    let retract: (() => void) | undefined;
    try {
        const { endpointUrl, outputs } = pipeline;
        retract = announceDev(program, { pid: process.pid, endpointUrl, outputs });
        for (const { method, url } of pipeline.routes) print(`${colors.bold(method)} ${url}`);
        if (pipeline.mqttUrl) print(`${colors.bold("MQTT")} ${pipeline.mqttUrl}`);
        for (const stream of pipeline.kinesisStreams)
            print(`${colors.bold("Kinesis")} ${pipeline.endpointUrl} stream ${stream}`);
        for (const [key, value] of Object.entries(pipeline.invented))
            print(`config ${key} = ${value}  (made up for this run)`);
        print(`AWS_ENDPOINT_URL=${pipeline.endpointUrl}  (for applications that put events on delivery streams)`);
        print(colors.dim(`state in ${pipeline.folder}; Ctrl-C stops`));
        pipeline.journal.listen((entry) => {
            const line = describe(entry);
            if (line) print(`${colors.dim(clockTime())} ${entry.kind === "failure" ? colors.red(line) : line}`);
            if (entry.kind === "object" && isReport(pipeline, entry.key)) void showReport(pipeline, entry.key, print);
        });
        await interrupted;
        return 0;
    } finally {
        retract?.();
        await pipeline.stop();
    }
}

function clockTime(): string {
    return new Date().toISOString().slice(11, 23);
}

function isReport({ reportPrefixes }: LocalPipeline, key: string): boolean {
    return reportPrefixes.some((prefix) => key.startsWith(prefix));
}

async function showReport(pipeline: LocalPipeline, key: string, print: (text: string) => void): Promise<void> {
    const rows = await pipeline.rows(key);
    if (rows.length > 0) print(reportTable(rows, shownRows));
    if (rows.length > shownRows) print(`… and ${rows.length - shownRows} more`);
}

/** One line of the log. */
function describe(entry: Entry): string | undefined {
    switch (entry.kind) {
        case "request":
            return `${entry.method} ${entry.path} → ${entry.status}`;
        case "object":
            return `${entry.key}  ${bytes(entry.bytes)}${entry.events === undefined ? "" : `, ${counted(entry.events, "event")}`}`;
        case "run":
            return `query ${entry.query} ${entry.state.toLowerCase()}: ${entry.reason ?? `${counted(entry.rows, "row")}, ${bytes(entry.bytesScanned)} scanned`}`;
        case "failure":
            return `failed: ${entry.stage}: ${entry.reason} (${entry.count})`;
        case "denial":
            return `denied: ${entry.caller}: ${entry.action} on ${entry.resource}: ${entry.reason}`;
        case "skip":
            return `skipped ${entry.function}: ${entry.reason}`;
        case "fault":
            return `fault ${entry.rule}: ${entry.fault}: ${entry.where}`;
        case "log":
            return undefined;
    }
}
