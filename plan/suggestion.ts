/** Ends an "unknown …" message: the candidate that was probably meant, else all of them. */
export function suggestion(word: string, candidates: readonly string[]): string {
    const near = nearest(word, candidates);
    return near === undefined ? `there is ${quoted(candidates)}` : `did you mean \`${near}\`?`;
}

/** The words in backquotes, with commas. */
export function quoted(words: readonly string[]): string {
    return words.map((word) => `\`${word}\``).join(", ");
}

/** The candidate with the fewest edits from the word, at most one for each three of its characters. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
    const ranked = candidates
        .map((candidate) => ({ candidate, edits: edits(word, candidate) }))
        .filter((entry) => entry.edits <= Math.max(1, word.length / 3))
        .sort((a, b) => a.edits - b.edits);
    return ranked[0]?.candidate;
}

/** Levenshtein's distance: insertions, deletions and replacements from one word to the other. */
function edits(from: string, to: string): number {
    let row = Array.from({ length: to.length + 1 }, (_, column) => column);
    for (let i = 1; i <= from.length; i++) {
        const next = [i];
        for (let j = 1; j <= to.length; j++) {
            const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
            next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
        }
        row = next;
    }
    return row[to.length]!;
}
