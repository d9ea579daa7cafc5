/** Text that is not JSON; `cut` when it ends before its value does. */
export class JsonError extends Error {
    constructor(
        message: string,
        readonly cut: boolean,
    ) {
        super(message);
    }
}

/** A number as it was written: no digit is lost. */
export class JsonNumber {
    constructor(readonly text: string) {}
}

export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>;

const numbers = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const plainString = /[^"\\\u0000-\u001f]*/y;
const escapes: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** What is nested deeper fails: it would run out of stack, here as in readers written in Java. */
const deepest = 1_000;

/** Reads JSON as RFC 8259 has it, value by value. */
export class JsonReader {
    at = 0;
    private depth = 0;

    constructor(private readonly text: string) {}

    /** The first character of the next value, `""` at the end. */
    peek(): string {
        for (;;) {
            const code = this.text.charCodeAt(this.at);
            if (code !== 32 && code !== 9 && code !== 10 && code !== 13) break;
            this.at++;
        }
        return this.text.charAt(this.at);
    }

    value(): Json {
        switch (this.peek()) {
            case "{": {
                const object = new Map<string, Json>();
                this.object((key) => {
                    object.set(key, this.value());
                });
                return object;
            }
            case "[": {
                const array: Json[] = [];
                this.array(() => {
                    array.push(this.value());
                });
                return array;
            }
            case '"':
                return this.string();
            case "t":
                return this.word("true", true);
            case "f":
                return this.word("false", false);
            case "n":
                return this.word("null", null);
            default:
                return new JsonNumber(this.number());
        }
    }

    /** Reads an object; `member` reads the value that stands behind the key. */
    object(member: (key: string) => void): void {
        this.enter("{");
        while (this.peek() !== "}") {
            const key = this.string();
            this.take(":");
            member(key);
            if (!this.another("}")) break;
        }
        this.leave("}");
    }

    array(element: () => void): void {
        this.enter("[");
        while (this.peek() !== "]") {
            element();
            if (!this.another("]")) break;
        }
        this.leave("]");
    }

    string(): string {
        if (this.peek() !== '"') throw this.error();
        const start = ++this.at;
        plainString.lastIndex = start;
        plainString.test(this.text);
        this.at = plainString.lastIndex;
        let text = this.text.slice(start, this.at);
        for (;;) {
            const character = this.text.charAt(this.at);
            if (character === '"') {
                this.at++;
                return text;
            }
            if (character !== "\\") throw this.error();
            text += this.escape();
            plainString.lastIndex = this.at;
            text += plainString.exec(this.text)![0];
            this.at = plainString.lastIndex;
        }
    }

    number(): string {
        this.peek();
        numbers.lastIndex = this.at;
        const text = numbers.exec(this.text)?.[0];
        if (text === undefined) throw this.error();
        this.at += text.length;
        return text;
    }

    word<T>(word: string, value: T): T {
        this.peek();
        if (!this.text.startsWith(word, this.at)) throw this.error();
        this.at += word.length;
        return value;
    }

    /** Reads over a value that nobody needs. */
    skip(): void {
        const first = this.peek();
        if (first === "{") this.object(() => this.skip());
        else if (first === "[") this.array(() => this.skip());
        else this.value();
    }

    /** Whether a comma stands here; what closes the list may not stand behind it. */
    private another(close: string): boolean {
        if (this.peek() !== ",") return false;
        this.at++;
        if (this.peek() === close) throw this.error();
        return true;
    }

    private escape(): string {
        const letter = this.text.charAt(this.at + 1);
        if (letter === "u") {
            const hex = this.text.slice(this.at + 2, this.at + 6);
            if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.error();
            this.at += 6;
            return String.fromCharCode(Number.parseInt(hex, 16));
        }
        const character = escapes[letter];
        if (character === undefined) throw this.error();
        this.at += 2;
        return character;
    }

    private enter(symbol: string): void {
        this.take(symbol);
        if (++this.depth > deepest) throw new JsonError(`nested deeper than ${deepest} levels`, false);
    }

    private leave(symbol: string): void {
        this.take(symbol);
        this.depth--;
    }

    private take(symbol: string): void {
        if (this.peek() !== symbol) throw this.error();
        this.at++;
    }

    private error(): JsonError {
        const cut = this.at >= this.text.length;
        return new JsonError(cut ? "the text ends inside a value" : `unexpected character at ${this.at + 1}`, cut);
    }
}

/** Parses text that holds one JSON value and nothing else. */
export function parseJson(text: string): Json {
    const reader = new JsonReader(text);
    const value = reader.value();
    if (reader.peek() !== "") throw new JsonError(`unexpected character at ${reader.at + 1}`, false);
    return value;
}
