/** A statement that Athena, or this runtime, does not run; `at` is the offset in the statement where the reason lies. */
export class QueryError extends Error {
    constructor(
        /** As Trino names it: `SYNTAX_ERROR`, `COLUMN_NOT_FOUND`, `DIVISION_BY_ZERO`. */
        readonly code: string,
        readonly detail: string,
        readonly at?: number,
    ) {
        super(`${code}: ${detail}`);
        this.name = "QueryError";
    }

    /** The reason with its place in `statement`: `line 1:8: Column 'x' cannot be resolved`. */
    describe(statement: string): string {
        return this.at === undefined ? this.detail : `${place(statement, this.at)}: ${this.detail}`;
    }
}

/** Refuses by name what Athena knows and this runtime does not. */
export function notModelled(what: string, at?: number): QueryError {
    return new QueryError("NOT_SUPPORTED", `${what} is not modelled locally`, at);
}

/** `line 2:5` for an offset in a text. */
function place(text: string, offset: number): string {
    const before = text.slice(0, offset).split("\n");
    return `line ${before.length}:${before.at(-1)!.length + 1}`;
}
