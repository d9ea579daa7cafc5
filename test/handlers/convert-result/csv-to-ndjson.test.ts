import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { type CellKind, type CsvColumn, CsvToNdjson } from "../../../handlers/convert-result/csv-to-ndjson";
import { readJson } from "../../read-json";
import { ReferenceCsvToNdjson } from "./reference";

describe("CsvToNdjson", () => {
    it("writes an object a row, its keys in the columns' order", () => {
        const csv = '"name","n","ok","tags"\n"a","1","true","[1,2]"\n"b","2","false","{}"\n';

        const lines = convert(csv, { name: "string", n: "number", ok: "boolean", tags: "json" });

        expect(lines).to.equal('{"name":"a","n":1,"ok":true,"tags":[1,2]}\n{"name":"b","n":2,"ok":false,"tags":{}}\n');
    });

    it("keeps NULL apart from the empty string", () => {
        expect(convert('"a","b"\n,""\n"",\n', { a: "string", b: "string" })).to.equal(
            '{"a":null,"b":""}\n{"a":"","b":null}\n',
        );
    });

    it("leaves cells that a spreadsheet would run, look up or shorten as they are", () => {
        const cells = ["=CMD|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "007", "1e5", "NULL", "null", "\\N", " x "];

        const lines = convert(`"a"\n${cells.map((cell) => `"${cell}"\n`).join("")}`, { a: "string" });

        expect(
            lines
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line).a),
        ).to.deep.equal(cells);
    });

    it("takes a blank line as a row of one NULL", () => {
        expect(convert('"a"\n\n"x"\n\n', { a: "string" })).to.equal('{"a":null}\n{"a":"x"}\n{"a":null}\n');
    });

    it("makes nothing of a header alone", () => {
        expect(convert('"a","b"\n', { a: "string", b: "number" })).to.equal("");
        expect(convert('"a","b"', { a: "string", b: "number" })).to.equal("");
    });

    for (const last of ['"x",', '"x","y"', ',"y"', ","]) {
        it(`takes a last row ${last} that no newline ends`, () => {
            const columns = { a: "string", b: "string" } as const;

            expect(convert(`"a","b"\n${last}`, columns))
                .to.equal(convert(`"a","b"\n${last}\n`, columns))
                .and.to.not.equal("");
        });
    }

    for (const digits of [
        "9007199254740993",
        "-9223372036854775808",
        "0",
        "30.80",
        "-0.00",
        "12345678901234567890123456789012345.678",
        "1.0E10",
        "4.9E-324",
        "-0.0",
        "1.7976931348623157E308",
        "2e+5",
    ]) {
        it(`keeps the number ${digits} digit for digit`, () => {
            expect(convert(`"n"\n"${digits}"\n`, { n: "number" })).to.equal(`{"n":${digits}}\n`);
        });
    }

    for (const text of ["NaN", "Infinity", "-Infinity"]) {
        it(`makes null of ${text}, but not in a string`, () => {
            const lines = convert(`"n","s"\n"${text}","${text}"\n`, { n: "number", s: "string" });

            expect(lines).to.equal(`{"n":null,"s":"${text}"}\n`);
        });
    }

    it("writes JSON on one line", () => {
        const csv = '"j"\n"{""a"":\r\n\t[1,\n2], ""b\\n"": ""\\""é""}"\n';

        expect(convert(csv, { j: "json" })).to.equal('{"j":{"a":   [1, 2], "b\\n": "\\"é"}}\n');
    });

    it("writes keys that need escapes", () => {
        expect(convert('"a""b"\n"x"\n', { 'a"b\nc': "string" })).to.equal('{"a\\"b\\nc":"x"}\n');
    });

    it("finds room for text that grows sixfold and for keys longer than their cells", () => {
        const text = "\u0001".repeat(200_000);
        const keys = Array.from({ length: 5_000 }, (_, index) => `column_number_${index}_with_a_long_name`);
        const columns = Object.fromEntries(keys.map((key) => [key, "string" as const]));

        expect(JSON.parse(convert(`"a"\n"${text}"\n`, { a: "string" }))).to.deep.equal({ a: text });
        expect(JSON.parse(convert(`${",".repeat(4_999)}\n${",".repeat(4_999)}\n`, columns))).to.deep.equal(
            Object.fromEntries(keys.map((key) => [key, null])),
        );
    });

    it("counts rows, not the header", () => {
        const converter = new CsvToNdjson([{ name: "a", kind: "string" }]);

        converter.push(Buffer.from('"a"\n"x"\n\n"y'));
        expect(converter.rows).to.equal(2);
        converter.push(Buffer.from('"'));
        converter.end();
        expect(converter.rows).to.equal(3);
    });

    it("hands over lines as soon as their rows end", () => {
        const converter = new CsvToNdjson([{ name: "a", kind: "string" }]);

        expect(converter.push(Buffer.from('"a"\n"x"\n"y')).toString()).to.equal('{"a":"x"}\n');
        expect(converter.push(Buffer.from('"\n')).toString()).to.equal('{"a":"y"}\n');
    });

    it("keeps what it handed over", () => {
        const converter = new CsvToNdjson([{ name: "a", kind: "string" }]);

        const first = converter.push(Buffer.from('"a"\n"x"\n'));
        converter.push(Buffer.from('"y"\n'));

        expect(first.toString()).to.equal('{"a":"x"}\n');
    });

    describe("refuses", () => {
        const refused: Record<string, [string, Record<string, CellKind>, string]> = {
            "a row with too few cells": [
                '"a","b"\n"1","2"\n"3"\n',
                { a: "string", b: "string" },
                "byte 16: 1 cells instead of 2",
            ],
            "a row with too many cells": [
                '"a","b"\n"1","2",\n',
                { a: "string", b: "string" },
                "byte 8: more than 2 cells",
            ],
            "a blank line for several columns": [
                '"a","b"\n\n',
                { a: "string", b: "string" },
                "byte 8: 1 cells instead of 2",
            ],
            "a header of another length": ['"a"\n', { a: "string", b: "string" }, "byte 0: 1 cells instead of 2"],
            "text outside quotes": ['"a"\nx\n', { a: "string" }, "byte 4: byte 0x78 stands outside quotes"],
            "text after quotes": ['"a"\n"x"y\n', { a: "string" }, "byte 4: byte 0x79 stands outside quotes"],
            "a carriage return between rows": ['"a"\r\n', { a: "string" }, "byte 0: byte 0x0d stands outside quotes"],
            "a quote that nothing closes": ['"a"\n"ok"\n"x\n', { a: "string" }, "byte 9: its last quote is not closed"],
            "an empty file": ["", { a: "string" }, "the CSV is empty"],
            "a number that is none": ['"n"\n"1"\n"1a"\n', { n: "number" }, 'byte 8: column "n" holds no number'],
            "a number with a leading zero": ['"n"\n"007"\n', { n: "number" }, 'column "n" holds no number'],
            "an empty number": ['"n"\n""\n', { n: "number" }, 'column "n" holds no number'],
            "a boolean that is none": ['"b"\n"TRUE"\n', { b: "boolean" }, 'column "b" holds no boolean'],
            "empty JSON": ['"j"\n" "\n', { j: "json" }, 'column "j" holds no json'],
        };
        for (const [what, [csv, columns, reason]] of Object.entries(refused)) {
            it(what, () => {
                expect(() => convert(csv, columns)).to.throw(reason);
                expect(() => convertInChunks(csv, columns, 1)).to.throw(reason);
            });
        }

        it("a row that would fill the memory", function () {
            this.timeout(60_000);
            const converter = new CsvToNdjson([{ name: "a", kind: "string" }]);
            const megabyte = Buffer.alloc(1024 * 1024, "x");
            converter.push(Buffer.from('"a"\n"'));
            for (let count = 1; count < 64; count++) converter.push(megabyte);

            expect(() => converter.push(megabyte)).to.throw("the CSV's row at byte 4: longer than 67108864 bytes");
        });
    });

    it("holds as much memory for many rows as for few", async () => {
        const converter = new CsvToNdjson([{ name: "a", kind: "string" }]);
        converter.push(Buffer.from('"a"\n'));
        const rows = Buffer.from('"some text"\n'.repeat(100_000));
        converter.push(rows);
        const before = await heldBytes();

        for (let count = 0; count < 50; count++) converter.push(rows);

        expect((await heldBytes()) - before).to.be.lessThan(rows.length);
        expect(converter.rows).to.equal(5_100_000); // and the converter was there until now
    });

    it("writes any table so that JSON reads it back, however its bytes are split", () => {
        fc.assert(
            fc.property(table, chunkLengths, ({ columns, rows }, lengths) => {
                const csv = athenaCsv(columns, rows);

                const lines = convertInChunks(csv, columns, ...lengths);

                expect(lines.endsWith("\n") || rows.length === 0).to.equal(true);
                expect(lines.split("\n").slice(0, -1).map(exactly)).to.deep.equal(
                    rows.map((row) => expected(columns, row)),
                );
            }),
            { numRuns: 300 },
        );
    });

    it("keeps characters of every length whole wherever a chunk or a slice ends in them", () => {
        const text = 'aü€𝄞"';
        const cell = `"${text.replaceAll('"', '""')}"`;
        const lengthOfText = Buffer.byteLength(cell);

        for (let end = 1; end < lengthOfText + 4; end++) {
            expect(convertInChunks(`"s"\n${cell}\n`, { s: "string" }, end, 1_000)).to.equal(
                `${JSON.stringify({ s: text })}\n`,
            );
        }
        // Input is read in slices of 64 KB: the text stands at every place across the end of one.
        for (let shift = 0; shift < lengthOfText; shift++) {
            const before = "x".repeat(64 * 1024 - 5 - lengthOfText + shift);
            const csv = `"s"\n"${before}${cell.slice(1)}\n`;

            expect(convert(csv, { s: "string" })).to.equal(`${JSON.stringify({ s: before + text })}\n`);
        }
    });

    it("takes a header of any names: what counts is how many there are", () => {
        fc.assert(
            fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), chunkLengths, (names, lengths) => {
                const columns = names.map((_, index) => ({ name: `c${index}`, kind: "string" as const }));
                const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
                const bytes = Buffer.from(`${header}\n${'"x",'.repeat(names.length).slice(0, -1)}\n`);

                expect(outcomeOf(new CsvToNdjson(columns), bytes, lengths)).to.deep.equal({
                    lines: `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, "x"])))}\n`,
                    rows: 1,
                });
            }),
        );
    });

    it("answers what a plain state machine does to 10,000 columns, and to a row that lacks one", () => {
        const kinds: CellKind[] = ["string", "number", "boolean", "json"];
        const values = ['"a ""quoted"" ü"', '"-1.5"', '"true"', '"[1]"'];
        const columns = Array.from({ length: 10_000 }, (_, index) => ({ name: `c${index}`, kind: kinds[index % 4]! }));
        const row = columns.map((_, index) => (index % 7 === 0 ? "" : values[index % 4]!));
        const header = ",".repeat(columns.length - 1);

        for (const rows of [
            [row, row, row],
            [row, row.slice(1)],
            [row, [...row, ""]],
        ]) {
            const bytes = Buffer.from(`${header}\n${rows.map((cells) => `${cells.join(",")}\n`).join("")}`);

            expect(outcomeOf(new CsvToNdjson(columns), bytes, [65_537])).to.deep.equal(
                outcomeOf(new ReferenceCsvToNdjson(columns), bytes, [bytes.length]),
            );
        }
    });

    it("writes a cell of 50 MB, and what follows it", () => {
        const unit = 'x\n""ü\\';
        const count = Math.floor((50 * 1024 * 1024) / Buffer.byteLength(unit));
        const bytes = Buffer.from(`"s","n"\n"${unit.repeat(count)}","1"\n"y","2"\n`);
        const converter = new CsvToNdjson(csvColumns({ s: "string", n: "number" }));
        const lines: Buffer[] = [];

        for (let start = 0; start < bytes.length; start += 65_536) {
            lines.push(converter.push(bytes.subarray(start, start + 65_536)));
        }
        lines.push(converter.end());

        const [first, second, rest] = Buffer.concat(lines).toString().split("\n");
        expect(JSON.parse(first!).s === 'x\n"ü\\'.repeat(count)).to.equal(true);
        expect([second, rest]).to.deep.equal(['{"s":"y","n":2}', ""]);
    });

    it("answers to any bytes what a plain state machine does", () => {
        fc.assert(
            fc.property(csvLike, chunkLengths, ({ kinds, csv }, lengths) => {
                const columns = kinds.map((kind, index) => ({ name: `c${index}`, kind }));
                const bytes = Buffer.from(csv);

                expect(outcomeOf(new CsvToNdjson(columns), bytes, lengths)).to.deep.equal(
                    outcomeOf(new ReferenceCsvToNdjson(columns), bytes, [bytes.length]),
                );
            }),
            { numRuns: 1_000 },
        );
    });

    it("answers what a plain state machine does to rows longer than what is read at once", () => {
        fc.assert(
            // Where a row is longer than what has come, it is begun again: by single bytes that takes minutes.
            fc.property(
                longRows,
                fc.array(fc.integer({ min: 5_000, max: 300_000 }), { minLength: 1 }),
                (rows, lengths) => {
                    const columns: CsvColumn[] = ["string", "json", "number"].map(
                        (kind) => ({ name: kind, kind }) as CsvColumn,
                    );
                    const bytes = Buffer.from(`,,\n${rows.join("")}`);

                    expect(outcomeOf(new CsvToNdjson(columns), bytes, lengths)).to.deep.equal(
                        outcomeOf(new ReferenceCsvToNdjson(columns), bytes, [bytes.length]),
                    );
                },
            ),
            { numRuns: 30 },
        );
    });

    it("reads the same cells as csv-parse", () => {
        fc.assert(
            fc.property(table, ({ columns, rows }) => {
                // csv-parse takes a blank line for no row, so it can't say NULL in a single column.
                fc.pre(Object.keys(columns).length > 1);
                const strings = Object.fromEntries(Object.keys(columns).map((name) => [name, "string" as const]));
                const csv = athenaCsv(columns, rows);

                const lines = convert(csv, strings);

                const theirs: unknown[][] = parse(csv, {
                    record_delimiter: "\n",
                    relax_column_count: true,
                    cast: (value, { quoting }) => (quoting ? value : null),
                });
                const ours = lines.split("\n").slice(0, -1);
                expect(ours.map((line) => Object.values(JSON.parse(line)))).to.deep.equal(theirs.slice(1));
            }),
            { numRuns: 200 },
        );
    });
});

