import type { Permission } from "./iam/access";
import { glob } from "./iam/pattern";
import { type CapturedProgram, ofType } from "./program";

/**
 * The prefixes of the objects that the program's roles may read, in order; undefined where that may be any object: a role
 * may read all, or a function has a role that the program does not register.
 */
export function readPrefixes(program: CapturedProgram, permissions: Permission[]): string[] | undefined {
    const roles = ofType(program, "aws:iam/role:Role").map(({ outputs }) => outputs.arn);
    const functions = ofType(program, "aws:lambda/function:Function");
    if (functions.some(({ inputs }) => !roles.includes(inputs.role))) return undefined;
    const resources = permissions
        .filter(({ role, action }) => role !== undefined && glob(action, "i")("s3:GetObject"))
        .flatMap(({ resources = ["*"] }) => resources);
    const prefixes = resources.map((resource) => /^arn:aws:s3:::[^/*?]+\/([^*?]*)/.exec(resource)?.[1] ?? "");
    return prefixes.includes("") ? undefined : [...new Set(prefixes)].sort();
}
