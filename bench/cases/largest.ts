import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Case, Contestant } from "../case";
import { madeOnce } from "../data/files";
import { eventsIn, makeLargestInputs } from "../data/largest";
import { deployed } from "../deployed";

/** Functions with their memory in MB; the first is what the others are compared to. */
const functions = {
    ...{ normalize: 512, collect: 512, "count-events": 1024, "parse-access-log": 1024, "run-query": 256 },
    ...{ compact: 256, reconcile: 512, books: 1792, "run-processor": 128 },
};

/** What memory and time functions take: what their settings follow from. */
export const largest: Case = {
    name: "largest",
    about: "functions with the largest input that each is made for: what the processors take for a thousand events or objects",
    data: () => madeOnce("largest-1", makeLargestInputs),
    contestants: Object.entries(functions).map(contestant),
    figure: ({ cpuSeconds }) => `${Number((cpuSeconds * 1_000).toPrecision(2)).toLocaleString("en")} ms a thousand`,
};

function contestant([name, functionMemory]: [string, number]): Contestant {
    return {
        name,
        functionMemory,
        things: eventsIn[name]! / 1_000,
        async load(data, output) {
            const folder = `${output}-function`;
            await mkdir(folder);
            await copyFile(`dist/functions/${name}/index.js`, join(folder, "index.js"));
            return deployed([name, data], folder);
        },
    };
}
