import type { ReconcileShape } from "./arguments";
import { checked, inside, type Report } from "./problems";
import { checkInteger, checkObject, checkSwitch } from "./shapes";

/** Objects that are listed together to be compared with the ledger. */
export interface PlannedListing {
    /** Start of their keys. */
    prefix: string;
    /** Folders of the time of writing, which make it needless to list all; absent where there are none. */
    folders?: TimeFolders;
}

/** Folders of the time at which objects were written. */
export interface TimeFolders {
    /** Start of the keys, before the folders. */
    prefix: string;
    /** `arrival_hour`, `hive_hour` or `run_date`. */
    layout: string;
}

/** How the objects are compared with the ledger. */
export interface PlannedReconciliation {
    hourly: boolean;
    listings: PlannedListing[];
}

const after = { from: 15, to: 1440, why: "must be a whole number of minutes from 15 to 1440 (a day)" };
const lookback = { from: 1, to: 1440, why: "must be a whole number of hours from 1 to 1440 (60 days)" };

/** Checks a reconciliation by itself and works out what it lists; throws a PlanError that lists all problems. */
export function planReconciliation(
    reconcile: ReconcileShape,
    subscribers: { trigger: string }[],
    folders: TimeFolders[],
): PlannedReconciliation {
    return checked((report) => {
        const hourly = checkReconcile(reconcile, subscribers.length > 0, "", report);
        return {
            hourly,
            listings: listingsOf(
                subscribers.map(({ trigger }) => trigger),
                folders,
            ),
        };
    });
}

/** Checks when and how far back objects are compared; says whether that is every hour. */
export function checkReconcile(
    reconcile: ReconcileShape | undefined,
    hasSubscribers: boolean,
    path: string,
    report: Report,
): boolean {
    if (reconcile === undefined || !checkObject(reconcile, path, report)) {
        return hasSubscribers;
    }
    if (!hasSubscribers) {
        report(
            path,
            "is for what keeps books of its objects, and there is nothing that does: name a query, a rollup or a processor, or leave it out",
        );
    }
    const { hourly = true, afterMinutes = 60, lookbackHours = 48 } = reconcile;
    checkSwitch(hourly, inside(path, "hourly"), report);
    const isAfter = checkInteger(afterMinutes, after, inside(path, "afterMinutes"), report);
    const isLookback = checkInteger(lookbackHours, lookback, inside(path, "lookbackHours"), report);
    if (isAfter && isLookback && Number(afterMinutes) >= 60 * Number(lookbackHours)) {
        report(
            inside(path, "lookbackHours"),
            `must be longer than the ${afterMinutes} minutes of \`afterMinutes\`: nothing would be looked at`,
        );
    }
    return hourly;
}

/** Each object in one listing: a trigger below another one's is listed with it. */
function listingsOf(triggers: string[], folders: TimeFolders[]): PlannedListing[] {
    const outermost = [...new Set(triggers)].filter(
        (trigger) => !triggers.some((other) => other !== trigger && trigger.startsWith(other)),
    );
    return outermost.sort().map((prefix) => {
        const own = folders.find((each) => prefix.startsWith(each.prefix));
        return { prefix, ...(own && { folders: own }) };
    });
}
