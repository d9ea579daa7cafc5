import { AwsError } from "../../runtime";

/** A number as DynamoDB keeps it: `digits` × 10^`exponent`, without trailing zeros in the digits. */
interface Decimal {
    digits: bigint;
    exponent: number;
}

const longest = 38;
const largestMagnitude = 126;
const smallestMagnitude = -130;

/** A number in the one spelling that DynamoDB answers it in; refuses what DynamoDB can't hold. */
export function canonical(text: string): string {
    return print(parse(text));
}

export function add(a: string, b: string): string {
    const [left, right] = [parse(a), parse(b)];
    const exponent = Math.min(left.exponent, right.exponent);
    const digits = scaled(left, exponent) + scaled(right, exponent);
    return print(checked(trimmed({ digits, exponent })));
}

export function subtract(a: string, b: string): string {
    return add(a, b.startsWith("-") ? b.slice(1) : `-${b}`);
}

/** Negative, zero or positive, as `sort` takes it. */
export function compare(a: string, b: string): number {
    const [left, right] = [parse(a), parse(b)];
    const exponent = Math.min(left.exponent, right.exponent);
    const difference = scaled(left, exponent) - scaled(right, exponent);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Bytes that a number takes in an item: about one for every two digits, and one. */
export function sizeOf(text: string): number {
    const { digits } = parse(text);
    return Math.ceil(String(digits < 0n ? -digits : digits).length / 2) + 1 + (digits < 0n ? 1 : 0);
}

function parse(text: string): Decimal {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/.exec(text);
    const [, sign = "", whole = "", fraction = "", power = "0"] = match ?? [];
    if (!match || whole + fraction === "") {
        throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
    }
    const digits = BigInt(`${whole}${fraction}`);
    const signed = sign === "-" ? -digits : digits;
    return checked(trimmed({ digits: signed, exponent: Number(power) - fraction.length }));
}

function trimmed({ digits, exponent }: Decimal): Decimal {
    if (digits === 0n) return { digits, exponent: 0 };
    const text = String(digits);
    const zeros = text.length - text.replace(/0+$/, "").length;
    return { digits: BigInt(text.slice(0, text.length - zeros)), exponent: exponent + zeros };
}

function checked(value: Decimal): Decimal {
    const length = String(value.digits).replace("-", "").length;
    const magnitude = length + value.exponent - 1;
    if (value.digits === 0n) return value;
    if (magnitude >= largestMagnitude) {
        throw invalid("Number overflow. Attempting to store a number with magnitude larger than supported range");
    }
    if (magnitude < smallestMagnitude) {
        throw invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range");
    }
    if (length > longest) throw invalid("Attempting to store more than 38 significant digits in a Number");
    return value;
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
    return digits * 10n ** BigInt(exponent - to);
}

function print({ digits, exponent }: Decimal): string {
    const sign = digits < 0n ? "-" : "";
    const text = String(digits).replace("-", "");
    if (exponent >= 0) return sign + text + "0".repeat(digits === 0n ? 0 : exponent);
    const padded = text.padStart(1 - exponent, "0");
    return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

function invalid(message: string): AwsError {
    return new AwsError("ValidationException", message);
}
