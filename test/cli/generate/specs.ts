import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Overrides, readSpec } from "../../../cli/generate/spec";
import { afterTest } from "../../setup";

/** A file that goes with the test. */
export function specFile(spec: unknown): string {
    const folder = mkdtempSync(join(tmpdir(), "spec-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "spec.json");
    writeFileSync(file, typeof spec === "string" ? spec : JSON.stringify(spec));
    return file;
}

/** The lines that a spec makes. */
export async function linesOf(spec: unknown, overrides?: Overrides) {
    return [...(await readSpec(specFile(spec), overrides)).lines];
}

/** One field's values. */
export async function values<T>(field: object, count = 1000, rest: object = {}): Promise<T[]> {
    const lines = await linesOf({ count, fields: { value: field }, ...rest });
    return lines.map(({ text }) => JSON.parse(text).value);
}

/** What is wrong with a spec: `path: message`, a line each. */
export async function problemsOf(spec: unknown): Promise<string[]> {
    const file = specFile(spec);
    const message = await readSpec(file).then(
        () => "",
        (error: Error) => error.message,
    );
    return message.replaceAll(file, "FILE").split("\n");
}
