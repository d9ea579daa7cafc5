import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A file of this package, wherever it is installed. */
export function packageFile(path: string): string {
    return join(dirname(createRequire(__filename).resolve("eventpipeline/package.json")), path);
}
