/** A string as a literal of DuckDB. NUL can't stand in one. */
export function quote(text: string): string {
    return text
        .split("\0")
        .map((part) => `'${part.replaceAll("'", "''")}'`)
        .join(" || chr(0) || ")
        .replace(/^.*chr\(0\).*$/s, (parts) => `(${parts})`);
}

/** A double as Java's `Double.toString` writes it: `0.5`, `1.0E10`. */
export function javaDouble(value: number): string {
    return java(value, shortest(value));
}

/** A REAL as Java's `Float.toString` writes it: the fewest digits that tell it from its neighbours. */
export function javaFloat(float: number): string {
    const value = Math.fround(float);
    let digits = 1;
    while (Number.isFinite(value) && Math.fround(Number(value.toExponential(digits))) !== value) digits++;
    return java(value, value.toExponential(digits));
}

/** A double as Trino's CAST to varchar writes it: `1.5E0`. */
export function castDouble(value: number): string {
    return scientific(value, shortest(value));
}

/** A REAL as Trino's CAST to varchar writes it: with no more than seven digits. */
export function castFloat(value: number): string {
    return scientific(value, Number(javaFloat(value)).toExponential(6));
}

/** The fewest digits that tell a double from its neighbours, but two where one would do, as in Java. */
function shortest(value: number): string {
    const exponential = value.toExponential();
    return exponential.includes(".") ? exponential : value.toExponential(1);
}

function java(value: number, exponential: string): string {
    const size = Math.abs(value);
    if (value === 0 || !Number.isFinite(value)) return special(value);
    if (size < 1e-3 || size >= 1e7) return scientific(value, exponential);
    const { sign, digits, exponent } = parts(exponential);
    if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
    return `${sign}${digits.slice(0, exponent + 1).padEnd(exponent + 1, "0")}.${digits.slice(exponent + 1) || "0"}`;
}

function scientific(value: number, exponential: string): string {
    if (value === 0) return "0E0";
    if (!Number.isFinite(value)) return special(value);
    const { sign, digits, exponent } = parts(exponential);
    return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
}

function special(value: number): string {
    if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
    return String(value);
}

function parts(exponential: string): { sign: string; digits: string; exponent: number } {
    const [, sign, first, rest, exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(exponential)!;
    return { sign: sign!, digits: first! + (rest ?? "").replace(/0+$/, ""), exponent: Number(exponent) };
}