/** Any text: escapes, control characters, characters of up to four bytes. */
const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('"', "\\", "\n", "\r", ",", "\0", "\u001f", "\u007f", "\u2028", "ü", "𝄞", "a") }),
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
);
const number = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential().replace("e", "E")),
    fc.constantFrom("NaN", "Infinity", "-Infinity"),
);
const cells: Record<CellKind, fc.Arbitrary<string>> = {
    string: text,
    number,
    boolean: fc.constantFrom("true", "false"),
    json: fc.tuple(fc.jsonValue(), fc.constantFrom(0, 1)).map(([value, indent]) => JSON.stringify(value, null, indent)),
};

const table = fc
    .array(fc.constantFrom<CellKind>("string", "number", "boolean", "json"), { minLength: 1, maxLength: 5 })
    .chain((kinds) => {
        const columns = Object.fromEntries(kinds.map((kind, index) => [`c${index}`, kind]));
        const row = fc.tuple(...kinds.map((kind) => fc.option(cells[kind])));
        return fc.record({ columns: fc.constant(columns), rows: fc.array(row, { maxLength: 8 }) });
    });

/** Mostly CSV, and mostly with as many cells as there are columns. */
const csvLike = fc
    .array(fc.constantFrom<CellKind>("string", "number", "boolean", "json"), { minLength: 1, maxLength: 3 })
    .chain((kinds) => {
        const pieces = fc.constantFrom(
            '"',
            '""',
            ",",
            "\n",
            "\r",
            "-",
            "0",
            "1",
            ".",
            "e",
            "N",
            "true",
            "\\",
            "\t",
            "é",
            "{}",
        );
        const cell = (kind: CellKind) =>
            fc.oneof(
                { weight: 8, arbitrary: cells[kind].map((value) => `"${value.replaceAll('"', '""')}"`) },
                { weight: 3, arbitrary: fc.constant("") },
                { weight: 1, arbitrary: fc.array(pieces, { maxLength: 6 }).map((all) => all.join("")) },
                { weight: 1, arbitrary: fc.array(pieces, { maxLength: 6 }).map((all) => `"${all.join("")}"`) },
            );
        const row = fc.tuple(...kinds.map(cell)).map((row) => row.join(","));
        const rows = fc.array(fc.oneof({ weight: 9, arbitrary: row }, { weight: 1, arbitrary: fc.constant("") }));
        const csv = fc.tuple(rows, fc.constantFrom("\n", "", "\n\n")).map(([rows, end]) => rows.join("\n") + end);
        return fc.record({
            kinds: fc.constant(kinds),
            csv: csv.map((rows) => `${",".repeat(kinds.length - 1)}\n${rows}`),
        });
    });

