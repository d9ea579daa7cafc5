/** What becomes of a text that ends in a state. */
export enum Outcome {
    Refused,
    /** It is JSON as it stands. */
    Kept,
    /** It is a number that JSON can't write. */
    Null,
}

/** In state `s`, the byte `b` leads to the state `transitions[(s << 8) | b]`. */
export const transitions = new Uint8Array(1 << 14);

/** By state. */
export const outcomes: Outcome[] = [];

/** From here all texts are refused. */
const refused = newState();

/** Where a number's text begins. */
export const numberStart = newState();

/** Where a boolean's text begins. */
export const booleanStart = newState();

const digits = "0123456789";
const minus = newState();
const zero = newState(Outcome.Kept);
const whole = newState(Outcome.Kept);
const point = newState();
const fraction = newState(Outcome.Kept);
const e = newState();
const sign = newState();
const exponent = newState(Outcome.Kept);

lead([numberStart], "-", minus);
lead([numberStart, minus, whole], digits, whole);
lead([numberStart, minus], "0", zero);
lead([zero, whole], ".", point);
lead([point, fraction], digits, fraction);
lead([zero, whole, fraction], "eE", e);
lead([e], "+-", sign);
lead([e, sign, exponent], digits, exponent);
spell([numberStart], "NaN", Outcome.Null);
spell([numberStart, minus], "Infinity", Outcome.Null);
spell([booleanStart], "true", Outcome.Kept);
spell([booleanStart], "false", Outcome.Kept);

function newState(outcome = Outcome.Refused): number {
    return outcomes.push(outcome) - 1;
}

/** One of these characters leads from each of the states to the next. */
function lead(states: number[], characters: string, next: number): void {
    for (const state of states) for (const byte of Buffer.from(characters)) transitions[(state << 8) | byte] = next;
}

function spell(states: number[], word: string, outcome: Outcome): void {
    let from = states;
    for (const [index, character] of [...word].entries()) {
        const next = newState(index === word.length - 1 ? outcome : refused);
        lead(from, character, next);
        from = [next];
    }
}
