/** What is wrong with one argument. */
export interface Problem {
    /** The argument, as the program spells it: `queries["raw/v0/pings/"][0].output.prefix`; empty for all of them. */
    path: string;
    /** What is wrong with it and what to do. */
    message: string;
}

/** Takes a problem: the argument's path, what is wrong with it and what to do. */
export type Report = (path: string, message: string) => void;

/** Arguments that cannot be deployed, with all that is wrong with them. */
export class PlanError extends Error {
    override readonly name = "PlanError";
    /** Pulumi prints an error that has this by its message, without a stack. */
    readonly __pulumiRunError = true;

    constructor(readonly problems: readonly Problem[]) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        const lines = problems.map(({ path, message }) => `  ${path}${path && ": "}${message}`);
        super([`${count} in the arguments:`, ...lines].join("\n"));
    }
}

/** Does checking work to its end, then throws one PlanError if it reported anything. */
export function checked<T>(work: (report: Report) => T): T {
    const problems: Problem[] = [];
    const result = work((path, message) => problems.push({ path, message }));
    if (problems.length > 0) {
        throw new PlanError(problems);
    }
    return result;
}

/** The path of an argument inside another: `.name`, `["raw/v0/pings/"]` or `[0]`. */
export function inside(path: string, ...keys: (string | number)[]): string {
    return keys.reduce<string>((parent, key) => {
        if (typeof key === "string" && /^[A-Za-z_]\w*$/.test(key)) {
            return parent === "" ? key : `${parent}.${key}`;
        }
        return `${parent}[${JSON.stringify(key)}]`;
    }, path);
}

/** What a parser throws at text that it cannot read; whoever knows the argument's path reports it. */
export class SyntaxProblem extends Error {}

/** The parser's result, or undefined after its problem was reported; `warn` takes problems that it can read past. */
export function parsed<T>(path: string, report: Report, parse: (warn: (message: string) => void) => T): T | undefined {
    const warn = (message: string) => report(path, message);
    try {
        return parse(warn);
    } catch (error) {
        if (!(error instanceof SyntaxProblem)) {
            throw error;
        }
        warn(error.message);
        return undefined;
    }
}
