import type { Member } from "./member";
import type { Report } from "./problems";
import { checkText } from "./shapes";

/** Longest name of an ingest, query or processor; together with the pipeline's it may have to be shorter. */
const longestName = 40;
/** IAM's limit for the name of a role, the shortest limit of all that is named after the pipeline. */
const longestRole = 64;
/** Pulumi ends a name that is not given with `-` and seven hexadecimal digits. */
const randomEnding = 8;

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

/** Reports a pipeline's name that one of its resources can't have: a bucket takes no `_`, a queue no `.`. */
export function checkPipelineName(name: string, report: Report): void {
    if (name !== "" && !/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
        report("", `\`${name}\` cannot name a pipeline's resources: use letters, digits and \`-\`, a letter first`);
    }
}

/** Reports names that are taken: ingests, queries, processors, rollups and adopted tables share one set of names. */
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

/** What the longest role of a member is called after the pipeline's name, if it has one; the queries share theirs. */
const roles: Record<Exclude<Member["kind"], "table">, (member: Member) => string> = {
    ingest: ({ name, kinesis }) => `-${name}${kinesis ? "-kinesis" : ""}-normalize-role`,
    query: () => "-convert-result-role",
    processor: ({ name }) => `-${name}-run-role`,
    rollup: ({ name }) => `-${name}-role`,
    compaction: ({ name }) => `-${name}-role`,
};

/** Reports names that are too long together with the pipeline's: AWS would refuse the roles of their functions. */
export function checkRoleNames(pipeline: string, members: Member[], report: Report): void {
    for (const member of members) {
        if (member.kind === "table") continue;
        const over = `${pipeline}${roles[member.kind](member)}`.length + randomEnding - longestRole;
        if (over > 0) {
            report(
                member.namePath,
                `with the pipeline's name the role of its function is called too long by ${over}: shorten one of the names`,
            );
        }
    }
}
