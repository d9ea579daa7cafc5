import type { Member } from "./member";
import type { Report } from "./problems";
import { checkText } from "./shapes";

/** AWS cuts a function's name at 64 characters, of which pipeline, stack and a random suffix need some. */
const longestName = 40;

/** The name, after reporting what cannot name a table and resources; `""` where there is none. */
export function checkName(value: string, path: string, report: Report): string {
    const name = checkText(value, path, report);
    if (name !== "" && !/^[a-z][a-z0-9_]*$/.test(name)) {
        report(path, `\`${name}\` cannot name a table: use lower-case letters, digits and \`_\`, a letter first`);
    } else if (name.length > longestName) {
        report(
            path,
            `\`${name}\` has ${name.length} characters: use at most ${longestName}, since resources are named after it`,
        );
    }
    return name;
}

/** Reports names that are taken: ingests, queries and processors share one set of tables and resources. */
export function checkDistinctNames(members: Member[], report: Report): void {
    const owners = new Map<string, Member>();
    for (const member of members.filter(({ name }) => name !== "")) {
        const owner = owners.get(member.name);
        if (owner === undefined) {
            owners.set(member.name, member);
        } else {
            report(
                member.namePath,
                `\`${member.name}\` already names the ${owner.kind} at ${owner.namePath}: ` +
                    "its table and resources are called so, rename one",
            );
        }
    }
}
