import { inside, type Report } from "../../plan";
import { quoted, suggestion } from "../../plan/suggestion";
import type { Fakes } from "./fake";
import { Random } from "./random";
import { Reader } from "./reader";

/** Writes the value for an event that arrives then as JSON; undefined where the event has none. */
export type Write = (arrival: number) => string | undefined;

/** What all fields of a spec share. */
export interface Context {
    seed: number;
    report: Report;
    /** When the events start; absent where the spec doesn't say when they arrive. */
    start?: number;
    /** Absent where no field asks for them. */
    fakes?: Fakes;
    /** Called for each timestamp that lies before the event's arrival. */
    late(): void;
}

/** A JSON object of these fields; members without a value are left out. */
export function readFields(entries: [string, unknown][], path: string, context: Context): (arrival: number) => string {
    const fields = entries.map(([name, value]) => ({
        name: JSON.stringify(name),
        write: readField(value, inside(path, name), context),
    }));
    return (arrival) => {
        let members = "";
        for (const { name, write } of fields) {
            const value = write(arrival);
            if (value !== undefined) members += `${members && ","}${name}:${value}`;
        }
        return `{${members}}`;
    };
}

/** The types of fields by name: each reads its own members and says how to write a value. */
const types: Record<string, (reader: Reader, random: Random, context: Context) => Write> = {
    choice: readChoice,
    uniform: readUniform,
    normal: readNormal,
    sequence: readSequence,
    uuid: (_, random) => () => uuid(random),
    timestamp: readTimestamp,
    fake: readFake,
    object: readObject,
    array: readArray,
};

function readField(value: unknown, path: string, context: Context): Write {
    const nothing = () => undefined;
    const reader = Reader.of(value, path, context.report);
    const type = reader?.text("type");
    if (!reader || !type) return nothing;
    if (!Object.hasOwn(types, type)) {
        reader.report("type", `unknown type \`${type}\`: ${suggestion(type, Object.keys(types))}`);
        return nothing;
    }
    const write = types[type]!(reader, new Random(context.seed, path), context);
    const missing = reader.share("missing");
    reader.end();
    if (missing === 0) return write;
    const presence = new Random(context.seed, `${path} missing`);
    return (arrival) => (presence.chance(missing) ? undefined : write(arrival));
}

function readChoice(reader: Reader, random: Random): Write {
    const values = reader.list("values").map((value) => JSON.stringify(value));
    if (!reader.has("weights")) return () => values[random.integer(0, values.length - 1)];
    const weights = reader.numbers("weights", { from: 0 });
    if (weights.length > 0 && values.length > 0 && weights.length !== values.length)
        reader.report("weights", `must be as many as the values: ${values.length}, not ${weights.length}`);
    let sum = 0;
    const upTo = weights.map((weight) => {
        sum += weight;
        return sum;
    });
    if (weights.length > 0 && sum === 0) reader.report("weights", "must not all be 0");
    return () => {
        const point = random.fraction() * sum;
        return values[upTo.findIndex((end) => point < end)];
    };
}

function readUniform(reader: Reader, random: Random): Write {
    const min = reader.number("min");
    const max = reader.number("max");
    const scale = readScale(reader);
    const write = readText(reader);
    if (min > max) reader.report("max", `must be at least \`min\`, ${min}`);
    if (scale === undefined) return () => write(min + random.fraction() * (max - min));
    for (const [name, bound] of Object.entries({ min, max })) {
        const scaled = Math.round(bound * scale);
        if (!Number.isNaN(scaled) && !Number.isSafeInteger(scaled))
            reader.report(name, "has too many digits for so many `decimals`");
        else if (!Number.isNaN(scaled) && scaled / scale !== bound)
            reader.report(name, "must not have more decimals than `decimals`");
    }
    return () => write(random.integer(Math.round(min * scale), Math.round(max * scale)) / scale);
}

