/** Cells of numbers and booleans, in the language of `shared/scalars.ts`. */

import { minus, point, quote, zero } from "../../shared/kernel/bytes";
import { falseCell, nullText, trueCell } from "./spellings";
import { endCell, inputEnd, limit, Stop, stop } from "./state";

const mostStates: i32 = 64;
/** The state machine of `shared/scalars.ts`. */
export const transitions = memory.data(256 * mostStates);
export const outcomes = memory.data(mostStates);
export let numberStart: u32 = 0;
export let booleanStart: u32 = 0;

/** What becomes of a text that ends in a state; as in `shared/scalars.ts`. */
enum Outcome {
    Refused,
    Kept,
    Null,
}

/** In which states texts begin. */
export function setStarts(ofNumber: u32, ofBoolean: u32): void {
    numberStart = ofNumber;
    booleanStart = ofBoolean;
}

/**
 * The length of a cell that holds a number of less than 32 bytes without an exponent; 0 if it may be anything else. That no
 * quote follows is for who looks for a comma.
 */
export function shortNumber(start: usize): usize {
    const text = start + 1;
    const first = v128.load(text);
    let quotes = quotePlaces(first);
    let others = ~digitPlaces(first);
    if (quotes === 0) {
        const second = v128.load(text, 16);
        quotes = quotePlaces(second) << 16;
        others &= ~(digitPlaces(second) << 16);
    }
    const length = ctz(quotes);
    if (length === 32) return 0;
    const sign = <i32>(load<u8>(text) === minus);
    others &= ~sign;
    const whole = ctz(others);
    if (whole === sign || (whole > sign + 1 && load<u8>(text + sign) === zero)) return 0;
    if (whole === length) return length + 2;
    const isFraction = load<u8>(text + whole) === point && length > whole + 1;
    return isFraction && ctz(others & (others - 1)) === length ? length + 2 : 0;
}

/** One bit for each byte, the first one lowest. */
function quotePlaces(bytes: v128): i32 {
    return i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(quote)));
}

function digitPlaces(bytes: v128): i32 {
    return i8x16.bitmask(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(zero)), i8x16.splat(10)));
}

/** The same of a boolean. */
export function shortBoolean(start: usize): usize {
    const bytes = load<u64>(start);
    const lengthOfTrue: usize = bytes << 16 === trueCell ? 6 : 0;
    return bytes << 8 === falseCell ? 7 : lengthOfTrue;
}

/** Copies any number or boolean. */
export function copyScalar(start: usize, out: usize, startState: u32): usize {
    let at = start + 1;
    let to = out;
    let state = startState;
    for (let byte = load<u8>(at++); byte !== quote; byte = load<u8>(at++)) {
        if (to > limit) return stop(Stop.Full);
        store<u8>(to++, byte);
        state = load<u8>(transitions + ((state << 8) | byte));
    }
    const isQuoted = load<u8>(at) === quote;
    if (isQuoted && at >= inputEnd) return stop(Stop.End);
    const outcome: Outcome = load<u8>(outcomes + state);
    if (isQuoted || outcome === Outcome.Refused) return stop(Stop.Odd);
    if (outcome === Outcome.Kept) return endCell(at, to);
    store<u32>(out, nullText);
    return endCell(at, out + 4);
}
