import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import { readRows } from "../../local/rows";
import type { S3 } from "../../local/services/s3";
import { unpack } from "../../local/unpack";

describe("unpack", () => {
    it("gives what was packed, to the last byte that it may have", async () => {
        expect(String(await unpack("a.gz", gzipSync("0123456789"), 10))).to.equal("0123456789");
        expect(String(await unpack("a.zst", zstdCompressSync("0123456789"), 10))).to.equal("0123456789");
    });

    it("ends a bomb at the limit, and says so", async () => {
        const zeros = Buffer.alloc(1_000_000);
        const bombs: [string, Buffer][] = [
            ["a.gz", gzipSync(zeros)],
            ["a.zst", zstdCompressSync(zeros)],
        ];

        for (const [key, bomb] of bombs) {
            const failure = await unpack(key, bomb, 999_999).catch((error) => error);

            expect(failure.message).to.equal("more than 999999 bytes unpacked, the most that is read on this machine");
        }
    });

    it("leaves what is not packed as it is", async () => {
        expect(String(await unpack("a.json", Buffer.from("{}"), 1))).to.equal("{}");
    });

    it("gives all frames of zstd, together no more than the limit", async () => {
        const [a, empty, skipped] = ["01234", "", undefined].map((text) =>
            text === undefined
                ? Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9]) // RFC 8878, 3.1.2: a frame that is to be skipped
                : zstdCompressSync(text),
        ) as [Buffer, Buffer, Buffer];

        expect(String(await unpack("a.zst", Buffer.concat([skipped, a, empty, a, empty, skipped]), 10))).to.equal(
            "0123401234",
        );
        const failure = await unpack("a.zst", Buffer.concat([a, a]), 9).catch((error) => error);
        expect(failure.message).to.match(/^more than 9 bytes unpacked/);
    });

    it("rejects what is no zstd file, or cut", async () => {
        const failures = [Buffer.from("{}\n{}"), zstdCompressSync("{}").subarray(0, 8)].map((bytes) =>
            unpack("a.zst", bytes).catch(({ message }) => message),
        );

        expect(await Promise.all(failures)).to.deep.equal(["Unknown frame descriptor", "unexpected end of file"]);
    });

    it("rejects what is no gzip file, or cut", async () => {
        const failures = [Buffer.from("{}"), gzipSync("{}").subarray(0, 12)].map((bytes) =>
            unpack("a.gz", bytes).catch(({ message }) => message),
        );

        expect(await Promise.all(failures)).to.deep.equal(["incorrect header check", "unexpected end of file"]);
    });
});

describe("the rows of objects", () => {
    /** What is read from lines in three objects, two of them packed. */
    async function rowsOf(...lines: string[]) {
        const contents: Record<string, Buffer> = {
            "out/a.json": Buffer.from(`${lines.join("\n")}\n`),
            "out/b.json.gz": gzipSync(lines.join("\n")),
            "out/c.json.zst": zstdCompressSync(lines.join("\n")),
        };
        const s3 = {
            bucketNames: () => ["lake"],
            list: () => Object.keys(contents).map((key, lastModified) => ({ key, lastModified })),
            read: async ({ key }: { key: string }) => contents[key],
        };
        return await readRows(s3 as unknown as S3, "out/");
    }

    it("have the keys that were written, escaped or not", async () => {
        const rows = [
            { "\\": 1, '"': 2 },
            { a: 1, "\n": [{ "\u0000": "\\" }] },
        ];
        const texts = rows.map((row) => JSON.stringify(row));

        const read = await rowsOf(...texts);

        const thrice = [...rows, ...rows, ...rows];
        expect(read.map((row) => Object.keys(row))).to.deep.equal(thrice.map((row) => Object.keys(row)));
        expect(read).to.deep.equal(thrice);
    });

    it("keep integers of any size, with and without escapes beside them", async () => {
        const big = 9007199254740993n;

        const [plain, escaped] = await rowsOf(
            `{"a":${big},"b":[-${big},1.5,1e300,7]}`,
            `{"\\"":${big},"b":[-${big},1.5,1e300,7]}`,
        );

        expect(plain).to.deep.equal({ a: big, b: [-big, 1.5, 1e300, 7] });
        expect(escaped).to.deep.equal({ '"': big, b: [-big, 1.5, 1e300, 7] });
    });
});
