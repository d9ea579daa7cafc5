#!/usr/bin/env node
import { runCommandLine } from "./command-line";

const [major] = process.versions.node.split(".");
if (Number(major) < 22) {
    process.stderr.write(`eventpipeline needs Node 22 or newer; this is ${process.version}\n`);
    process.exit(2);
}

void runCommandLine(process.argv.slice(2), { out: process.stdout, error: process.stderr, interrupted }).then(
    (exitCode) => {
        process.exitCode = exitCode;
    },
);

function interrupted(): Promise<void> {
    return new Promise((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
    });
}
