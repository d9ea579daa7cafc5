import type { Random } from "../../cli/generate/random";
import type { CellKind } from "../../handlers/convert-result/csv-to-ndjson";

/** A column of a result: what it is called, how its cells become JSON, and what DuckDB calls its type. */
export interface BenchColumn {
    name: string;
    kind: CellKind;
    duckType: string;
}

/** A row's values; null is NULL. */
export type Values = (string | null)[];

const column = (name: string, kind: CellKind, duckType: string): BenchColumn => ({ name, kind, duckType });

const afterId = [
    column("url", "string", "VARCHAR"),
    column("name", "string", "VARCHAR"),
    column("note", "string", "VARCHAR"),
    column("user_agent", "string", "VARCHAR"),
    column("country", "string", "VARCHAR"),
    column("amount", "number", "DOUBLE"),
    column("ratio", "number", "DOUBLE"),
    column("count", "number", "BIGINT"),
    column("total", "number", "BIGINT"),
    column("active", "boolean", "BOOLEAN"),
    column("day", "string", "VARCHAR"),
    column("sent_at", "string", "VARCHAR"),
    column("session", "string", "VARCHAR"),
];

/** How a result's rows look. */
export interface Shape {
    name: string;
    about: string;
    columns: BenchColumn[];
    row(random: Random): Values;
}

/** As queries over web events have them: long texts, some with quotes and newlines, and NULLs. */
export const wide: Shape = {
    name: "wide",
    about: "rows of 350 bytes",
    columns: [column("id", "string", "VARCHAR"), ...afterId],
    row: wideRow,
};

/** The same keys, which make most of what is written. */
export const narrow: Shape = {
    name: "narrow",
    about: "rows of 92 bytes",
    columns: [column("id", "number", "BIGINT"), ...afterId],
    row: narrowRow,
};

function wideRow(random: Random): Values {
    const words = () => `${oneOf(random, vocabulary)} ${oneOf(random, vocabulary)}`;
    return [
        uuid(random),
        `https://example.com/${oneOf(random, vocabulary)}/${random.integer(0, 999_999)}?ref=${oneOf(random, vocabulary)}`,
        words(),
        random.chance(0.07) ? 'say "hi",\nline\\two' : words(),
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        random.chance(0.1) ? null : oneOf(random, ["CH", "DE", "FR", "US"]),
        `${random.integer(0, 999)}.${twoDigits(random.integer(0, 99))}`,
        random.chance(0.01) ? "NaN" : String(random.fraction()),
        random.chance(0.1) ? null : String(random.integer(0, 999_999)),
        String(Math.floor(random.fraction() * 9e15)),
        String(random.chance(0.5)),
        `2026-11-${twoDigits(random.integer(1, 28))}`,
        `2026-11-21 0${random.integer(0, 9)}:00:00.000`,
        uuid(random),
    ];
}

function narrowRow(random: Random): Values {
    return [
        String(random.integer(0, 9_999)),
        `/p${random.integer(0, 99)}`,
        "a",
        "",
        "x",
        random.chance(0.5) ? null : "CH",
        String(random.integer(0, 9)),
        `0.${twoDigits(random.integer(0, 99))}`,
        String(random.integer(0, 9)),
        String(random.integer(0, 999)),
        String(random.chance(0.5)),
        "2026-11-21",
        null,
        `s${random.integer(0, 99)}`,
    ];
}

const vocabulary = "Zürich red blue green São naïve café battery 日本 device status ok error timeout Søren".split(" ");

function oneOf(random: Random, values: string[]): string {
    return values[random.integer(0, values.length - 1)]!;
}

/** Random, but of the right form. */
export function uuid(random: Random): string {
    const digits = Array.from({ length: 4 }, () => random.integer(0, 0xffff_ffff).toString(16).padStart(8, "0"));
    return digits.join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function twoDigits(value: number): string {
    return String(value).padStart(2, "0");
}
