import { expect } from "chai";
import fc from "fast-check";
import { type CsvKernel, csvKernel } from "../../../handlers/convert-result/csv-kernel";
import { CsvRows } from "../../../handlers/convert-result/csv-rows";
import { type CellKind, type CsvColumn, CsvToNdjson } from "../../../handlers/convert-result/csv-to-ndjson";

const kinds: CellKind[] = ["string", "number", "boolean", "json"];
const allKinds = kinds.map((kind): CsvColumn => ({ name: kind, kind }));
const values: Record<CellKind, string> = { string: "text", number: "-1.5", boolean: "true", json: "[1]" };

describe("CsvKernel", () => {
    for (const [what, texts] of [
        ["texts of all lengths", lengths(100).map((length) => "a".repeat(length))],
        ["two quotes at all places", atAllPlaces('""')],
        ["backslashes at all places", atAllPlaces("\\")],
        ["control characters at all places", atAllPlaces("\n\u0001")],
        ["characters of all lengths at all places", atAllPlaces("üあ𝄞")],
        ["single quotes at all places", atAllPlaces('"')],
        ["closed cells at all places", atAllPlaces('","')],
        ["all bytes", lengths(256).map((byte) => String.fromCharCode(byte))],
        ["all bytes between others", lengths(256).map((byte) => `1${String.fromCharCode(byte)}2`)],
        ["all bytes behind its end", lengths(256).map((byte) => `1"${String.fromCharCode(byte)}"1`)],
        ["digits of all lengths", lengths(70).flatMap((length) => signed("7".repeat(length)))],
        ["zeros of all lengths", lengths(40).flatMap((length) => signed("0".repeat(length)))],
        ["points at all places", atAllPlaces(".", "1").flatMap(signed)],
        ["two points at all places", lengths(40).map((length) => `1.${"1".repeat(length)}.1`)],
        ["exponents at all places", atAllPlaces("E-", "1")],
        [
            "what is no number, and nearly",
            ["NaN", "Infinity", "-Infinity", "-NaN", "+1", "nan", "NaN1", "Infinit", "In"],
        ],
        ["booleans, and nearly", ["true", "false", "TRUE", "truefalse", "tru", "fals", "falsey", "true ", " true"]],
        ["blanks of all lengths", lengths(40).map((length) => " \n\t".repeat(length))],
        ["JSON behind blanks of all lengths", lengths(40).map((length) => `${" ".repeat(length)}[""\r\n""]`)],
    ] as const) {
        it(`answers to ${what} in a cell what CsvRows does`, () => {
            for (const { kind, name } of allKinds) {
                for (const text of texts) {
                    const bytes = Buffer.from(
                        `"${name}"\n"${values[kind]}"\n"${text}"\n"${values[kind]}"\n`,
                        encodingOf(text),
                    );
                    expectSame([{ kind, name }], bytes);
                }
            }
        });
    }

    it("answers to all short texts of what numbers are made of what CsvRows does", () => {
        for (const text of spelled("01-.E+", 4)) {
            expectSame([{ name: "n", kind: "number" }], Buffer.from(`"n"\n"${text}"\n"1"\n`));
        }
    });

    it("answers to all bytes where a row begins, and behind a NULL, what CsvRows does", () => {
        for (const byte of lengths(256).map((byte) => String.fromCharCode(byte))) {
            for (const row of [byte, `,${byte}`, `,${byte},`, `,${byte}\n`]) {
                expectSame(allKinds.slice(0, 2), Buffer.from(`,\n,\n${row}\n,\n`, "latin1"));
            }
        }
    });

    it("answers to rows of all numbers of cells what CsvRows does", () => {
        for (const cells of lengths(8)) {
            for (const cell of ['"a"', ""]) {
                const row = Array(cells).fill(cell).join(",");
                expectSame(namedColumns(4), Buffer.from(`,,,\n${row}\n,,,\n`));
            }
        }
    });

    it("writes keys of all lengths, and such as need escapes", () => {
        const names = [...lengths(100).map((length) => "k".repeat(length)), 'a"b\\c\n\u0001', "üあ𝄞", "k", "k"];
        const columns = names.map((name, index): CsvColumn => ({ name, kind: kinds[index % 4]! }));
        const header = ",".repeat(columns.length - 1);
        const row = columns.map(({ kind }) => (kind === "number" ? "" : `"${values[kind]}"`)).join(",");

        expectSame(columns, Buffer.from(`${header}\n${header}\n${row}\n`));
        for (const column of columns) expectSame([column], Buffer.from(`,\n`));
        for (const { name, kind } of columns) {
            const { lines } = read([{ name, kind }], Buffer.from('""\n\n'), withKernel) as Lines;
            expect(Buffer.from(lines, "latin1").toString()).to.equal(`{${JSON.stringify(name)}:null}\n`);
        }
    });

    it("answers to a table that is cut anywhere, for good or by its chunks, what CsvRows does", () => {
        const unit = 'a ""b"" \\ \n üあ𝄞 which is longer than what is looked at at once';
        const row = `"${unit}","-12345.678","true","{""a"": [1,\n2]}"\n`;
        const bytes = Buffer.from(`,,,\n${row},,,\n"","NaN","false"," 1"\n${row}"x","1.0E10",,"""ü"""\n`);
        for (const end of lengths(bytes.length + 1)) {
            expectSame(allKinds, bytes.subarray(0, end));
            expectSame(allKinds, bytes, [end, bytes.length]);
        }
        expectSame(allKinds, bytes, [1]);
    });

    for (const [what, cells] of [
        [
            "texts that are copied",
            ['"some text that is longer than what is looked at at once"', '"1"', '"true"', '"[]"'],
        ],
        ["texts that grow", [`"${"\u0001".repeat(8)}"`, '"1.5"', '"false"', '"{}"']],
        ["NULLs", ["", "", "", ""]],
        ["digits", ['""', `"${"7".repeat(90)}"`, "", ""]],
        ["JSON", ["", "", "", `"[${"1, ".repeat(30)}1]"`]],
    ] as const) {
        it(`goes on where its output is full of ${what}, at any byte`, () => {
            const row = `${cells.join(",")}\n`;
            const line = (read(allKinds, Buffer.from(`,,,\n${row}`), without) as Lines).lines.length;
            const rows = row.repeat((1024 * 1024) / line + 20);

            for (const shift of lengths(Math.max(line, 64))) {
                expectSame(allKinds, Buffer.from(`,,,\n"${"x".repeat(shift)}",,,\n${rows}`));
            }
        });
    }

    it("goes on behind lines that its output has no room for, and rows that its input has none for", () => {
        const rows = '"a","1","true","[]"\n'.repeat(1_000);
        for (const long of ["\u0001".repeat(180_000), "x".repeat(300_000)]) {
            const bytes = Buffer.from(`,,,\n${rows}"${long}",,,\n${rows.repeat(200)}`);

            const { rows: all, taken } = countingRows(allKinds, bytes);

            expect(all).to.equal(201_001);
            // The long one, and those that came in the same slices.
            expect(all - taken).to.be.within(1, 15_000);
            expectSame(allKinds, bytes, [100_000]);
        }
    });

    it("leaves no row of a right table to CsvRows, not even those that slices cut", () => {
        const numbers = ["1.0E10", "NaN", "-Infinity", "0.1", "-12345678901234567890", "1".repeat(50)];
        const row = (index: number) =>
            `"${'""\\ü\n'.repeat(index % 20)}","${numbers[index % 6]}","${index % 2 === 0}","{""a"":[${index}]}"\n`;
        const rows = lengths(10_000).map(row).join("");

        // One is the header.
        expect(countingRows(allKinds, Buffer.from(`,,,\n${rows}`))).to.deep.equal({
            rows: 10_000,
            taken: 10_000,
            asked: 1,
        });
    });

    it("takes as many columns and keys as it has room for", () => {
        const columns = namedColumns(4_096);
        const names = { most: "k".repeat(131_072 - 24), more: "k".repeat(131_072 - 23) };

        expect(csvKernel(columns)).to.not.equal(undefined);
        expect(csvKernel(namedColumns(4_097))).to.equal(undefined);
        expect(csvKernel([{ name: names.most, kind: "string" }])).to.not.equal(undefined);
        expect(csvKernel([{ name: names.more, kind: "string" }])).to.equal(undefined);
        const row = columns.map((_, index) => (index % 3 === 0 ? "" : `"${index}"`)).join(",");
        expectSame(columns, Buffer.from(`${",".repeat(4_095)}\n${`${row}\n`.repeat(40)}${",".repeat(4_095)}\n`));
        for (const name of Object.values(names)) expectSame([{ name, kind: "string" }], Buffer.from('\n"a"\n\n"b"\n'));
    });

    it("answers to any table what CsvRows does, however it is split", () => {
        let taken = 0;
        fc.assert(
            fc.property(
                anyTable,
                fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
                (rows, chunkLengths) => {
                    const bytes = Buffer.from(`,,,\n${rows.map((cells) => `${cells.join(",")}\n`).join("")}`);
                    const outcome = expectSame(allKinds, bytes, chunkLengths);
                    if (typeof outcome !== "string") taken += outcome.rows;
                },
            ),
            { numRuns: 1_000 },
        );
        expect(taken).to.be.greaterThan(1_000);
    });
});

