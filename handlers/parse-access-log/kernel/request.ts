/** Request lines. */

import { failed, questionMark, quote, slash, space } from "../../shared/kernel/bytes";
import { writeQuery } from "./query";
import { Reading } from "./reading";
import { Role, textAt } from "./texts";
import { endOfWord, findByte } from "./words";

/** What the last request was for. */
let asked: Reading = Reading.Odd;

export function askedLast(): Reading {
    return asked;
}

/**
 * Reads the request line that begins there, and writes the fields of its query string if it asks for an event. Returns where
 * the quote behind it is, or `failed`: then it has to be looked at more closely.
 */
export function readRequest(start: usize, end: usize): usize {
    const method = textAt(Role.Method, start);
    if (method === null) return readOther(start, end);
    const scheme = textAt(Role.Scheme, start + method.length);
    if (scheme === null) return failed;
    const urlEnd = readPath(endOfHost(start + method.length + scheme.length));
    if (urlEnd === failed || load<u8>(urlEnd) !== space) return failed;
    const close = endOfWord(urlEnd + 1) - 1;
    return close > urlEnd + 1 && load<u8>(close) === quote ? close : failed;
}

/** A request by another method: it does not matter what for. */
function readOther(start: usize, end: usize): usize {
    asked = Reading.OtherMethods;
    const close = findByte(quote, start, end);
    const methodEnd = endOfWord(start);
    return methodEnd < close && load<u8>(methodEnd) === space ? close : failed;
}

/** Reads the path that begins there, and a query string behind it; returns where the URL ends. */
function readPath(start: usize): usize {
    const path = textAt(Role.Path, start);
    if (path !== null) {
        const end = start + path.length;
        asked = Reading.Event;
        if (load<u8>(end) === questionMark) return writeQuery(end + 1);
        if (load<u8>(end) === space) return writeQuery(end);
    }
    asked = Reading.OtherPaths;
    return endOfWord(start);
}

/** Where the path begins, or what comes in its place. */
function endOfHost(start: usize): usize {
    let at = start;
    while (true) {
        const bytes = v128.load(at);
        const isPath = v128.or(i8x16.eq(bytes, i8x16.splat(slash)), i8x16.eq(bytes, i8x16.splat(questionMark)));
        const places = i8x16.bitmask(v128.or(isPath, i8x16.le_s(bytes, i8x16.splat(space))));
        if (places !== 0) return at + ctz(places);
        at += 16;
    }
}
