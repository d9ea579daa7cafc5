import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Case, Contestant } from "../case";
import { madeOnce } from "../data/files";
import { eventsIn, makeLargestInputs } from "../data/largest";
import { deployed } from "../deployed";

/** What memory and time functions take: what their settings follow from. */
export const largest: Case = {
    name: "largest",
    about: "functions with the largest input that each is made for: what a thousand events take, or for run-query objects",
    data: () => madeOnce("largest-1", makeLargestInputs),
    contestants: ["normalize", "collect", "count-events", "parse-access-log", "run-query"].map(contestant),
    figure: (seconds) => `${Number((seconds * 1_000).toPrecision(2)).toLocaleString("en")} ms a thousand`,
};

function contestant(name: string): Contestant {
    return {
        name,
        things: eventsIn[name]! / 1_000,
        async load(data, output) {
            const folder = `${output}-function`;
            await mkdir(folder);
            await copyFile(`dist/functions/${name}/index.js`, join(folder, "index.js"));
            return deployed([name, data], folder);
        },
    };
}
