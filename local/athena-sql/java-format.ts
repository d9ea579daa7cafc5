import { notModelled, QueryError } from "./errors";
import { isFloating, isInteger, type Type, typeName } from "./types";

const specifier = /%(?:%|n|([-#+ 0,(]*)(\d*)(?:\.(\d+))?([A-Za-z]))/g;

/**
 * The conversions that a pattern of Java's `Formatter` has for its arguments; refuses what is not modelled, or does not
 * fit them.
 */
export function conversionsOf(pattern: string, types: Type[], at: number): string[] {
    const conversions: string[] = [];
    for (const [whole, flags, , , conversion] of pattern.matchAll(specifier)) {
        if (conversion === undefined) continue;
        const type = types[conversions.length];
        if (!type) throw new QueryError("INVALID_FUNCTION_ARGUMENT", `Invalid format string: ${pattern}: ${whole}`, at);
        if (!fits(conversion, type) || /[#+ (]/.test(flags!))
            throw notModelled(`${whole} of ${typeName(type)} in format`, at);
        conversions.push(conversion);
    }
    if (pattern.replace(specifier, "").includes("%")) throw notModelled(`the pattern '${pattern}' in format`, at);
    return conversions;
}

function fits(conversion: string, type: Type): boolean {
    switch (conversion) {
        case "s":
            return isInteger(type) || ["varchar", "boolean", "double", "decimal", "date"].includes(type.kind);
        case "d":
            return isInteger(type);
        case "f":
            return isFloating(type) || type.kind === "decimal";
        case "x":
        case "X":
            return type.kind === "bigint" || type.kind === "integer";
        default:
            return false;
    }
}

/** A pattern that `checkFormat` lets pass, with arguments as texts: numbers in plain digits. */
export function javaFormat(pattern: string, args: (string | null)[]): string {
    let next = 0;
    return pattern.replace(specifier, (whole, flags: string, width: string, digits: string, conversion?: string) => {
        if (whole === "%%") return "%";
        if (conversion === undefined) return "\n";
        const text = args[next++] ?? null;
        const value = text === null ? "null".slice(0, Number(digits ?? 4)) : converted(text, conversion, flags, digits);
        const size = Number(width || 0);
        if (flags.includes("-")) return value.padEnd(size);
        return text !== null && flags.includes("0") ? zeros(value, size) : value.padStart(size);
    });
}

function converted(text: string, conversion: string, flags: string, digits: string | undefined): string {
    switch (conversion) {
        case "d":
            return flags.includes(",") ? grouped(text) : text;
        case "f": {
            if (!/^-?[\d.]+$/.test(text)) return text;
            const number = rounded(text, Number(digits ?? 6));
            return flags.includes(",") ? grouped(number) : number;
        }
        case "x":
        case "X": {
            const hex = BigInt.asUintN(64, BigInt(text)).toString(16);
            return conversion === "x" ? hex : hex.toUpperCase();
        }
        default:
            return digits === undefined ? text : [...text].slice(0, Number(digits)).join("");
    }
}

function grouped(number: string): string {
    return number.replace(/^(-?)(\d+)/, (_, sign, whole) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

function zeros(value: string, size: number): string {
    const [, sign, rest] = /^(-?)(.*)$/s.exec(value)!;
    return sign! + rest!.padStart(size - sign!.length, "0");
}

/** Plain digits rounded half up to so many behind the point. */
function rounded(text: string, digits: number): string {
    const [, sign, whole, fraction = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(text)!;
    const kept = BigInt(whole! + fraction.padEnd(digits, "0").slice(0, digits));
    const value = String(kept + (Number(fraction[digits] ?? 0) >= 5 ? 1n : 0n)).padStart(digits + 1, "0");
    const point = value.length - digits;
    return `${sign}${value.slice(0, point)}${digits > 0 ? `.${value.slice(point)}` : ""}`;
}
