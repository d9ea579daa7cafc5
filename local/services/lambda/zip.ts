import { inflateRawSync } from "node:zlib";

/** The files of a zip archive: path and bytes. */
export function* readZip(zip: Buffer): Generator<[string, Buffer]> {
    const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
    if (end < 0) throw new Error("not a zip archive");
    let entry = zip.readUInt32LE(end + 16);
    for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
        const method = zip.readUInt16LE(entry + 10);
        const size = zip.readUInt32LE(entry + 20);
        const nameLength = zip.readUInt16LE(entry + 28);
        const name = zip.toString("utf8", entry + 46, entry + 46 + nameLength);
        const header = zip.readUInt32LE(entry + 42);
        const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
        const bytes = zip.subarray(start, start + size);
        if (method !== 0 && method !== 8)
            throw new Error(`${name} is compressed in a way that zip readers rarely know`);
        if (!name.endsWith("/")) yield [name, method === 8 ? inflateRawSync(bytes) : bytes];
        entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
    }
}
