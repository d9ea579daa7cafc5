import { distance } from "fastest-levenshtein";

/** The name that was most likely meant by `given`, if one is near: other case, beginning of the name, or a slip. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
    const wanted = given.toLowerCase();
    let best: string | undefined;
    let least = Math.floor(wanted.length / 3) + 1;
    for (const name of names) {
        const edits = editsBetween(wanted, name.toLowerCase());
        if (edits < least) [best, least] = [name, edits];
    }
    return best;
}

function editsBetween(wanted: string, name: string): number {
    return name !== wanted && name.startsWith(wanted) ? 1 : distance(wanted, name);
}
