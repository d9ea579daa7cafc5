/**
 * Exact sums: numbers as multiples of 10^-15. DynamoDB holds 38 digits, so that a sum has 23 digits before the point,
 * room for ten thousand times the largest summand.
 */

const places = 15;
const longestWhole = 19;

/** One. */
export const unit = 10n ** BigInt(places);

/**
 * A JSON number; what is behind the 15th digit after the point is rounded, halves away from zero. Undefined if it has
 * more than 19 digits before the point.
 */
export function fixedPoint(literal: string): bigint | undefined {
    const [, sign, whole, fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal)!;
    const digits = `${whole}${fraction}`.replace(/^0+/, "");
    if (digits === "") return 0n;
    const point = digits.length - fraction.length + Number(power);
    if (point > longestWhole) return undefined;
    if (point < -places) return 0n;
    // The digits up to the last place, and one more that says whether to round up.
    const kept = digits.slice(0, point + places).padEnd(point + places, "0");
    const next = digits[point + places] ?? "0";
    const value = BigInt(kept) + (next >= "5" ? 1n : 0n);
    return sign === "-" ? -value : value;
}

/** As DynamoDB takes it. */
export function printFixedPoint(value: bigint): string {
    const digits = String(value < 0n ? -value : value).padStart(places + 1, "0");
    const fraction = digits.slice(-places).replace(/0+$/, "");
    return `${value < 0n ? "-" : ""}${digits.slice(0, -places)}${fraction && `.${fraction}`}`;
}
