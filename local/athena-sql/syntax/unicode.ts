import { QueryError } from "../errors";

/** The text of `U&'\00e9'`: an escape character stands before four digits, or before `+` and six, or before itself. */
export function unicodeText(text: string, marker: string, at: number): string {
    if ([...marker].length !== 1 || /[0-9a-fA-F+'"\s]/.test(marker))
        throw new QueryError("SYNTAX_ERROR", "Invalid Unicode escape character", at);
    const pattern = new RegExp(
        `${literally(marker)}(?:(${literally(marker)})|([0-9a-fA-F]{4})|\\+([0-9a-fA-F]{6})|)`,
        "g",
    );
    return text.replace(pattern, (_, itself?: string, four?: string, six?: string) => {
        if (itself !== undefined) return itself;
        const code = Number.parseInt(four ?? six ?? "", 16);
        if (Number.isNaN(code) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            throw new QueryError("SYNTAX_ERROR", "Invalid Unicode escape sequence", at);
        return String.fromCodePoint(code);
    });
}

function literally(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
