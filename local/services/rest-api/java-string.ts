/** The methods of Java's strings that templates call, by name. */
const methods: Record<string, (text: string, ...args: string[]) => unknown> = {
    contains: (text, part) => text.includes(part!),
    endsWith: (text, end) => text.endsWith(end!),
    equals: (text, other) => text === other,
    equalsIgnoreCase: (text, other) => text.toLowerCase() === other?.toLowerCase(),
    indexOf: (text, part) => text.indexOf(part!),
    isEmpty: (text) => text === "",
    length: (text) => text.length,
    matches: (text, pattern) => new RegExp(`^(?:${pattern})$`).test(text),
    replace: (text, from, to) => text.split(from!).join(to),
    replaceAll: (text, pattern, to) => text.replace(new RegExp(pattern!, "g"), literal(to!)),
    split: (text, pattern) => text.split(new RegExp(pattern!)),
    startsWith: (text, start) => text.startsWith(start!),
    substring: (text, from, to) => text.substring(Number(from), to === undefined ? undefined : Number(to)),
    toLowerCase: (text) => text.toLowerCase(),
    toString: (text: string) => text,
    toUpperCase: (text) => text.toUpperCase(),
    trim: (text) => text.trim(),
};

/** Calls a method of a string as Java would; one that is not modelled is refused by name. */
export function callString(text: string, name: string, args: unknown[]): unknown {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) throw new Error(`the method "${name}" of a string is not modelled on this machine`);
    return method(text, ...args.map(String));
}

/** Groups in replacements (`$1`) and escapes are Java's own: refused rather than guessed. */
function literal(replacement: string): () => string {
    if (/[$\\]/.test(replacement)) throw new Error(`the replacement "${replacement}" is not modelled on this machine`);
    return () => replacement;
}