/** Mostly right cells, of lengths around those that are looked at at once. */
const anyTable = (() => {
    const unit = fc.constantFrom("a", "0", " ", "\\", "\n", '""', "ü", "𝄞", "\u001f", ",", "abcdefghijklmnop");
    const text = fc.array(unit, { maxLength: 40 }).map((units) => `"${units.join("")}"`);
    const digits = fc.string({ unit: fc.constantFrom(..."123"), minLength: 1, maxLength: 34 });
    const number = fc
        .tuple(fc.constantFrom("", "-"), digits, fc.constantFrom("", ".", ".0", "E5", ".5e-7"), digits)
        .map((parts) => `"${parts.join("")}"`);
    const odd = fc.constantFrom('"', "a", '"0a"', '"true "', '""a', '"a""', '"true","false"', " ");
    const cells = [text, number, fc.constantFrom('"true"', '"false"'), text.map((all) => `"[${all.slice(1)}`)].map(
        (right) =>
            fc.oneof(
                { weight: 300, arbitrary: right },
                { weight: 60, arbitrary: fc.constant("") },
                { weight: 1, arbitrary: odd },
            ),
    );
    return fc.array(fc.tuple(...cells), { maxLength: 12 });
})();

interface Lines {
    lines: string;
    rows: number;
}

