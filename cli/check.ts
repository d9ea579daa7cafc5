import { createColors } from "picocolors";
import { type CaptureOptions, capture, ProgramError } from "../local";
import type { Plan } from "../plan";
import { table } from "./print";

/** Options of `eventpipeline check`, as the command line gives them. */
export interface CheckOptions {
    json?: boolean;
    stack?: string;
    config: Record<string, string>;
}

/** Prints the program's plan, or everything that is wrong with it; 1 if something is. */
export async function check(
    program: string,
    options: CheckOptions,
    out: NodeJS.WritableStream & { isTTY?: boolean } = process.stdout,
): Promise<number> {
    try {
        const plans = await plansOf({ program, stack: options.stack, config: options.config });
        out.write(options.json ? json({ ok: true, plans }) : describe(plans, out.isTTY === true));
        return 0;
    } catch (error) {
        if (!(error instanceof ProgramError)) throw error;
        const { message, problems } = error;
        out.write(options.json ? json({ ok: false, message, problems }) : `${message}\n`);
        return 1;
    }
}

/** The plans of the program's pipelines, by name: each is an input of its component. */
async function plansOf(options: CaptureOptions): Promise<Record<string, Plan>> {
    const { components } = await capture(options);
    const pipelines = components.filter(({ type }) => type === "eventpipeline:index:EventPipeline");
    return Object.fromEntries(pipelines.map(({ name, inputs }) => [name, inputs.plan as Plan]));
}

function describe(plans: Record<string, Plan>, isTerminal: boolean): string {
    const { bold } = createColors(isTerminal);
    const sections = Object.entries(plans).map(([name, plan]) => {
        const steps = [
            ...plan.queries.map(({ name, tier, trigger, output, minimumInterval }) => [
                tier,
                trigger,
                minimumInterval === undefined ? `query ${name}` : `query ${name}, every ${minimumInterval} s at most`,
                `${output.prefix} (${output.mode})`,
            ]),
            ...plan.processors.map(({ name, trigger, outputPrefix }) => [
                "",
                trigger,
                `processor ${name}`,
                outputPrefix,
            ]),
            ...plan.rollups.map(({ name, trigger, by, interval, sum }) => [
                "",
                trigger,
                `rollup ${name}`,
                `count${sum.map((column) => `, sum_${column.name}`).join("")} by ${by.map((column) => column.name).join(", ")} and ${interval}`,
            ]),
        ];
        const tables = plan.tables.map(({ name, prefix, columns, partition }) => [
            name,
            prefix,
            partition?.columns.join(", ") ?? "",
            columns.map((column) => `${column.name} ${column.hiveType}`).join(", "),
        ]);
        return [
            `${bold(name)}: no problems\n`,
            table(["table", "objects under", "partitioned by", "columns"], tables),
            ...(steps.length > 0 ? ["", table(["tier", "new objects under", "start", "which writes"], steps)] : []),
        ].join("\n");
    });
    return sections.length > 0
        ? `${sections.join("\n\n")}\n`
        : "The program has no EventPipeline; its resources are fine.\n";
}

function json(document: unknown): string {
    return `${JSON.stringify(document, undefined, 2)}\n`;
}
