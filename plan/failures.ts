import type { FailuresShape } from "./arguments";
import { inside, type Report } from "./problems";
import { checkObject, isDeferred } from "./shapes";

/** Checks who hears of failed query runs; `hasQueries` says whether there are any. */
export function checkFailures(
    failures: FailuresShape | undefined,
    hasQueries: boolean,
    path: string,
    report: Report,
): void {
    if (failures === undefined || !checkObject(failures, path, report)) {
        return;
    }
    if (!hasQueries) {
        report(path, "is for query runs that failed, and there are no queries: leave it out");
    }
    const { emails = [] } = failures;
    if (!Array.isArray(emails)) {
        report(inside(path, "emails"), "must be a list");
        return;
    }
    emails.forEach((email, index) => {
        if (!isDeferred(email) && !/^[^@\s]+@[^@\s]+$/.test(String(email))) {
            report(inside(path, "emails", index), "must be an address such as `data@example.com`");
        }
    });
}
