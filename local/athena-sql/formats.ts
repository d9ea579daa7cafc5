import { notModelled, QueryError } from "./errors";

/** MySQL's letters, as `date_format` and `date_parse` take them, in DuckDB's. */
const mysql: Record<string, string> = {
    ...{
        a: "%a",
        b: "%b",
        c: "%-m",
        d: "%d",
        e: "%-d",
        f: "%f",
        H: "%H",
        h: "%I",
        I: "%I",
        i: "%M",
        j: "%j",
        k: "%-H",
    },
    ...{
        l: "%-I",
        M: "%B",
        m: "%m",
        p: "%p",
        r: "%I:%M:%S %p",
        S: "%S",
        s: "%S",
        T: "%H:%M:%S",
        v: "%V",
        W: "%A",
        Y: "%Y",
    },
    ...{ y: "%y", "%": "%%" },
};

/** Letters that Joda's patterns repeat, as `format_datetime` takes them, in DuckDB's. */
const joda: Record<string, string> = {
    ...{
        yyyy: "%Y",
        yy: "%y",
        MM: "%m",
        M: "%-m",
        MMM: "%b",
        MMMM: "%B",
        dd: "%d",
        d: "%-d",
        HH: "%H",
        H: "%-H",
        hh: "%I",
    },
    ...{
        h: "%-I",
        mm: "%M",
        m: "%-M",
        ss: "%S",
        s: "%-S",
        SSS: "%g",
        a: "%p",
        EEE: "%a",
        EEEE: "%A",
        DDD: "%j",
        ww: "%V",
    },
};

/** What DuckDB's `strptime` reads as Trino does. */
const parsed = new Set([..."YmdHiSsTMbcekf%"]);

/** A MySQL format as one of DuckDB's `strftime`. */
export function mysqlFormat(format: string, at: number): string {
    return letters(format, (letter) => {
        const known = mysql[letter];
        if (known === undefined && /[DUuVwXx]/.test(letter))
            throw new QueryError("INVALID_FUNCTION_ARGUMENT", `%${letter} not supported in date format string`, at);
        return known ?? letter;
    });
}

/** A MySQL format as one of DuckDB's `strptime`. */
export function mysqlParseFormat(format: string, at: number): string {
    return letters(format, (letter) => {
        if (!parsed.has(letter)) throw notModelled(`%${letter} in date_parse`, at);
        return mysql[letter]!.replace("-", "");
    });
}

function letters(format: string, translate: (letter: string) => string): string {
    return format.replace(/%(.)|%$/gs, (_, letter?: string) => (letter === undefined ? "%%" : translate(letter)));
}

/** A Joda pattern as a format of DuckDB's `strftime`. */
export function jodaFormat(pattern: string, at: number): string {
    return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*|%/g, (token, quoted?: string) => {
        if (token === "''") return "'";
        if (quoted !== undefined) return quoted.replaceAll("''", "'").replaceAll("%", "%%");
        if (token === "%") return "%%";
        const known = joda[token];
        if (known === undefined) throw notModelled(`'${token}' in a date pattern`, at);
        return known;
    });
}

/** Parses with the letters of `joda` that have a fixed width. */
export function jodaParseFormat(pattern: string, at: number): string {
    const format = jodaFormat(pattern, at);
    if (/%[yIpaAjVbBg-]/.test(format)) throw notModelled(`the pattern '${pattern}' in parse_datetime`, at);
    return format;
}
