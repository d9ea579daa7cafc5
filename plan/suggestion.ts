import { distance } from "fastest-levenshtein";

/** Ends an "unknown …" message: the candidate that was probably meant, else all of them. */
export function suggestion(word: string, candidates: readonly string[]): string {
    const near = nearest(word, candidates);
    return near === undefined ? `there is ${quoted(candidates)}` : `did you mean \`${near}\`?`;
}

/** The words in backquotes, with commas. */
export function quoted(words: readonly string[]): string {
    return words.map((word) => `\`${word}\``).join(", ");
}

/** The candidate with the fewest edits from the word, at most one for every three of its characters begun. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
    const ranked = candidates
        .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
        .filter((entry) => entry.edits <= Math.ceil(word.length / 3))
        .sort((a, b) => a.edits - b.edits);
    return ranked[0]?.candidate;
}
