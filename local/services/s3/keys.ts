import { createHash } from "node:crypto";
import { join } from "node:path";

/** S3's order of keys: by their UTF-8 bytes, which is not JavaScript's order of strings. */
export function compareKeys(a: string, b: string): number {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * The key as S3 events spell it, form-URL-encoded: a space is `+`, `/` stays, everything but letters, digits and
 * `-_.*` is `%XX` of its UTF-8 bytes.
 */
export function encodeEventKey(key: string): string {
    return encodeStrictly(key).replaceAll("%2F", "/").replaceAll("%20", "+").replaceAll("%2A", "*");
}

/** The key as `encoding-type=url` lists it: `/` stays, a space is `+`. */
export const encodeListedKey = encodeEventKey;

/**
 * The relative path that holds the bytes of a key. Each segment is percent-encoded, so that no `*`, `..` or `=` means
 * anything to a file system or a glob; folders end in `%2F`, so that `a` and `a/b` live side by side.
 */
export function keyPath(key: string): string {
    const segments = key
        .split("/")
        .map((segment) => encodeStrictly(segment).replace(/^\.+$/, (dots) => "%2E".repeat(dots.length)));
    const name = segments.pop()!;
    return join(...segments.map((segment) => `${shorten(segment)}%2F`), shorten(name) || "%00");
}

/** File systems take 255 bytes a name, S3 1,024 a key; the ending stays, it tells the format. */
function shorten(name: string): string {
    if (name.length <= 200) return name;
    const ending = /(\.[A-Za-z0-9]{1,8}){0,2}$/.exec(name)![0];
    return `${name.slice(0, 100)}%${createHash("sha256").update(name).digest("hex")}${ending}`;
}

function encodeStrictly(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
