import { type Json, JsonNumber, parseJson } from "./athena-sql/json";

// biome-ignore lint/suspicious/noExplicitAny: as JSON.parse
type Plain = any;

/**
 * The value of a JSON text with any keys. `JSON.parse` of V8 since Node 24 takes an escaped key for another one that it
 * has seen before: `"\""` for `\`, say (nodejs/node#63785). `numberOf` makes a number of its digits.
 */
export function readJson(text: string, numberOf: (digits: string) => unknown = Number): Plain {
    return plain(parseJson(text)) as Plain;

    function plain(json: Json): unknown {
        if (json instanceof JsonNumber) return numberOf(json.text);
        if (json instanceof Map) return Object.fromEntries([...json].map(([key, value]) => [key, plain(value)]));
        return Array.isArray(json) ? json.map(plain) : json;
    }
}
