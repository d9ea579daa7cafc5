import { readdirSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../../local/capture";
import type { CapturedProgram } from "../../local/program";

const root = join(__dirname, "..", "..");
/** `wrong` is there to be refused. */
const refused = ["wrong"];

/** Folders of the examples and of the tests' programs. */
export const programs = ["examples", "test/programs"].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !refused.includes(entry.name))
        .map(({ name }) => join(folder, name)),
);

/** What a program registers, without running it. */
export function captured(program: string): Promise<CapturedProgram> {
    return capture({ program: join(root, program), endpointUrl: "http://127.0.0.1" });
}
