/** A moment's fields in a time zone. */
interface Fields {
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
    weekday: string;
    monthName: string;
}

/** A pattern's letters: how many may stand together, and what they become. */
const letters: Record<string, { most: number; text(fields: Fields, count: number): string }> = {
    y: { most: 9, text: year },
    u: { most: 9, text: year },
    M: { most: 4, text: month },
    d: { most: 2, text: (fields, count) => pad(fields.day, count) },
    D: { most: 3, text: (fields, count) => pad(dayOfYear(fields), count) },
    E: { most: 4, text: (fields, count) => (count === 4 ? fields.weekday : fields.weekday.slice(0, 3)) },
    a: { most: 1, text: (fields) => (fields.hour < 12 ? "AM" : "PM") },
    H: { most: 2, text: (fields, count) => pad(fields.hour, count) },
    k: { most: 2, text: (fields, count) => pad(fields.hour || 24, count) },
    K: { most: 2, text: (fields, count) => pad(fields.hour % 12, count) },
    h: { most: 2, text: (fields, count) => pad(fields.hour % 12 || 12, count) },
    m: { most: 2, text: (fields, count) => pad(fields.minute, count) },
    s: { most: 2, text: (fields, count) => pad(fields.second, count) },
};

/** Quoted text, a run of one letter, or any other character. */
const token = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^']/g;

/** Formats a time by a pattern of Java's DateTimeFormatter; patterns that are not modelled are refused by name. */
export function formatTime(pattern: string, time: number, timeZone: string): string {
    if (pattern.replaceAll(token, "") !== "") throw new Error(`timestamp pattern "${pattern}": a quote is not closed`);
    const fields = fieldsOf(time, timeZone);
    return pattern.replaceAll(token, (run, quoted: string | undefined, letter: string | undefined) => {
        if (quoted !== undefined) return quoted === "" ? "'" : quoted.replaceAll("''", "'");
        if (letter !== undefined) return field(pattern, letter, run.length, fields);
        if ("[]{}#".includes(run)) throw new Error(`timestamp pattern "${pattern}": "${run}" is not modelled`);
        return run;
    });
}

function field(pattern: string, letter: string, count: number, fields: Fields): string {
    const known = letters[letter];
    if (!known) throw new Error(`timestamp pattern "${pattern}": the letter "${letter}" is not modelled`);
    if (count > known.most) throw new Error(`timestamp pattern "${pattern}": too many letters "${letter}"`);
    return known.text(fields, count);
}

function fieldsOf(time: number, timeZone: string): Fields {
    const parts = Object.fromEntries(
        formatter(timeZone)
            .formatToParts(time)
            .map(({ type, value }) => [type, value]),
    );
    return {
        year: Number(parts.year),
        month: monthNames.indexOf(parts.month!) + 1,
        day: Number(parts.day),
        hour: Number(parts.hour),
        minute: Number(parts.minute),
        second: Number(parts.second),
        weekday: parts.weekday!,
        monthName: parts.month!,
    };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
    let found = formatters.get(timeZone);
    if (!found) {
        found = new Intl.DateTimeFormat("en-US", {
            timeZone,
            hourCycle: "h23",
            year: "numeric",
            month: "long",
            day: "numeric",
            hour: "numeric",
            minute: "numeric",
            second: "numeric",
            weekday: "long",
        });
        formatters.set(timeZone, found);
    }
    return found;
}

const monthNames = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

function year(fields: Fields, count: number): string {
    return count === 2 ? pad(fields.year % 100, 2) : pad(fields.year, count);
}

function month(fields: Fields, count: number): string {
    if (count === 4) return fields.monthName;
    if (count === 3) return fields.monthName.slice(0, 3);
    return pad(fields.month, count);
}

function dayOfYear({ year, month, day }: Fields): number {
    return (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1;
}

function pad(value: number, count: number): string {
    return String(value).padStart(count, "0");
}
