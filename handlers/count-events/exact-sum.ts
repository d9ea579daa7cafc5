import { unit } from "../shared/fixed-point";

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
/** Longer ones have more digits than a sum of them could hold. */
const longestNumber = 15;
/** Below it, another number leaves a sum exact. */
const mostExact = 2 ** 52;

/** Whether a sum can be told of a number that is spelled with so many bytes. */
export function isShort(bytes: number): boolean {
    return bytes <= longestNumber;
}

/** Adds up short decimal numbers by their digits: exactly, and without a big integer for each. */
export class ExactSum {
    /** By the number of digits behind the point: the numbers without their points, added up. */
    private readonly parts = new Float64Array(longestNumber);
    private total = 0n;

    /** Adds a short number, which has no exponent. */
    add(bytes: Buffer, start: number, end: number): void {
        let digits = 0;
        let pointAt = end - 1;
        for (let at = start; at < end; at++) {
            const byte = bytes[at]!;
            if (byte === point) pointAt = at;
            else if (byte !== minus) digits = 10 * digits + byte - zero;
        }
        const places = end - 1 - pointAt;
        this.parts[places]! += bytes[start] === minus ? -digits : digits;
        if (Math.abs(this.parts[places]!) > mostExact) this.carry();
    }

    /** As a multiple of 10^-15. */
    get value(): bigint {
        this.carry();
        return this.total;
    }

    private carry(): void {
        for (const [places, part] of this.parts.entries()) this.total += (BigInt(part) * unit) / 10n ** BigInt(places);
        this.parts.fill(0);
    }
}
