/** The name that was most likely meant by `given`, if one is near: other case, beginning of the name, or a slip. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
    const wanted = given.toLowerCase();
    let best: string | undefined;
    let least = Math.floor(wanted.length / 3) + 1;
    for (const name of names) {
        const distance = distanceBetween(wanted, name.toLowerCase());
        if (distance < least) [best, least] = [name, distance];
    }
    return best;
}

function distanceBetween(wanted: string, name: string): number {
    return name !== wanted && name.startsWith(wanted) ? 1 : levenshtein(wanted, name);
}

/** How many characters must be put in, taken out or exchanged to make `b` of `a`. */
function levenshtein(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i++) {
        const above = row;
        row = [i];
        for (let j = 1; j <= b.length; j++) {
            const exchange = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
            row.push(Math.min(exchange, above[j]! + 1, row[j - 1]! + 1));
        }
    }
    return row[b.length]!;
}
