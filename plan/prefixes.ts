import { type Member, overlap } from "./member";
import type { Report } from "./problems";
import { checkText } from "./shapes";

/** Folders that the pipeline keeps for itself. */
export const reservedFolders = ["athena/", "failed/", "backup/", "logs/"];

/** What an SNS filter policy takes. */
const prefixesPerFilter = 150;

/** What a bucket's notification document takes, less the one for `athena/`. */
const announcedFolders = 99;

/** Half of the 1,024 bytes that S3 gives a key; the rest is for the folders and names below. */
const longestPrefix = 512;

/** The prefix, after reporting what no S3 event or filter would match; `""` where there is none. */
export function checkPrefix(value: string, path: string, report: Report): string {
    const prefix = checkText(value, path, report);
    const problem = prefix === "" ? undefined : prefixProblem(prefix);
    if (problem !== undefined) {
        report(path, problem);
    }
    return prefix;
}

/** What makes a prefix one that no S3 event or filter would match, and what to do. */
export function prefixProblem(prefix: string): string | undefined {
    const strange = [...prefix].find((character) => !/[A-Za-z0-9_./-]/.test(character));
    if (strange !== undefined) {
        return (
            `\`${prefix}\` holds ${JSON.stringify(strange)}, which S3 events encode, so that no filter matches it: ` +
            "use letters, digits, `-`, `_`, `.` and `/`"
        );
    }
    if (!prefix.endsWith("/")) {
        return `\`${prefix}\` must end in \`/\`: write \`${prefix}/\``;
    }
    const segments = prefix.slice(0, -1).split("/");
    if (segments.includes("")) {
        return `\`${prefix}\` has an empty folder name: S3 keys start without \`/\` and have one between folders`;
    }
    if (segments.some((segment) => segment === "." || segment === "..")) {
        return `\`${prefix}\` holds a \`.\` or \`..\`, which S3 takes literally: write the folder's name`;
    }
    if (prefix.length > longestPrefix) {
        return `has ${prefix.length} characters: use at most ${longestPrefix}, an S3 key has 1,024 in all`;
    }
    const reserved = reservedFolders.find((folder) => prefix.startsWith(folder));
    if (reserved !== undefined) {
        return `\`${prefix}\` lies under \`${reserved}\`, which the pipeline keeps for itself: choose another folder`;
    }
    return undefined;
}

/** Reports more triggers of queries than the one subscription that they share can filter by. */
export function checkTriggerCount(count: number, path: string, report: Report): void {
    if (count > prefixesPerFilter) {
        report(
            path,
            `has ${count} prefixes, but an SNS filter takes ${prefixesPerFilter}: ` +
                "start several queries from a common prefix",
        );
    }
}

/** Reports more folders than a bucket announces. */
export function checkFolderCount(count: number, path: string, report: Report): void {
    if (count > announcedFolders) {
        report(
            path,
            `the triggers lie in ${count} top-level folders, but a bucket announces new objects of at most ` +
                `${announcedFolders} and \`athena/\`: put several into a common folder, such as \`raw/\``,
        );
    }
}

/**
 * Reports what writes into a table that is not its own: a table reads all that lies under its prefix, and where others
 * write, the pipeline never does.
 */
export function checkLocations(members: Member[], report: Report): void {
    members.forEach((member, index) => {
        for (const earlier of members.slice(0, index)) {
            if (overlap(member.output, earlier.output) && (member.table || earlier.table)) {
                const isAdopted = (earlier.kind === "table") !== (member.kind === "table");
                report(
                    member.output.path,
                    `\`${member.output.prefix}\` overlaps \`${earlier.output.prefix}\` of ${earlier.kind} ` +
                        `\`${earlier.name}\`: ${isAdopted ? writtenByOthers : readsEverything}`,
                );
            }
        }
    });
}

const readsEverything = "a table reads everything under its prefix, so give each its own";
const writtenByOthers = "nothing is written where a table reads what others write, so choose another folder";

/** The top-level folders of prefixes, sorted, each once. */
export function topFolders(prefixes: string[]): string[] {
    return [...new Set(prefixes.map((prefix) => prefix.slice(0, prefix.indexOf("/") + 1)))].sort();
}
