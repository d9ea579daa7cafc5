import type { BooksShape } from "./arguments";
import { checked, inside, type Report } from "./problems";
import { checkInteger, checkObject, checkSwitch } from "./shapes";

const after = { from: 30, to: 1440, why: "must be a whole number of minutes from 30 to 1440 (a day)" };

/** Checks the books by themselves and says whether they are made up every hour; throws a PlanError that lists all problems. */
export function planBooks(books: BooksShape): boolean {
    return checked((report) => checkBooks(books, true, "", report));
}

/** Checks when the books are made up; says whether that is every hour. */
export function checkBooks(books: BooksShape | undefined, hasIngests: boolean, path: string, report: Report): boolean {
    if (books === undefined || !checkObject(books, path, report)) return hasIngests;
    if (!hasIngests) {
        report(path, "is for the events of ingests, and there are none: name one, or leave it out");
    }
    const { hourly = true, afterMinutes } = books;
    checkSwitch(hourly, inside(path, "hourly"), report);
    checkInteger(afterMinutes, after, inside(path, "afterMinutes"), report);
    return hourly;
}
