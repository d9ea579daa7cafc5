/** The body of a translated lambda, `lambda l1, l2: …`, with expressions in the places of its parameters. */
export function applied(lambda: string, ...values: string[]): string {
    const [, names, body] = /^lambda ([^:]*): (.*)$/s.exec(lambda)!;
    const places = new Map(names!.split(", ").map((name, index) => [name, values[index]!]));
    // Parameters have names that nothing else has, but a text may hold one.
    return body!.replace(/'(?:[^']|'')*'|\bl\d+\b/g, (token) => places.get(token) ?? token);
}

/** `value`, named for the expression that `body` makes of the name: it is computed once. */
export function bound(name: string, value: string, body: string): string {
    return `list_transform([${value}], lambda ${name}: ${body})[1]`;
}