function readNormal(reader: Reader, random: Random): Write {
    const mean = reader.number("mean");
    const deviation = reader.number("deviation", { from: 0 });
    const min = reader.number("min", {}, -Infinity);
    const max = reader.number("max", {}, Infinity);
    const scale = readScale(reader);
    const write = readText(reader);
    if (min > max) reader.report("max", `must be at least \`min\`, ${min}`);
    return () => {
        const value = mean + deviation * random.normal();
        const rounded = scale === undefined ? value : Math.round(value * scale) / scale;
        return write(Math.max(min, Math.min(max, rounded)));
    };
}

function readSequence(reader: Reader): Write {
    const start = reader.number("start", { integer: true }, 1);
    const step = BigInt(reader.number("step", { integer: true }, 1));
    const write = readText(reader);
    let next = BigInt(start);
    return () => {
        const value = write(next);
        next += step;
        return value;
    };
}

function readTimestamp(reader: Reader, random: Random, { start, report, late: count }: Context): Write {
    const format = formats[reader.word("format", Object.keys(formats) as (keyof typeof formats)[]) ?? "iso"];
    const late = reader.has("late") ? reader.object("late") : undefined;
    const share = late?.number("share", { from: 0, to: 1 }) ?? 0;
    const within = Math.floor(late?.duration("within") ?? 1);
    late?.end();
    if (start === undefined)
        report(reader.path, "is a timestamp: say in `time` when the events start and how often they come");
    return (arrival) => {
        if (share === 0 || !random.chance(share)) return format(arrival);
        count();
        return format(arrival - random.integer(Math.min(1, within), within));
    };
}

const formats = {
    iso: (time: number) => `"${new Date(time).toISOString()}"`,
    sql: (time: number) => `"${new Date(time).toISOString().replace("T", " ").replace("Z", "")}"`,
    date: (time: number) => `"${new Date(time).toISOString().slice(0, 10)}"`,
    milliseconds: (time: number) => String(time),
    seconds: (time: number) => String(Math.floor(time / 1000)),
};

function readFake(reader: Reader, random: Random, { fakes, start = 0 }: Context): Write {
    const name = reader.text("value");
    const fake = fakes?.(name, random, start);
    if (typeof fake === "function") return fake;
    if (fake !== undefined && name !== "") reader.report("value", fake.problem);
    return () => undefined;
}

function readObject(reader: Reader, _: Random, context: Context): Write {
    return readFields(reader.entries("fields"), reader.pathOf("fields"), context);
}

function readArray(reader: Reader, random: Random, context: Context): Write {
    const length = { from: 0, to: 10_000, integer: true };
    const min = reader.number("min", length, 0);
    const max = reader.number("max", length);
    const write = readField(reader.value("items"), reader.pathOf("items"), context);
    if (min > max) reader.report("max", `must be at least \`min\`, ${min}`);
    return (arrival) => {
        const items = Array.from({ length: random.integer(min, max) }, () => write(arrival) ?? "null");
        return `[${items.join()}]`;
    };
}

/** 10 to the power of `decimals`, if a field has them. */
function readScale(reader: Reader): number | undefined {
    return reader.has("decimals")
        ? Number(`1e${reader.number("decimals", { from: 0, to: 15, integer: true })}`)
        : undefined;
}

/** Writes numbers as they are or, with `text`, inside it: `device-{00}` makes `"device-07"` of 7. */
function readText(reader: Reader): (value: number | bigint) => string {
    if (!reader.has("text")) return String;
    const text = reader.text("text");
    const [before = "", zeros = "", after = ""] = text.split(/\{(0*)\}/);
    if (text !== "" && text.split(/\{0*\}/).length !== 2)
        reader.report(
            "text",
            `must have one place for the number: ${quoted(["{}"])}, or with leading zeros ${quoted(["{000}"])}`,
        );
    const [open, close] = [JSON.stringify(before).slice(0, -1), JSON.stringify(after).slice(1)];
    return (value) => `${open}${String(value).padStart(zeros.length, "0")}${close}`;
}

/** Version 4, random. */
function uuid(random: Random): string {
    const part = () => random.integer(0, 0xffff).toString(16).padStart(4, "0");
    const version = (0x4000 | random.integer(0, 0xfff)).toString(16);
    const variant = (0x8000 | random.integer(0, 0x3fff)).toString(16);
    return `"${part()}${part()}-${part()}-${version}-${variant}-${part()}${part()}${part()}"`;
}
