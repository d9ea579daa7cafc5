import { ClientAddress, type LoadBalancerShape } from "./arguments";
import { originProblem } from "./http";
import { type Member, overlap } from "./member";
import { inside, type Report } from "./problems";
import { checkObject, checkSwitch, isDeferred } from "./shapes";
import { quoted } from "./suggestion";
import type { PlannedAccessLog, PlannedIngest } from "./types";

/** An Application Load Balancer stands in at least two availability zones. */
const fewestSubnets = 2;

const otherVpc = "or leave out both for the account's default VPC";

/** Checks a load balancer's arguments; answers what is read of its log. */
export function checkLoadBalancer(
    ingest: string,
    args: LoadBalancerShape,
    path: string,
    report: Report,
): PlannedAccessLog {
    const accessLog = { prefix: `alb/${ingest}/`, path: `/${ingest}` };
    if (!checkObject(args, path, report)) {
        return accessLog;
    }
    checkNetwork(args, path, report);
    if (args.tlsPolicy !== undefined && args.certificateArn === undefined) {
        report(inside(path, "tlsPolicy"), "is for HTTPS: name the certificate in `certificateArn`, or leave this out");
    }
    checkOrigin(args.allowedOrigin, inside(path, "allowedOrigin"), report);
    const addresses: unknown[] = Object.values(ClientAddress);
    if (args.clientAddress !== undefined && !addresses.includes(args.clientAddress)) {
        report(inside(path, "clientAddress"), `must be one of ${quoted(Object.values(ClientAddress))}`);
    }
    checkSwitch(args.beacons, inside(path, "beacons"), report);
    return { ...accessLog, path: checkPath(args.path ?? accessLog.path, inside(path, "path"), report) };
}

function checkNetwork({ vpcId, subnetIds }: LoadBalancerShape, path: string, report: Report): void {
    if (subnetIds === undefined && vpcId !== undefined) {
        report(inside(path, "subnetIds"), `is missing: name at least two public subnets of \`vpcId\`, ${otherVpc}`);
    }
    if (vpcId === undefined && subnetIds !== undefined) {
        report(inside(path, "vpcId"), `is missing: name the VPC of \`subnetIds\`, ${otherVpc}`);
    }
    if (vpcId !== undefined && !isDeferred(vpcId) && (typeof vpcId !== "string" || vpcId === "")) {
        report(inside(path, "vpcId"), "must be a string such as `vpc-0a1b2c3d`");
    }
    if (subnetIds === undefined || isDeferred(subnetIds)) {
        return;
    }
    const subnetsPath = inside(path, "subnetIds");
    if (!Array.isArray(subnetIds)) {
        report(subnetsPath, "must be a list");
    } else if (new Set(subnetIds).size < fewestSubnets) {
        report(
            subnetsPath,
            `names fewer than ${fewestSubnets} subnets: a load balancer stands in at least two availability zones`,
        );
    }
}

/** A listener answers with one origin, the same for all requests. */
function checkOrigin(origin: unknown, path: string, report: Report): void {
    const problem = origin === undefined || isDeferred(origin) ? undefined : originProblem(origin);
    if (problem !== undefined) {
        report(path, problem);
    }
}

/** The log holds paths as they were sent, so only characters that have one spelling are taken. */
function checkPath(path: string, argument: string, report: Report): string {
    if (typeof path !== "string" || !/^\/[A-Za-z0-9._~/-]*$/.test(path)) {
        report(argument, "must begin with `/`, followed by letters, digits, `-`, `.`, `_`, `~` and `/` only");
    }
    return path;
}

/** The logs of the load balancers, as something that is written and may be a trigger. */
export function accessLogMembers(ingests: PlannedIngest[]): Member[] {
    return ingests.flatMap(({ name, accessLog }) => {
        const path = inside("ingest", name, "loadBalancer");
        const output = { prefix: accessLog?.prefix ?? "", path };
        return accessLog ? [{ kind: "ingest" as const, name, namePath: path, output }] : [];
    });
}

/** Reports what writes among a load balancer's logs: `parse-access-log` would read it as a log. */
export function checkLogFolders(logs: Member[], members: Member[], report: Report): void {
    for (const log of logs) {
        for (const { output } of members.filter((member) => overlap(member.output, log.output))) {
            report(
                output.path,
                `\`${output.prefix}\` overlaps \`${log.output.prefix}\`, where the load balancer of ingest ` +
                    `\`${log.name}\` writes its log: choose another folder`,
            );
        }
    }
}
