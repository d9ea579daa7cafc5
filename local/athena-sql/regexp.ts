import { Cache } from "./cache";
import { notModelled, QueryError } from "./errors";

const patterns = new Cache<RegExp>();
const wordCharacter = String.raw`[\p{L}\p{N}_]`;
const boundary = `(?:(?<=${wordCharacter})(?!${wordCharacter})|(?<!${wordCharacter})(?=${wordCharacter}))`;

/** A pattern of Java's syntax as one of JavaScript's that matches the same; what has no equal is refused. */
export function javaPattern(pattern: string): RegExp {
    return patterns.get(pattern, () => compiled(pattern));
}

function compiled(pattern: string): RegExp {
    const flags = /^\(\?([ism]+)\)/.exec(pattern);
    const set = new Set(flags?.[1] ?? "");
    const source = translate(pattern.slice(flags?.[0].length ?? 0), set);
    try {
        return new RegExp(source, `gu${set.has("i") ? "i" : ""}`);
    } catch (error) {
        throw new QueryError(
            "INVALID_FUNCTION_ARGUMENT",
            `the pattern '${pattern}' is wrong, or Java's syntax that is not modelled locally: ${(error as Error).message}`,
        );
    }
}

function translate(pattern: string, flags: Set<string>): string {
    let source = "";
    let inClass = false;
    for (let at = 0; at < pattern.length; at++) {
        const character = pattern[at]!;
        if (character === "\\") source += escaped(pattern[++at] ?? "", inClass);
        else if (inClass) {
            if (character === "[" || pattern.startsWith("&&", at))
                throw notModelled(`a nested character class in the pattern '${pattern}'`);
            inClass = character !== "]";
            source += character;
        } else if (character === "[") {
            inClass = true;
            source += character;
            if (pattern[at + 1] === "^") source += pattern[++at];
            if (pattern[at + 1] === "]")
                throw notModelled(`a character class that begins with ] in the pattern '${pattern}'`);
        } else source += anchor(character, flags);
    }
    return source;
}

/** `.` leaves out only `\n`, and `$` stands before a last `\n` too. */
function anchor(character: string, flags: Set<string>): string {
    if (character === ".") return flags.has("s") ? "[^]" : "[^\\n]";
    if (character === "$") return flags.has("m") ? "(?=\\n|(?![^]))" : "(?=\\n?(?![^]))";
    if (character === "^" && flags.has("m")) return "(?<=\\n|(?<![^]))";
    return character;
}

function escaped(letter: string, inClass: boolean): string {
    switch (letter) {
        case "s":
            return inClass ? "\\t-\\r " : "[\\t-\\r ]";
        case "S":
            if (inClass) throw notModelled("\\S in a character class");
            return "[^\\t-\\r ]";
        case "b":
            return inClass ? "\\b" : boundary;
        case "A":
            return "(?<![^])";
        case "z":
            return "(?![^])";
        case "Z":
            return "(?=\\n?(?![^]))";
    }
    if (/[A-Za-z0-9]/.test(letter) || letter === "") return `\\${letter}`;
    return /[\^$\\.*+?()[\]{}|/]/.test(letter) || (inClass && letter === "-") ? `\\${letter}` : letter;
}

/** `$1`, `${name}` and `\$` of Java's replacements. */
export function javaReplacement(text: string, match: RegExpExecArray): string {
    return text.replace(/\\(.)|\$(\d+)|\$\{(\w+)\}|([\\$])/gs, (_, plain, digits, name, stray) => {
        if (plain !== undefined) return plain;
        if (stray !== undefined) throw illegal("missing group reference");
        if (name !== undefined) {
            if (!match.groups || !(name in match.groups)) throw illegal(`unknown group ${name}`);
            return match.groups[name] ?? "";
        }
        // The longest number that is a group, as in Java.
        let size = digits.length;
        while (size > 1 && Number(digits.slice(0, size)) >= match.length) size--;
        const group = Number(digits.slice(0, size));
        if (group >= match.length) throw illegal(`unknown group ${group}`);
        return (match[group] ?? "") + digits.slice(size);
    });
}

function illegal(what: string): QueryError {
    return new QueryError("INVALID_FUNCTION_ARGUMENT", `Illegal replacement sequence: ${what}`);
}
