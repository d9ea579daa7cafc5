#!/usr/bin/env node
import { runCommandLine } from "./command-line";

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
