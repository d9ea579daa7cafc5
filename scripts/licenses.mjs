// What bundles are made of, and under which licenses: whoever passes on code of others passes on their terms with it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licenses of all packages in bundles, each text once. `inputs` are the files that esbuild bundled. */
export function licensesOf(inputs, root) {
    const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
    const packages = new Map();
    for (const folder of [...folders].sort()) {
        const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
        const text = textIn(join(root, folder)) ?? `License: ${license}`;
        packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`]);
    }
    const sections = [...packages].map(([text, names]) => `${[...new Set(names)].join("\n")}\n\n${text.trim()}\n`);
    return `The functions' bundles contain code of these packages.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

function textIn(folder) {
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    return file && readFileSync(join(folder, file), "utf8");
}
