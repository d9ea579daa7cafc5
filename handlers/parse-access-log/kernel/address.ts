/** What is kept of a client's address. */

import { colon, failed, isDigit, point, skipDigits, zero } from "../../shared/kernel/bytes";
import { isIpv6, writeNetwork } from "./ipv6";
import { write, writeBytes } from "./output";

export enum Kept {
    Keep,
    Truncate,
    Drop,
}

const openBracket: u8 = 0x5b;
const closeBracket: u8 = 0x5d;

/** Writes what is kept of `address:port`. False if it is none, or one that has to be looked at more closely. */
export function writeAddress(start: usize, end: usize, kept: Kept): bool {
    const portColon = endOfIpv4(start);
    if (portColon === failed) return writeOther(start, end, kept);
    if (!isPort(portColon, end)) return false;
    if (kept === Kept.Keep) writeBytes(start, portColon);
    if (kept === Kept.Truncate) {
        let lastPart = portColon;
        while (load<u8>(lastPart - 1) !== point) lastPart--;
        writeBytes(start, lastPart);
        write(zero);
    }
    return true;
}

/** Where the address of IPv4 ends that begins there. */
function endOfIpv4(start: usize): usize {
    let at = start;
    for (let part = 0; part < 3; part++) {
        const partEnd = endOfPart(at);
        if (partEnd === failed || load<u8>(partEnd) !== point) return failed;
        at = partEnd + 1;
    }
    return endOfPart(at);
}

/** Past a number up to 255, without leading zeros. */
function endOfPart(start: usize): usize {
    let value: u32 = 0;
    let at = start;
    for (let byte = load<u8>(at); isDigit(byte) && value < 256; byte = load<u8>(++at))
        value = 10 * value + (byte - zero);
    const isSpelled = at === start + 1 || (at > start && load<u8>(start) !== zero);
    return isSpelled && value < 256 ? at : failed;
}

/** Whether there is a colon and digits, and nothing behind them. */
function isPort(start: usize, end: usize): bool {
    return load<u8>(start) === colon && end > start + 1 && skipDigits(start + 1) === end;
}

/** One of IPv6, mostly; with brackets around it or without. */
function writeOther(start: usize, end: usize, kept: Kept): bool {
    let portColon = end - 1;
    while (portColon > start && load<u8>(portColon) !== colon) portColon--;
    if (!isPort(portColon, end)) return false;
    const hasBrackets = load<u8>(start) === openBracket && load<u8>(portColon - 1) === closeBracket;
    const first = hasBrackets ? start + 1 : start;
    const last = hasBrackets ? portColon - 1 : portColon;
    if (!isIpv6(first, last)) return false;
    if (kept === Kept.Keep) writeBytes(first, last);
    return kept !== Kept.Truncate || writeNetwork(first);
}
