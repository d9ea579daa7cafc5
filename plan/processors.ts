import type { ProcessorShape } from "./arguments";
import { checkColumns } from "./columns";
import type { Step } from "./graph";
import type { Place } from "./member";
import { checkName } from "./names";
import { checkPrefix } from "./prefixes";
import { inside, type Report } from "./problems";
import { checkInteger, checkObject } from "./shapes";
import { checkProcessorBatch } from "./subscription";

/** Seconds that the function which calls a processor has beyond the processor's own: to start both, and for the ledger. */
export const processorMargin = 30;
/** Lambda's most. */
const longestTimeout = 900;

const timeouts = {
    from: 1,
    to: longestTimeout - processorMargin,
    why: `must be a whole number from 1 to ${longestTimeout - processorMargin}: what calls it needs the rest of Lambda's ${longestTimeout} seconds`,
};

/** Checks a processor by itself. */
export function draftProcessor(processor: ProcessorShape, trigger: Place, path: string, report: Report): Step {
    const name = checkName(processor.name, inside(path, "name"), report);
    checkProcessorTimeout(processor.timeout, inside(path, "timeout"), report);
    checkProcessorBatch(processor, path, report);
    const outputPath = inside(path, "output");
    const args = processor.output ?? {};
    checkObject(args, outputPath, report);
    const prefixPath = inside(outputPath, "prefix");
    const prefix =
        args.prefix === undefined ? name && `processed/v0/${name}/` : checkPrefix(args.prefix, prefixPath, report);
    const output = { prefix, path: prefixPath };
    const step: Step = { kind: "processor", name, namePath: inside(path, "name"), trigger, output };
    if (args.columns === undefined) {
        return step;
    }
    const columns = checkColumns(args.columns, inside(outputPath, "columns"), report);
    return { ...step, table: { name, prefix, columns } };
}

/** Checks the seconds of a processor. */
export function checkProcessorTimeout(timeout: unknown, path: string, report: Report): void {
    checkInteger(timeout, timeouts, path, report);
}
