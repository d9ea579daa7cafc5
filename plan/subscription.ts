import { checked, inside, type Report } from "./problems";
import { checkInteger, isDeferred } from "./shapes";

/** Most messages that Lambda takes from a queue at once without waiting for more. */
const mostWithoutWindow = 10;

const sizes = { from: 1, to: 10_000, why: "must be a whole number from 1 to 10000" };
const windows = { from: 0, to: 300, why: "must be a whole number of seconds from 0 to 300" };
const concurrencies = { from: 2, to: 1000, why: "must be a whole number from 2 to 1000" };

/** How messages are handed to a function. */
export interface BatchShape {
    batchSize?: unknown;
    batchWindow?: unknown;
    maximumConcurrency?: unknown;
}

/** Checks a subscription by itself; throws a PlanError that lists all problems. */
export function planSubscription(batch: BatchShape): void {
    checked((report) => checkBatch(batch, "", report));
}

/** Checks how messages are handed to a function: Lambda refuses large batches that it may not wait for. */
export function checkBatch(
    { batchSize, batchWindow = 0, maximumConcurrency }: BatchShape,
    path: string,
    report: Report,
) {
    checkInteger(batchSize, sizes, inside(path, "batchSize"), report);
    checkInteger(batchWindow, windows, inside(path, "batchWindow"), report);
    checkInteger(maximumConcurrency, concurrencies, inside(path, "maximumConcurrency"), report);
    if (!isDeferred(batchSize) && Number(batchSize) > mostWithoutWindow && batchWindow === 0) {
        report(
            inside(path, "batchSize"),
            `more than ${mostWithoutWindow} messages need a \`batchWindow\` of a second or more, in which Lambda collects them`,
        );
    }
}

const processorSizes = {
    from: 1,
    to: mostWithoutWindow,
    why: `must be a whole number from 1 to ${mostWithoutWindow}: Lambda would have to wait for more`,
};

/** Checks how messages are handed to a processor, for which nobody waits. */
export function checkProcessorBatch({ batchSize, maximumConcurrency }: BatchShape, path: string, report: Report): void {
    checkInteger(batchSize, processorSizes, inside(path, "batchSize"), report);
    checkInteger(maximumConcurrency, concurrencies, inside(path, "maximumConcurrency"), report);
}
