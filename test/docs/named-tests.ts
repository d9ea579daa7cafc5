import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A test that a page names: the text of a link to its file is its title; `…` stands for what a title has filled in. */
export interface NamedTest {
    title: string;
    /** From the repository's folder. */
    file: string;
}

/** The tests that a page names, by the page's sections. */
export function namedTests(page: string, text: string): Map<string, NamedTest[]> {
    const sections = text.split(/^## /m).slice(1);
    return new Map(
        sections.map((section) => {
            const links = [...section.matchAll(/^- \[(.+)\]\((\.\.\/test\/[^)]+)\)$/gm)];
            const tests = links.map(([, title, path]) => ({ title: title!, file: join(dirname(page), path!) }));
            return [section.split("\n")[0]!, tests];
        }),
    );
}

/** Whether a file has a test, or a group of tests, of this title, which is not skipped. */
export function isThere({ title, file }: NamedTest): boolean {
    return existsSync(file) && titlesIn(readFileSync(file, "utf8")).includes(title);
}

function titlesIn(source: string): string[] {
    const titles = source.matchAll(/\b(?:it|describe)\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g);
    return [...titles].map(([, plain, template]) => plain ?? template!.replace(/\$\{[^}]*\}/g, "…"));
}
