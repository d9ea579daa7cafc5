// Keeps the documents' code what the programs' code is. A code block below a marker
//     <!-- code: examples/shop/index.ts -->         the file
//     <!-- code: examples/shop/index.ts#region -->  what stands in it between "// #region region" and "// #endregion"
// is filled from that file; a block of a programming language without a marker is refused. With --check, nothing is
// written, and a block that differs is refused too.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { extname } from "node:path";

const documents = ["README.md", "docs/**/*.md", "examples/*/README.md"];
const languages = {
    ".ts": "ts",
    ".js": "js",
    ".py": "python",
    ".json": "json",
    ".yaml": "yaml",
    ".sql": "sql",
    ".sh": "sh",
};
/** Blocks of these could rot. */
const programming = /^(ts|typescript|tsx|js|javascript|py|python|sql)$/;

const marker = /^<!-- code: ([^#\s]+)(?:#(\S+))? -->$/;
const opening = /^\s*(`{3,}|~{3,})\s*(\S*)/;
const regionStart = /^\s*(?:\/\/|#|--)\s*#region (\S+)\s*$/;
const regionEnd = /^\s*(?:\/\/|#|--)\s*#endregion\b/;

const check = process.argv.includes("--check");
const problems = [];
for (const document of globSync(documents).sort()) {
    const text = readFileSync(document, "utf8");
    const filled = fill(document, text);
    if (!check && filled !== text) writeFileSync(document, filled);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The document with each marked block as its file has it. */
function fill(document, text) {
    const lines = text.split("\n");
    const filled = [];
    for (let index = 0; index < lines.length; index++) {
        const [, file, region] = marker.exec(lines[index]) ?? [];
        const from = file === undefined ? index : index + 1;
        const to = endOfBlock(lines, from);
        const at = `${document}:${index + 1}`;
        if (file === undefined) {
            const [, , language] = opening.exec(lines[index]) ?? [];
            if (to !== undefined && programming.test(language))
                problems.push(`${at}: put <!-- code: FILE --> above this block, so that it is a tested program's`);
        } else if (to === undefined) problems.push(`${at}: no code block stands below the marker`);
        const block = lines.slice(index, (to ?? index) + 1);
        filled.push(...(file !== undefined && to !== undefined ? included(at, file, region, block) : block));
        index = to ?? index;
    }
    return filled.join("\n");
}

/** Index of the line that closes the block which begins at `from`, if one does. */
function endOfBlock(lines, from) {
    const [, fence] = opening.exec(lines[from] ?? "") ?? [];
    if (fence === undefined) return undefined;
    const end = lines.findIndex((line, index) => index > from && line.trim() === fence);
    return end === -1 ? undefined : end;
}

/** The marker and the block below it as it should be; where that can't be, as it is. */
function included(at, file, region, block) {
    try {
        const code = codeOf(file, region);
        const longest = Math.max(2, ...code.map((line) => /^\s*(`*)/.exec(line)[1].length));
        const fence = "`".repeat(longest + 1);
        const wanted = [block[0], `${fence}${languages[extname(file)] ?? ""}`, ...code, fence];
        if (check && wanted.join("\n") !== block.join("\n"))
            problems.push(`${at}: the block is not what ${file} says: run npm run docs`);
        return wanted;
    } catch (error) {
        problems.push(`${at}: ${error.message}`);
        return block;
    }
}

/** The lines of a file or of a region in it, without the regions' own lines and common indentation. */
function codeOf(file, region) {
    const lines = read(file).trimEnd().split("\n");
    const code = region === undefined ? lines : linesOfRegion(file, lines, region);
    const shown = code.filter((line) => !regionStart.test(line) && !regionEnd.test(line));
    const indents = shown.filter((line) => line.trim() !== "").map((line) => /^\s*/.exec(line)[0].length);
    return shown.map((line) => line.slice(Math.min(...indents)));
}

function read(file) {
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        throw new Error(`${file} can't be read (${error.code})`);
    }
}

function linesOfRegion(file, lines, region) {
    const start = lines.findIndex((line) => regionStart.exec(line)?.[1] === region);
    if (start === -1) {
        const names = lines.flatMap((line) => regionStart.exec(line)?.[1] ?? []);
        throw new Error(`${file} has no region ${region}; it has ${names.join(", ") || "none"}`);
    }
    let depth = 1;
    for (let index = start + 1; index < lines.length; index++) {
        if (regionStart.test(lines[index])) depth++;
        else if (regionEnd.test(lines[index]) && --depth === 0) return lines.slice(start + 1, index);
    }
    throw new Error(`${file}: region ${region} is not closed`);
}