/** Cells of a length up to some of the slices that are read at once. */
const longRows = fc.array(
    fc
        .tuple(
            fc.integer({ min: 0, max: 400_000 }),
            fc.constantFrom("a", '""', "\u0001", "ü"),
            fc.integer({ min: 0, max: 90_000 }),
        )
        .map(([length, character, digits]) => {
            const text = character.repeat(length / character.length);
            return `"${text}","[""${"b".repeat(length % 70_000)}""]","${"7".repeat(digits + 1)}"\n`;
        }),
    { maxLength: 4 },
);

const chunkLengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 });

/** Bytes of buffers that something still refers to. */
async function heldBytes(): Promise<number> {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc");
    let held = Number.POSITIVE_INFINITY;
    // Buffers are freed some time after the collection.
    for (let turn = 0; turn < 10; turn++) {
        gc();
        await sleep(10);
        held = Math.min(held, process.memoryUsage().arrayBuffers);
    }
    return held;
}

/** All lines, or the first row that is wrong: a row may be so in several ways. */
function outcomeOf(converter: CsvToNdjson | ReferenceCsvToNdjson, bytes: Buffer, lengths: number[]) {
    try {
        const lines: Buffer[] = [];
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
            const end = start + lengths[turn % lengths.length]!;
            lines.push(converter.push(bytes.subarray(start, end)));
            start = end;
        }
        return { lines: Buffer.concat([...lines, converter.end()]).toString(), rows: converter.rows };
    } catch (error) {
        return (error as Error).message.replace(/(at byte \d+): .*/, "$1");
    }
}

