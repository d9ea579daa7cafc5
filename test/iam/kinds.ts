import { type CapturedAsset, type CapturedProgram, type CapturedResource, ofType } from "../../local/program";

/** Whose policies they are, called the same in all programs: the bundled function, the service, or the kind of resource. */
export function kindsOf(program: CapturedProgram): Map<string, string> {
    return new Map(ofType(program, "aws:iam/role:Role").map((role) => [role.name, kindOfRole(program, role)]));
}

function kindOfRole(program: CapturedProgram, role: CapturedResource): string {
    const lambda = ofType(program, "aws:lambda/function:Function").find(
        ({ inputs }) => inputs.role === role.outputs.arn,
    );
    if (lambda) return bundleOf(lambda) ?? "a processor";
    const { Statement } = JSON.parse(String(role.inputs.assumeRolePolicy)) as {
        Statement: { Principal: { Service: string } }[];
    };
    return Statement[0]!.Principal.Service;
}

/** Folder of a function that ships with the package. */
function bundleOf({ inputs }: CapturedResource): string | undefined {
    const code = inputs.code as CapturedAsset;
    const index = code.asset === "archive" ? code.entries["index.js"] : undefined;
    return index?.asset === "file" ? /\/functions\/([^/]+)\/index\.js$/.exec(index.path)?.[1] : undefined;
}
