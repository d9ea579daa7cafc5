/** A text with `*` for any characters and `?` for one. */
export type Glob = (text: string) => boolean;

/** What a text with wildcards matches. */
export function glob(pattern: string, flags = ""): Glob {
    if (pattern === "*") return () => true;
    if (flags === "" && !/[*?]/.test(pattern)) return (text) => text === pattern;
    const source = pattern
        .split(/([*?])/)
        .map((part) => (part === "*" ? ".*" : part === "?" ? "." : part.replace(/[.+^${}()|[\]\\/]/g, "\\$&")))
        .join("");
    const expression = new RegExp(`^${source}$`, `s${flags}`);
    return (text) => expression.test(text);
}

const arnParts = 6;

/** What an ARN with wildcards matches: part by part, so that a `*` reaches over no colon but in the last. */
export function arnGlob(pattern: string): Glob {
    if (pattern === "*") return () => true;
    const patterns = splitArn(pattern);
    if (patterns.length < arnParts) return () => false;
    const matchers = patterns.map((part) => glob(part));
    return (text) => {
        const parts = splitArn(text);
        return parts.length === arnParts && matchers.every((matches, index) => matches(parts[index]!));
    };
}

function splitArn(arn: string): string[] {
    const parts = arn.split(":");
    return parts.length <= arnParts ? parts : [...parts.slice(0, arnParts - 1), parts.slice(arnParts - 1).join(":")];
}
