/** States of stacks as releases left them, which later ones have to deploy without losing data. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { State } from "./stack";

/** A folder for each release: its program and the state of its stack. */
export const statesFolder = join(__dirname, "states");

const packageFolder = resolve(__dirname, "../../..");

export function readState(release: string): State {
    return JSON.parse(gunzipSync(readFileSync(stateFile(release))).toString());
}

/** Where the functions' bundles lay is of no interest to anybody. */
export function writeState(release: string, state: State): void {
    const text = JSON.stringify(state, null, 1).replaceAll(`${packageFolder}/`, "");
    writeFileSync(stateFile(release), gzipSync(text));
}

function stateFile(release: string): string {
    return join(statesFolder, release, "state.json.gz");
}
