import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsOf } from "../../../cli/replay/aws";
import type { Pace } from "../../../cli/replay/batches";
import { Journal } from "../../../cli/replay/journal";
import { type Outcome, type Request, replay } from "../../../cli/replay/replay";
import { operationsIn, type Target } from "../../../cli/target";
import { LocalPipeline, type LocalPipelineOptions } from "../../../local";
import { afterTest } from "../../setup";

/** The replay program on this machine. */
export async function startPipeline(options: Partial<LocalPipelineOptions> = {}): Promise<LocalPipeline> {
    const pipeline = await LocalPipeline.start({ program: "test/programs/replay", at: "2026-11-21", ...options });
    afterTest(() => pipeline.stop());
    return pipeline;
}

/** The pipeline as a replay knows it. */
export function targetOf(pipeline: LocalPipeline): Target {
    return { operations: operationsIn(pipeline.outputs, "the program"), endpointUrl: pipeline.endpointUrl };
}

/** No waiting, and no end before all is done. */
export const atOnce: Pace = { take: async () => {}, pause: async () => {}, isStopped: () => false };

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "replay-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    return folder;
}

let journals = 0;

/** A new journal. */
export function newJournal(request: unknown = {}): Journal {
    const id = `replay-${++journals}`;
    const header = { replay: id, pipeline: "replayed", bucket: "replayed", request };
    return Journal.create(join(temporaryFolder(), `${id}.ndjson`), header);
}

/** Replays, and waits until nothing moves. */
export async function replayed(pipeline: LocalPipeline, request: Request, journal?: Journal): Promise<Outcome> {
    const target = targetOf(pipeline);
    const outcome = await replay(awsOf(target), target.operations, request, {
        pace: atOnce,
        journal: () => journal ?? newJournal(request),
    });
    await pipeline.settle();
    return outcome;
}
