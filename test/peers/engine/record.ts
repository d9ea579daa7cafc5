/**
 * Records the stack of `everything/` as this release deploys it, to be upgraded by later ones:
 * node -r ts-node/register/transpile-only test/peers/engine/record.ts
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../../package.json";
import { pulumiFolder } from "./cli";
import { programIn } from "./programs";
import type { State, StoredResource } from "./stack";
import { setStage } from "./stage";
import { statesFolder, writeState } from "./states";

void record();

async function record(): Promise<void> {
    const found = await pulumiFolder();
    if ("missing" in found) throw new Error(`there is no ${found.missing}`);
    const source = join(__dirname, "everything");
    const stage = await setStage(found.folder);
    try {
        const program = programIn(source);
        const stack = await stage.open(program);
        await stack.up(program.run());
        cpSync(source, join(statesFolder, version), { recursive: true });
        writeState(version, withoutTimes(stack.state()));
    } finally {
        stage.close();
    }
}

/** Recorded twice, it differs in nothing but the salt of its passphrase and what is encrypted with it. */
function withoutTimes({ version: format, deployment }: State): State {
    const manifest = { ...deployment.manifest, time: "2026-01-01T00:00:00Z" };
    const resources = deployment.resources.map(withoutCircumstances);
    return { version: format, deployment: { ...deployment, manifest, resources } };
}

/** When it was made, and where in the program. */
function withoutCircumstances(resource: StoredResource): StoredResource {
    const { created, modified, sourcePosition, stackTrace, ...kept } = resource;
    return kept;
}
