// Tests against the real programs that the local services stand for: npm run test:peers [-- PEER], such as dynamodb.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const ending = ".test.ts";
const peers = readdirSync(new URL("../test/peers/", import.meta.url))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !peers.includes(name));
if (unknown.length > 0) {
    process.stderr.write(`There is no peer ${unknown.join(", ")}: there is ${peers.join(", ")}\n`);
    process.exit(1);
}
const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
const files = (wanted.length > 0 ? wanted : peers).map((name) => `test/peers/${name}${ending}`);
const options = ["--no-config", "--require", "ts-node/register/transpile-only", "--require", "test/setup.ts"];
const { status } = spawnSync(process.execPath, [mocha, ...options, ...files], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
