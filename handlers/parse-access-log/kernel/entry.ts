/** Lines of a log, each of them an entry of an Application Load Balancer's access log. */

import { failed, minus, openBrace, quote, semicolon, space } from "../../shared/kernel/bytes";
import { dateBytes, isDate, skipClock, upperT, upperZ } from "../../shared/kernel/times";
import { Kept, writeAddress } from "./address";
import { Filled, filledColumn } from "./columns";
import { endLine, endMember, outputEnd, write, writeBytes, writeText } from "./output";
import { isGiven } from "./query";
import { Reading } from "./reading";
import { askedLast, readRequest } from "./request";
import { Role, textAt } from "./texts";
import { afterText, afterWords, findByte } from "./words";

const four: u8 = 0x34;
const five: u8 = 0x35;

let kept: Kept = Kept.Keep;
/** Where fields of the current line are. */
let client: usize = 0;
let clientEnd: usize = 0;
let userAgent: usize = 0;
let userAgentEnd: usize = 0;
let traceId: usize = 0;
let traceIdEnd: usize = 0;
let created: usize = 0;
let createdEnd: usize = 0;

/** What is kept of addresses. */
export function setKept(what: Kept): void {
    kept = what;
}

/** Reads the line that begins there, and writes what it finds if it is an event; `outputEnd` says how much. */
export function readEntry(start: usize, end: usize): Reading {
    client = afterWords(start, 3);
    const target = afterWords(client, 1);
    const status = afterWords(target, 4);
    const request = afterWords(status, 4);
    if (request === failed || load<u8>(request) !== quote) return Reading.Odd;
    clientEnd = target - 1;
    write(openBrace);
    const requestEnd = readRequest(request + 1, end);
    if (requestEnd === failed || !findTail(requestEnd, end)) return Reading.Odd;
    if (textAt(Role.Type, start) === null) return Reading.Connections;
    if (isHealthCheck()) return Reading.HealthChecks;
    const asked = askedLast();
    if (asked !== Reading.Event) return asked;
    if (load<u8>(status) === four || load<u8>(status) === five) return Reading.Refused;
    return writeRest() ? Reading.Event : Reading.Odd;
}

/** Finds the fields behind the request, which ends there; false if they have to be looked at more closely. */
function findTail(requestEnd: usize, end: usize): bool {
    if (load<u8>(requestEnd + 1) !== space || load<u8>(requestEnd + 2) !== quote) return false;
    userAgent = requestEnd + 3;
    const cipher = afterText(requestEnd + 2, end);
    traceId = afterWords(cipher, 3) + 1;
    const domain = afterText(traceId - 1, end);
    const certificate = afterText(domain, end);
    const priority = afterText(certificate, end);
    created = afterWords(priority, 1);
    const actions = afterWords(created, 1);
    userAgentEnd = cipher - 2;
    traceIdEnd = domain - 2;
    createdEnd = actions - 1;
    return isTime() && afterText(actions, end) !== failed && !hasTime(actions, end);
}

function isTime(): bool {
    const clock = created + dateBytes;
    return isDate(created) && load<u8>(clock) === upperT && skipClock(clock) === createdEnd;
}

/** Whether another time stands there before a quote: it might be the real one, and all before it the user agent. */
function hasTime(start: usize, end: usize): bool {
    for (let at = start; at < end; at += 16) {
        const isZ = i8x16.eq(v128.load(at), i8x16.splat(upperZ));
        const isSpace = i8x16.eq(v128.load(at + 1), i8x16.splat(space));
        const isQuote = i8x16.eq(v128.load(at + 2), i8x16.splat(quote));
        const places = i8x16.bitmask(v128.and(isZ, v128.and(isSpace, isQuote)));
        if (places !== 0 && at + ctz(places) < end) return true;
    }
    return false;
}

function isHealthCheck(): bool {
    const name = textAt(Role.HealthCheck, userAgent);
    return name !== null && !isWordByte(load<u8>(userAgent + name.length));
}

/** Whether it may be in the middle of a name: a letter, a digit or `_`. */
function isWordByte(byte: u8): bool {
    return <u32>byte - 0x30 < 10 || <u32>(byte | 0x20) - 0x61 < 26 || byte === 0x5f;
}

/** Writes what the log says of a request, behind what its query string says. */
function writeRest(): bool {
    writeTime(Filled.RequestTime);
    if (!writeClient()) return false;
    if (userAgentEnd !== userAgent + 1 || load<u8>(userAgent) !== minus) {
        writeMember(Filled.UserAgent, userAgent, userAgentEnd);
    }
    if (!isGiven(filledColumn(Filled.EventId)) && !writeId()) return false;
    if (!isGiven(filledColumn(Filled.ReceivedAt))) writeTime(Filled.ReceivedAt);
    endLine();
    return true;
}

/** In the tables' spelling. */
function writeTime(column: Filled): void {
    writeText(filledColumn(column).key);
    const start = outputEnd();
    writeBytes(created, createdEnd - 1);
    store<u8>(start + dateBytes, space);
    endMember();
}

function writeClient(): bool {
    if (kept === Kept.Drop) return writeAddress(client, clientEnd, kept);
    writeText(filledColumn(Filled.ClientAddress).key);
    const isAddress = writeAddress(client, clientEnd, kept);
    endMember();
    return isAddress;
}

/** Most load balancers' trace is of one part, which tells the request from all others. */
function writeId(): bool {
    const root = textAt(Role.Root, traceId);
    if (root === null) return false;
    const start = traceId + root.length;
    if (start === traceIdEnd || findByte(semicolon, start, traceIdEnd) !== failed) return false;
    writeMember(Filled.EventId, start, traceIdEnd);
    return true;
}

function writeMember(column: Filled, start: usize, end: usize): void {
    writeText(filledColumn(column).key);
    writeBytes(start, end);
    endMember();
}
