/** How one partition column's values are computed instead of stored: `projection.<column>.*` of a table. */
export type Projection =
    | { type: "enum"; values: string[] }
    | { type: "integer"; from: bigint; to: bigint; interval: bigint; digits: number }
    | { type: "date"; range: string; format: string; interval: number; unit: Unit }
    | { type: "injected" };

type Unit = "YEARS" | "MONTHS" | "WEEKS" | "DAYS" | "HOURS" | "MINUTES" | "SECONDS";

const unitMillis: Record<string, number> = {
    WEEKS: 604_800_000,
    DAYS: 86_400_000,
    HOURS: 3_600_000,
    MINUTES: 60_000,
    SECONDS: 1000,
};
const unitMonths: Record<string, number> = { YEARS: 12, MONTHS: 1 };
const dateFields: Record<string, { pattern: string; unit: Unit }> = {
    yyyy: { pattern: "(\\d{4})", unit: "YEARS" },
    MM: { pattern: "(\\d\\d)", unit: "MONTHS" },
    dd: { pattern: "(\\d\\d)", unit: "DAYS" },
    HH: { pattern: "(\\d\\d)", unit: "HOURS" },
    mm: { pattern: "(\\d\\d)", unit: "MINUTES" },
    ss: { pattern: "(\\d\\d)", unit: "SECONDS" },
};

/** Reads a column's projection from the table's parameters; what is wrong is an error that names the parameter. */
export function parseProjection(column: string, parameters: Record<string, string>): Projection {
    const prefix = `projection.${column}.`;
    const get = (name: string): string => {
        const value = parameters[prefix + name];
        if (value === undefined) throw new Error(`${prefix}${name} is missing`);
        return value;
    };
    switch (get("type").toLowerCase()) {
        case "enum":
            return {
                type: "enum",
                values: get("values")
                    .split(",")
                    .map((value) => value.trim()),
            };
        case "integer": {
            const [from, to] = get("range")
                .split(",")
                .map((value) => BigInt(value.trim()));
            return {
                type: "integer",
                from: from!,
                to: to!,
                interval: BigInt(parameters[`${prefix}interval`] ?? 1),
                digits: Number(parameters[`${prefix}digits`] ?? 0),
            };
        }
        case "date": {
            const format = get("format");
            const unit = (parameters[`${prefix}interval.unit`] ?? finestUnit(format)).toUpperCase();
            if (!(unit in unitMillis) && !(unit in unitMonths))
                throw new Error(`${prefix}interval.unit '${unit}' is unknown`);
            const projection: Projection = {
                type: "date",
                range: get("range"),
                format,
                interval: Number(parameters[`${prefix}interval`] ?? 1),
                unit: unit as Unit,
            };
            dateRange(projection, 0);
            return projection;
        }
        case "injected":
            return { type: "injected" };
        default:
            throw new Error(`${prefix}type '${get("type")}' is unknown`);
    }
}

