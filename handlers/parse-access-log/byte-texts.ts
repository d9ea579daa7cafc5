const space = 0x20;
const quote = 0x22;
const del = 0x7f;
/** Longer texts are passed by a call of the platform's, which takes longer than a few bytes. */
const shortText = 48;

/** Whether the text stands there. */
export function isAt(bytes: Buffer, start: number, text: Buffer): boolean {
    for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text[index]) return false;
    return true;
}

/** The first of the texts that stands there. */
export function textAt(bytes: Buffer, start: number, texts: Buffer[]): Buffer | undefined {
    for (const text of texts) if (isAt(bytes, start, text)) return text;
    return undefined;
}

/** Past so many words of printable ASCII and the space behind each; the line's end, where nothing begins, if there are none. */
export function afterWords(bytes: Buffer, start: number, end: number, count: number): number {
    let at = start;
    for (let word = 0; word < count; word++) {
        const first = at;
        while (bytes[at]! > space && bytes[at]! < del) at++;
        if (at === first || bytes[at] !== space) return end;
        at++;
    }
    return at;
}

/** Past a text in quotes and the space behind it; the line's end if there is none. */
export function afterText(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] !== quote) return end;
    const far = start + shortText;
    let close = start + 1;
    while (bytes[close] !== quote && close < far) close++;
    return close < far ? behind(bytes, close, end) : afterLongText(bytes, start, end);
}

/** Likewise, for texts that are mostly long. */
export function afterLongText(bytes: Buffer, start: number, end: number): number {
    return bytes[start] === quote ? behind(bytes, bytes.indexOf(quote, start + 1), end) : end;
}

function behind(bytes: Buffer, close: number, end: number): number {
    return close >= 0 && close < end && bytes[close + 1] === space ? close + 2 : end;
}
