/** Addresses of IPv6: those without an address of IPv4 and without a zone in them. */

import { colon, hexadecimal, zero } from "../../shared/kernel/bytes";
import { write, writeBytes } from "./output";

const allGroups: i32 = 8;
const longestGroup: usize = 4;
/** Of a site's network, 48 bits. */
const keptGroups: i32 = 3;

/** Of the address that was looked at last: how many groups it spells, how many of the kept ones, and where those end. */
let groups: i32 = 0;
let headGroups: i32 = 0;
let headEnd: usize = 0;

/** Whether it is groups between colons, of which two colons stand for one or more. */
export function isIpv6(start: usize, end: usize): bool {
    let hasGap = isGap(start, end);
    let at = hasGap ? start + 2 : start;
    groups = 0;
    headGroups = 0;
    headEnd = start;
    while (at < end) {
        const groupEnd = endOfGroup(at);
        if (groupEnd === at || groupEnd > at + longestGroup) return false;
        at = groupEnd;
        groups++;
        if (!hasGap && groups <= keptGroups) {
            headGroups = groups;
            headEnd = at;
        }
        if (at === end) break;
        if (isGap(at, end)) {
            if (hasGap) return false;
            hasGap = true;
            at += 2;
        } else if (load<u8>(at) !== colon || ++at === end) return false;
    }
    return hasGap ? groups < allGroups : groups === allGroups;
}

function isGap(at: usize, end: usize): bool {
    return at + 2 <= end && load<u8>(at) === colon && load<u8>(at + 1) === colon;
}

function endOfGroup(start: usize): usize {
    let at = start;
    while (hexadecimal(load<u8>(at)) >= 0) at++;
    return at;
}

/**
 * Writes the network of the address that was looked at last, which begins there, with zeros for what two colons stand for.
 * False if groups behind those belong to it: that is for others to write.
 */
export function writeNetwork(start: usize): bool {
    const zeros = keptGroups - headGroups;
    if (zeros > allGroups - groups) return false;
    writeBytes(start, headEnd);
    for (let index = 0; index < zeros; index++) {
        if (headGroups + index > 0) write(colon);
        write(zero);
    }
    write(colon);
    write(colon);
    return true;
}
