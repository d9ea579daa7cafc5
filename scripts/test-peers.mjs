// Tests against programs that know what is right and were not written here: npm run test:peers [-- JUDGE], such as
// dynamodb. Ends with a table of their verdicts; --write puts it into the README, too. With --write-docs judges whose
// findings are a document write that anew; with --seed N those that make random cases make others.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Judges that take long begin first, so that none of them is left for the end. */
const slowest = ["trino", "engine", "provider", "languages"];
/** More than two would be slower on any machine: Trino and Pulumi have threads of their own, and wait for each other. */
const mostAtOnce = 2;

const root = fileURLToPath(new URL("..", import.meta.url));
const ending = ".test.ts";
const require = createRequire(import.meta.url);
const Table = require("cli-table3");
const judges = readdirSync(join(root, "test/peers"))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));
const { values: options, positionals: wanted } = parseArgs({
    allowPositionals: true,
    options: { write: { type: "boolean" }, "write-docs": { type: "boolean" }, seed: { type: "string" } },
});
const unknown = wanted.filter((name) => !judges.includes(name));
if (unknown.length > 0) {
    process.stderr.write(`There is no judge ${unknown.join(", ")}: there is ${judges.join(", ")}\n`);
    process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), "verdicts-"));
const results = await runAll(wanted.length > 0 ? wanted : judges);
rmSync(work, { recursive: true });
print(results.map(({ verdict }) => verdict));
if (options.write) writeReadme(results.map(({ verdict }) => verdict));
process.exit(results.every(({ passed }) => passed) ? 0 : 1);

/** Several at once, each in a process of its own; what they found in the order that was asked for. */
async function runAll(names) {
    const found = new Map();
    const waiting = [
        ...slowest.filter((name) => names.includes(name)),
        ...names.filter((name) => !slowest.includes(name)),
    ];
    const lanes = Math.min(mostAtOnce, availableParallelism(), names.length);
    const isAlone = lanes === 1;
    await Promise.all(
        Array.from({ length: lanes }, async () => {
            for (let name = waiting.shift(); name; name = waiting.shift()) found.set(name, await run(name, isAlone));
        }),
    );
    return names.map((name) => found.get(name));
}

/** What a judge prints is seen at once where it is alone, and else when it has ended, so that no two are mixed. */
async function run(judge, isAlone) {
    process.stdout.write(`\n== ${judge}${isAlone ? "" : " begins"}\n`);
    const start = Date.now();
    const file = join(work, judge);
    const mocha = require.resolve("mocha/bin/mocha.js");
    const setup = ["--no-config", "--require", "ts-node/register/transpile-only", "--require", "test/setup.ts"];
    const child = spawn(process.execPath, [mocha, ...setup, `test/peers/${judge}${ending}`], {
        cwd: root,
        stdio: isAlone ? "inherit" : ["ignore", "pipe", "pipe"],
        env: {
            ...{ ...process.env, VERDICT_FILE: file },
            ...(options["write-docs"] && { WRITE_DOCS: "1" }),
            ...(options.seed !== undefined && { RANDOM_SEED: options.seed }),
        },
    });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => said.push(text));
    const [status] = await once(child, "close");
    const seconds = Math.round((Date.now() - start) / 1000);
    if (!isAlone) process.stdout.write(`\n== ${judge}: ${seconds} s\n${Buffer.concat(said)}`);
    return { verdict: { judge, ...readVerdict(file), seconds }, passed: status === 0 };
}

function readVerdict(file) {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        return { cases: 0, passed: 0, differences: [], skipped: "it ended without a verdict" };
    }
}

function print(verdicts) {
    const table = new Table({
        head: ["judge", "version", "cases", "passed", "differ", "seconds", "skipped"],
        style: { head: [], border: [] },
    });
    for (const { judge, version = "", cases, passed, differences, seconds, skipped = "" } of verdicts)
        table.push([judge, version, cases, passed, differences.length, seconds, skipped]);
    process.stdout.write(`\n${table}\n`);
    for (const { judge, differences } of verdicts)
        for (const { what, why } of differences) process.stdout.write(`${judge}: ${what}: ${why}\n`);
}

/** Between its markers, beside judges that were not asked this time; the seconds are this machine's and stay out. */
function writeReadme(verdicts) {
    const file = join(root, "README.md");
    const text = readFileSync(file, "utf8");
    const place = /<!-- judges -->[\s\S]*?<!-- \/judges -->/;
    const [, , ...before] = place.exec(text)[0].match(/^\|.*\|$/gm) ?? [];
    const rows = new Map(before.map((row) => [row.split(" ")[1], row]));
    for (const { judge, version = "", cases, passed, differences } of verdicts)
        rows.set(judge, `| ${judge} | ${version} | ${cases} | ${passed} | ${differences.length} |`);
    const head = ["| judge | version | cases | passed | known to differ |", "| --- | --- | --- | --- | --- |"];
    const table = [...head, ...[...rows.values()].sort()].join("\n");
    writeFileSync(
        file,
        text.replace(place, () => `<!-- judges -->\n\n${table}\n\n<!-- /judges -->`),
    );
}
