import { QueryError } from "./errors";

const outOfRange = /value -?[\d.]+ can't be cast because the value is out of range/;
const severalRows = /More than one row returned by a subquery/;

/** An error of DuckDB in Trino's words; those that our macros and functions raise carry theirs. */
export function explained(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof QueryError || error.name === "AbortError") return error;
    const own = /\b([A-Z][A-Z_]{5,}): ([^\n]*?)(?:' to INT64\b.*)?(?=\n|$)/.exec(error.message);
    if (own) return new QueryError(own[1]!, own[2]!);
    if (severalRows.test(error.message))
        return new QueryError("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows");
    const [, kind = "", detail = error.message] = /^([\w ]+?) Error: ([^\n]*)/.exec(error.message) ?? [];
    const codes: Record<string, string> = {
        Conversion: outOfRange.test(error.message) ? "NUMERIC_VALUE_OUT_OF_RANGE" : "INVALID_CAST_ARGUMENT",
        "Out of Range": "NUMERIC_VALUE_OUT_OF_RANGE",
        "Invalid Input": "INVALID_FUNCTION_ARGUMENT",
    };
    return new QueryError(codes[kind] ?? "GENERIC_INTERNAL_ERROR", detail);
}