const withKernel = csvKernel;
const without = () => undefined;

/** Compares what comes of the bytes with and without the kernel: lines, rows, and what is refused. */
function expectSame(columns: CsvColumn[], bytes: Buffer, chunkLengths = [bytes.length]): Lines | string {
    const expected = read(columns, bytes, without, chunkLengths);
    expect(read(columns, bytes, withKernel, chunkLengths)).to.deep.equal(expected);
    return expected;
}

function read(
    columns: CsvColumn[],
    bytes: Buffer,
    newKernel: (columns: CsvColumn[]) => CsvKernel | undefined,
    chunkLengths = [bytes.length],
): Lines | string {
    const converter = new CsvToNdjson(columns, newKernel);
    const lines: Buffer[] = [];
    try {
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
            const end = start + chunkLengths[turn % chunkLengths.length]!;
            lines.push(converter.push(bytes.subarray(start, end)));
            start = Math.max(end, start);
        }
        return { lines: Buffer.concat([...lines, converter.end()]).toString("latin1"), rows: converter.rows };
    } catch (error) {
        return (error as Error).message;
    }
}

/** How many rows there are, how many of them the kernel took, and how often `CsvRows` was asked for one. */
function countingRows(columns: CsvColumn[], bytes: Buffer): { rows: number; taken: number; asked: number } {
    let taken = 0;
    let asked = 0;
    const kernel = csvKernel(columns)!;
    const readRows = kernel.read.bind(kernel);
    kernel.read = (start) => {
        expect(kernel.input.isHome).to.equal(true);
        const found = readRows(start);
        taken += found.rows;
        return found;
    };
    const readRow = CsvRows.prototype.read;
    CsvRows.prototype.read = function (...args) {
        asked++;
        return readRow.apply(this, args);
    };
    try {
        const { rows } = read(columns, bytes, () => kernel) as Lines;
        expect([kernel.input.isHome, kernel.output.isHome]).to.deep.equal([true, true]);
        return { rows, taken, asked };
    } finally {
        CsvRows.prototype.read = readRow;
    }
}

function namedColumns(count: number): CsvColumn[] {
    return lengths(count).map((index) => ({ name: `c${String(index).padStart(5, "0")}`, kind: "string" }));
}

function lengths(most: number): number[] {
    return Array.from({ length: most }, (_, index) => index);
}

/** The text between others of all lengths. */
function atAllPlaces(text: string, other = "a"): string[] {
    return lengths(40).flatMap((length) => [0, 1, 30].map((rest) => other.repeat(length) + text + other.repeat(rest)));
}

/** All texts of up to so many of the characters. */
function spelled(characters: string, most: number): string[] {
    if (most === 0) return [""];
    return ["", ...spelled(characters, most - 1).flatMap((rest) => [...characters].map((first) => first + rest))];
}

function signed(digits: string): string[] {
    return [digits, `-${digits}`];
}

/** Single bytes are spelled as Latin-1. */
function encodingOf(text: string): BufferEncoding {
    return [...text].every((character) => character <= "\u00ff") ? "latin1" : "utf8";
}
