/**
 * Where the parts of a JSON text lie, so that events are cut out and completed without being written anew.
 * The text is one that `JSON.parse` accepts, but for `skipSpace` and `skipValue`, which come to an end on any text.
 */

/** A member of an object: its name, and where its value starts and ends. */
export interface Member {
    name: string;
    start: number;
    end: number;
}

/** A part of a text and what stands there instead. */
export interface Edit {
    start: number;
    end: number;
    text: string;
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

/** The members of the object that starts at `start`, duplicates included. */
export function members(text: string, start = skipSpace(text, 0)): Member[] {
    const found: Member[] = [];
    let at = skipSpace(text, start + 1);
    while (text[at] === '"') {
        const nameEnd = skipString(text, at);
        const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
        const end = skipValue(text, valueStart);
        found.push({ name: stringOf(text.slice(at, nameEnd)), start: valueStart, end });
        at = nextItem(text, end);
    }
    return found;
}

/** The elements of the array that starts at `start`, as places. */
export function* elements(text: string, start = skipSpace(text, 0)): Generator<Omit<Member, "name">> {
    let at = skipSpace(text, start + 1);
    while (at < text.length && text[at] !== "]") {
        const end = skipValue(text, at);
        yield { start: at, end };
        at = nextItem(text, end);
    }
}

/** The string that a literal in quotes spells. */
export function stringOf(literal: string): string {
    return literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
}

/** Applies edits, which are in order and do not overlap. */
export function edited(text: string, edits: Edit[]): string {
    let result = "";
    let at = 0;
    for (const edit of edits) {
        result += text.slice(at, edit.start) + edit.text;
        at = edit.end;
    }
    return result + text.slice(at);
}

/** The first place from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
    let next = at;
    while (isSpace(text.charCodeAt(next))) next++;
    return next;
}

/** The place behind the value that starts at `start`. Nesting costs no stack. */
export function skipValue(text: string, start: number): number {
    if (text[start] === '"') return skipString(text, start);
    if (text[start] !== "{" && text[start] !== "[") return skipScalar(text, start);
    let at = start;
    let depth = 0;
    do {
        const char = text[at];
        if (char === "{" || char === "[") depth++;
        else if (char === "}" || char === "]") depth--;
        at = char === '"' ? skipString(text, at) : at + 1;
    } while (depth > 0 && at < text.length);
    return at;
}

function skipString(text: string, start: number): number {
    let at = start + 1;
    while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    return at + 1;
}

function skipScalar(text: string, start: number): number {
    let at = start;
    while (at < text.length && !",]}".includes(text[at]!) && !isSpace(text.charCodeAt(at))) at++;
    return at;
}

/** Past the comma that follows an item, if there is one. */
function nextItem(text: string, end: number): number {
    const at = skipSpace(text, end);
    return text[at] === "," ? skipSpace(text, at + 1) : at;
}

function isSpace(code: number): boolean {
    return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}
