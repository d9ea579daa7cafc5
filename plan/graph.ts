import { type Member, overlap, type Place } from "./member";
import type { Report } from "./problems";
import { nearest, quoted } from "./suggestion";

/** A query, processor or rollup: what new objects start, and what writes objects. */
export type Step = Member & { trigger: Place };

/** Each step's predecessors: the steps whose objects start it. */
type Predecessors = Map<Step, Step[]>;

/**
 * Each step's tier: 1 where no other step is in between, one more for each step before it, by the longest way. Loops are
 * reported; their steps, and those behind them, get no tier.
 */
export function checkGraph(steps: Step[], report: Report): Map<Step, number> {
    const before: Predecessors = new Map(
        steps.map((step) => [step, steps.filter((other) => overlap(other.output, step.trigger))]),
    );
    const tiers = new Map<Step, number>();
    let waiting = steps;
    while (waiting.length > 0) {
        const ready = waiting.filter((step) => before.get(step)!.every((other) => tiers.has(other)));
        if (ready.length === 0) {
            reportLoops(waiting, before, report);
            break;
        }
        for (const step of ready) {
            tiers.set(step, 1 + Math.max(0, ...before.get(step)!.map((other) => tiers.get(other)!)));
        }
        waiting = waiting.filter((step) => !tiers.has(step));
    }
    return tiers;
}

/** Reports triggers under which no member writes: in a bucket that nobody else writes to, they are misspelt. */
export function checkTriggersAreFed(steps: Step[], members: Member[], report: Report): void {
    const written = members.map(({ output }) => output.prefix).filter((prefix) => prefix !== "");
    const triggers = new Map(steps.map(({ trigger }) => [trigger.path, trigger]));
    for (const trigger of triggers.values()) {
        if (trigger.prefix !== "" && !members.some(({ output }) => overlap(output, trigger))) {
            const meant = nearest(trigger.prefix, written);
            const advice = meant === undefined ? `start from one of ${quoted(written)}` : `did you mean \`${meant}\`?`;
            report(trigger.path, `nothing in this pipeline writes under \`${trigger.prefix}\`: ${advice}`);
        }
    }
}

function reportLoops(steps: Step[], before: Predecessors, report: Report): void {
    const reported = new Set<Step>();
    for (const step of steps) {
        const loop = reported.has(step) ? undefined : shortestLoop(step, before);
        if (loop !== undefined) {
            loop.forEach((member) => void reported.add(member));
            report(
                step.output.path,
                `makes a loop, ${print(loop)}: let one of them write under a prefix that starts none of the others`,
            );
        }
    }
}

/** The steps of the shortest way from a step to itself; found backwards, breadth first. */
function shortestLoop(step: Step, before: Predecessors): Step[] | undefined {
    const visited = new Set<Step>();
    let ways = [[step]];
    while (ways.length > 0) {
        const longer = ways.flatMap((way) => before.get(way[0]!)!.map((other) => [other, ...way]));
        const closed = longer.find(([first]) => first === step);
        if (closed !== undefined) {
            return closed.slice(0, -1);
        }
        ways = longer.filter(([first]) => !visited.has(first!) && visited.add(first!));
    }
    return undefined;
}

/** `"raw/x/" → query a → "processed/a/" → query b → "raw/x/"`, with the trigger where it differs from the output. */
function print(loop: Step[]): string {
    const hops = loop.map(({ kind, name, output }, index) => {
        const { trigger } = loop[(index + 1) % loop.length]!;
        const under = trigger.prefix === output.prefix ? "" : ` (trigger "${trigger.prefix}")`;
        return `${kind} ${name} → "${output.prefix}"${under}`;
    });
    return [`"${loop[0]!.trigger.prefix}"`, ...hops].join(" → ");
}
