import { notModelled, QueryError } from "./errors";

function invalid(detail: string): QueryError {
    return new QueryError("INVALID_FUNCTION_ARGUMENT", detail);
}

const soundexDigits: Record<string, string> = Object.fromEntries(
    ["BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"].flatMap((letters, i) =>
        [...letters].map((letter) => [letter, `${i + 1}`]),
    ),
);

/** How a name sounds: its first letter and three digits. H and W do not part letters of one digit, vowels do. */
export function soundex(text: string): string {
    const letters = [...text.toUpperCase()].filter((letter) => /[A-Z]/.test(letter));
    if (letters.length === 0) return "";
    let code = letters[0]!;
    let last = soundexDigits[code];
    for (const letter of letters.slice(1)) {
        const digit = soundexDigits[letter];
        if (digit !== undefined && digit !== last) code += digit;
        if (letter !== "H" && letter !== "W") last = digit;
    }
    return code.slice(0, 4).padEnd(4, "0");
}

/** Whether the last digit is the check digit of those before. */
export function luhn(text: string): boolean {
    if (text === "") return false;
    if (!/^\d+$/.test(text)) throw invalid("Input contains non-digit character");
    const sum = [...text].reverse().reduce((total, digit, index) => {
        const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
        return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
}

const spans: [string, number][] = [
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
];

/** `1 hour, 2 minutes`. */
export function humanSeconds(seconds: number): string {
    if (!Number.isFinite(seconds)) throw invalid(`Invalid argument found: ${seconds}`);
    let rest = Math.round(Math.abs(seconds));
    const parts = spans.flatMap(([name, size]) => {
        const count = Math.floor(rest / size);
        rest -= count * size;
        return count === 0 ? [] : [`${count} ${name}${count === 1 ? "" : "s"}`];
    });
    return parts.length === 0 ? "0 seconds" : parts.join(", ");
}

const prefixes = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

/** The bytes of `2.3MB`, without their fraction. */
export function dataSize(text: string): string {
    const [, whole, fraction = "", unit = ""] = /^(\d+)(?:\.(\d+))?([a-zA-Z]+)$/.exec(text) ?? [];
    const power = prefixes.indexOf(unit);
    if (whole === undefined || power < 0) throw invalid(`Invalid data size: '${text}'`);
    return String((BigInt(whole + fraction) * 1024n ** BigInt(power)) / 10n ** BigInt(fraction.length));
}

const durations: Record<string, number> = {
    ...{ ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** The milliseconds of `1.5h`. */
export function duration(text: string): bigint {
    const [, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$/.exec(text) ?? [];
    if (number === undefined) throw invalid(`duration is not a valid data duration string: ${text}`);
    const size = durations[unit];
    if (size === undefined) throw invalid(`Unknown time unit: ${unit}`);
    return BigInt(Math.round(Number(number) * size));
}

/** A decimal cut behind `count` digits of its fraction. */
export function truncated(text: string, count: bigint): string {
    const [, sign, whole = "", fraction = ""] = /^(-?)(\d*)(?:\.(\d+))?$/.exec(text)!;
    const digits = Number(count);
    if (digits >= 0) return `${sign}${whole}.${fraction.slice(0, digits)}0`;
    return `${sign}0${whole.slice(0, Math.max(0, whole.length + digits))}${"0".repeat(Math.min(-digits, whole.length))}`;
}

/** Bytes as text; every sequence that is none becomes the replacement. */
export function decoded(hex: string, replacement: string): string {
    if ([...replacement].length > 1) throw invalid("Replacement character string must empty or a single character");
    const text = Buffer.from(hex, "hex").toString("utf8");
    if (replacement !== "\ufffd" && hex.includes("EFBFBD")) throw notModelled("from_utf8 of a replacement character");
    return text.replaceAll("\ufffd", replacement);
}
