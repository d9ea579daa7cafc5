import { readdirSync } from "node:fs";

/** Every example, one pipeline for each way through the arguments, and one that uses all sources at once. */
export const programs = [
    ...readdirSync("examples").map((name) => `examples/${name}`),
    "test/peers/provider/matrix",
    "test/programs/every-source",
];
