/** Dates and times, in AssemblyScript: those that `scan-value.ts` takes. */
import { colon, failed, minus, point, skipDigits, space, zero } from "./bytes";

export const upperT: u8 = 0x54;
export const upperZ: u8 = 0x5a;

/** Of `YYYY-MM-DD`. */
export const dateBytes: usize = 10;

/** Whether `YYYY-MM-DD` is there, a day that its month has in every year. */
export function isDate(start: usize): bool {
    if (!areDigits(start, 0b11_0110_1111)) return false;
    const month = number(start + 5);
    return (
        number(start) + number(start + 2) > 0 &&
        load<u8>(start + 4) === minus &&
        month - 1 < 12 &&
        load<u8>(start + 7) === minus &&
        number(start + 8) - 1 < daysOf(month)
    );
}

function daysOf(month: u32): u32 {
    return month === 2 ? 28 : 30 + ((month ^ (month >> 3)) & 1);
}

/** Past ` HH:MM:SS`, and a fraction of up to nine digits; or the same in ISO 8601, with `T` and `Z`. */
export function skipClock(start: usize): usize {
    const isIso = load<u8>(start) === upperT;
    const isTime =
        (isIso || load<u8>(start) === space) &&
        areDigits(start + 1, 0b1101_1011) &&
        number(start + 1) < 24 &&
        load<u8>(start + 3) === colon &&
        number(start + 4) < 60 &&
        load<u8>(start + 6) === colon &&
        number(start + 7) < 60;
    if (!isTime) return failed;
    let end = start + 9;
    if (load<u8>(end) === point) {
        const digits = <u32>(skipDigits(end + 1) - end - 1);
        if (digits - 1 >= 9) return failed;
        end += 1 + digits;
    }
    if (!isIso) return end;
    return load<u8>(end) === upperZ ? end + 1 : failed;
}

/** Whether the bytes from there are digits wherever the pattern has a one; its lowest bit stands for the first. */
function areDigits(start: usize, pattern: i32): bool {
    const fromZero = i8x16.sub(v128.load(start), i8x16.splat(zero));
    return (i8x16.bitmask(i8x16.lt_u(fromZero, i8x16.splat(10))) & pattern) === pattern;
}

/** What two digits say. */
function number(start: usize): u32 {
    return 10 * <u32>load<u8>(start) + load<u8>(start + 1) - 11 * <u32>zero;
}