/** What Athena writes: every value quoted, NULL as nothing. */
function athenaCsv(columns: Record<string, CellKind>, rows: (string | null)[][]): string {
    const cell = (value: string | null) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`);
    return [Object.keys(columns), ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

/** The row as JSON must read it. */
function expected(columns: Record<string, CellKind>, row: (string | null)[]): unknown {
    return Object.fromEntries(Object.entries(columns).map(([name, kind], index) => [name, value(kind, row[index]!)]));

    function value(kind: CellKind, cell: string | null): unknown {
        if (cell === null || kind === "string") return cell;
        if (kind === "number") return /[NI]/.test(cell) ? null : cell;
        return exactly(cell);
    }
}

/** JSON's value with every number as it is written, so that no digit is lost in a comparison. */
function exactly(json: string): unknown {
    return readJson(json, String);
}

function convert(csv: string, columns: Record<string, CellKind>): string {
    const converter = new CsvToNdjson(csvColumns(columns));
    return Buffer.concat([converter.push(Buffer.from(csv)), converter.end()]).toString();
}

/** The same with the bytes in chunks of these lengths, over and over. */
function convertInChunks(csv: string, columns: Record<string, CellKind>, ...lengths: number[]): string {
    const converter = new CsvToNdjson(csvColumns(columns));
    const bytes = Buffer.from(csv);
    const lines: Buffer[] = [];
    for (let start = 0, turn = 0; start < bytes.length; turn++) {
        const end = start + lengths[turn % lengths.length]!;
        lines.push(converter.push(bytes.subarray(start, end)));
        start = end;
    }
    return Buffer.concat([...lines, converter.end()]).toString();
}

function csvColumns(columns: Record<string, CellKind>): CsvColumn[] {
    return Object.entries(columns).map(([name, kind]) => ({ name, kind }));
}
