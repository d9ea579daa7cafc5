/** Cells from their opening quote on. */

import { Kind } from "./columns";
import { booleanStart, copyScalar, numberStart, shortBoolean, shortNumber } from "./scalars";
import { copyJson, copyText, shortText } from "./texts";

/** Copies a text that is short and plain; returns its length with its quotes, or 0 if it may be anything else. */
export function copyShortText(start: usize, to: usize): usize {
    v128.store(to, v128.load(start));
    return shortText(start);
}

/** The same of a number or a boolean, whose quotes are not written. */
export function copyShortScalar(kind: Kind, start: usize, to: usize): usize {
    v128.store(to, v128.load(start, 1));
    v128.store(to, v128.load(start, 17), 16);
    if (kind === Kind.Number) return shortNumber(start);
    return kind === Kind.Boolean ? shortBoolean(start) : 0;
}

/** Copies any cell; returns where what follows its closing quote is, or `stopped`. */
export function copyLong(kind: Kind, start: usize, to: usize): usize {
    switch (kind) {
        case Kind.Text:
            return copyText(start, to);
        case Kind.Number:
            return copyScalar(start, to, numberStart);
        case Kind.Boolean:
            return copyScalar(start, to, booleanStart);
        default:
            return copyJson(start, to);
    }
}