/** A regular expression, without groups, for the values of a partition column in a key. */
export function valuePattern(projection: Projection): string {
    switch (projection.type) {
        case "enum":
            return projection.values.map(literally).join("|");
        case "integer":
            return "-?\\d+";
        case "date":
            return formatPattern(projection.format).replaceAll(/\((?!\?)/g, "(?:");
        case "injected":
            return "[^/]+";
    }
}

/** Tells which values the projection computes. */
export function projector(projection: Projection, now: number): (value: string) => boolean {
    switch (projection.type) {
        case "enum":
        case "injected":
            return () => true;
        case "integer": {
            const { from, to, interval, digits } = projection;
            return (value) => {
                const number = BigInt(value);
                const text = String(number < 0n ? -number : number).padStart(digits, "0");
                const isWithin = number >= from && number <= to && (number - from) % interval === 0n;
                return isWithin && value === (number < 0n ? `-${text}` : text);
            };
        }
        case "date": {
            const [from, to] = dateRange(projection, now);
            const timeOf = dateReader(projection.format);
            return (value) => {
                const time = timeOf(value);
                return time !== undefined && time >= from && time <= to && onStep(time, from, projection);
            };
        }
    }
}

function onStep(time: number, from: number, { interval, unit }: Projection & { type: "date" }): boolean {
    const months = unitMonths[unit];
    if (months === undefined) return (time - from) % (interval * unitMillis[unit]!) === 0;
    const count = monthsOf(time) - monthsOf(from);
    return count % (interval * months) === 0;
}

function monthsOf(time: number): number {
    const date = new Date(time);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function dateRange({ range, format }: Projection & { type: "date" }, now: number): [number, number] {
    const [from, to] = range.split(",").map((end) => rangeEnd(end.trim(), format, now));
    if (from === undefined || to === undefined)
        throw new Error(`the projection range '${range}' does not fit the format ${format}`);
    return [from, to];
}

function rangeEnd(text: string, format: string, now: number): number | undefined {
    const relative = /^NOW(?:\s*([+-])\s*(\d+)\s*([A-Z]+?)S?)?$/i.exec(text);
    if (!relative) return dateReader(format)(text);
    const [, sign, count = "0", name = "SECOND"] = relative;
    const unit = `${name.toUpperCase()}S`;
    const steps = (sign === "-" ? -1 : 1) * Number(count);
    const date = new Date(now);
    if (unit in unitMonths) date.setUTCMonth(date.getUTCMonth() + steps * unitMonths[unit]!);
    else if (unit in unitMillis) date.setTime(now + steps * unitMillis[unit]!);
    else return undefined;
    return cut(date, format);
}

/** The time as far as the format tells it. */
function cut(date: Date, format: string): number {
    const fields = ["yyyy", "MM", "dd", "HH", "mm", "ss"];
    const known = fields.filter((field) => format.includes(field)).length;
    const parts = [
        date.getUTCFullYear(),
        date.getUTCMonth(),
        date.getUTCDate(),
        date.getUTCHours(),
        date.getUTCMinutes(),
        date.getUTCSeconds(),
    ];
    const kept = parts.map((part, index) => (index < known ? part : index === 2 ? 1 : 0)) as [
        number,
        number,
        number,
        number,
        number,
        number,
    ];
    return Date.UTC(...kept);
}

/** Reads times in this format; undefined for what is none. */
function dateReader(format: string): (text: string) => number | undefined {
    const pattern = new RegExp(`^${formatPattern(format)}$`);
    const names = tokens(format).filter((token) => token in dateFields);
    return (text) => {
        const match = pattern.exec(text);
        if (!match) return undefined;
        const fields: Record<string, number> = Object.fromEntries(
            names.map((name, index) => [name, Number(match[index + 1])]),
        );
        const { yyyy = 1970, MM = 1, dd = 1, HH = 0, mm = 0, ss = 0 } = fields;
        const time = Date.UTC(yyyy, MM - 1, dd, HH, mm, ss);
        const date = new Date(time);
        return date.getUTCMonth() === MM - 1 && date.getUTCDate() === dd && HH < 24 && mm < 60 && ss < 60
            ? time
            : undefined;
    };
}

function tokens(format: string): string[] {
    return format.match(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/g) ?? [];
}

function formatPattern(format: string): string {
    return tokens(format)
        .map((token) => {
            if (token.startsWith("'"))
                return literally(token === "''" ? "'" : token.slice(1, -1).replaceAll("''", "'"));
            if (!/^[A-Za-z]/.test(token)) return literally(token);
            const field = dateFields[token];
            if (!field) throw new Error(`'${token}' in the projection format ${format} is not modelled locally`);
            return field.pattern;
        })
        .join("");
}

function finestUnit(format: string): Unit {
    const units = tokens(format).flatMap((token) => dateFields[token]?.unit ?? []);
    const order: Unit[] = ["YEARS", "MONTHS", "DAYS", "HOURS", "MINUTES", "SECONDS"];
    return order.findLast((unit) => units.includes(unit)) ?? "DAYS";
}

function literally(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
