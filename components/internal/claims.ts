import * as pulumi from "@pulumi/pulumi";
import { PlanError } from "../../plan";

/** Names that are given already, and to whom, in the program that runs. */
let claims = { program: undefined as unknown, owners: new Map<string, string>() };

/**
 * Refuses a program of which two components would create something of one name, in previews too: AWS would in the middle of
 * a deployment.
 */
export function claimName(what: string, name: string, owner: string, remedy: string): void {
    const program = runningProgram();
    if (claims.program !== program) claims = { program, owners: new Map() };
    const place = `${what} ${name}`;
    const first = claims.owners.get(place) ?? owner;
    if (first !== owner) {
        const message = `${first} and ${owner} would both create the ${what} \`${name}\`: ${remedy}`;
        throw new PlanError([{ path: "", message }]);
    }
    claims.owners.set(place, owner);
}

/** Whom the program registers with: one process may run several. In other languages each component has a client of its own, at one address. */
function runningProgram(): unknown {
    const monitor = pulumi.runtime.getMonitor() as { getChannel?(): { getTarget(): string } } | undefined;
    return monitor?.getChannel?.().getTarget() ?? monitor;
}
