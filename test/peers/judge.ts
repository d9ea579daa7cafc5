import { writeFileSync } from "node:fs";

/** What a judge found, as `npm run test:peers` puts it in its table. */
export interface Verdict {
    judge: string;
    /** Program and version, such as `Trino 476`. */
    version?: string;
    cases: number;
    passed: number;
    /** Known to differ, and held by a test: one that disappears is noticed. */
    differences: { what: string; why: string }[];
    /** What this machine lacks. */
    skipped?: string;
}

/** Keeps the verdict of a test file. Every test is a case, but one that counts its own. */
export interface Judge {
    version: string | undefined;
    /** Cases that a test compared. */
    passed(cases?: number): void;
    failed(cases?: number): void;
    differs(what: string, why: string): void;
    skip(why: string): void;
}

/** Registers a judge; called once, at the top of its test file. */
export function judge(name: string): Judge {
    const verdict: Verdict = { judge: name, cases: 0, passed: 0, differences: [] };
    let counted = false;
    afterEach(function () {
        const state = this.currentTest?.state;
        if (!counted && state === "passed") count(1, 1);
        // However many cases it counted before, a test that fails is one that did not pass.
        if (state === "failed") count(1, 0);
        counted = false;
    });
    after(() => {
        const file = process.env.VERDICT_FILE;
        if (file) writeFileSync(file, JSON.stringify(verdict));
    });
    return {
        set version(version) {
            verdict.version = version;
        },
        get version() {
            return verdict.version;
        },
        passed: (cases = 1) => countOwn(cases, cases),
        failed: (cases = 1) => countOwn(cases, 0),
        differs: (what, why) => void verdict.differences.push({ what, why }),
        skip(why) {
            verdict.skipped = why;
            process.stdout.write(`    skipped: ${why}\n`);
        },
    };

    function countOwn(cases: number, passed: number): void {
        counted = true;
        count(cases, passed);
    }

    function count(cases: number, passed: number): void {
        verdict.cases += cases;
        verdict.passed += passed;
    }
}
