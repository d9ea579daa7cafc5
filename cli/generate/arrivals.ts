import type { Random } from "./random";
import type { Reader } from "./reader";

const hour = 3_600_000;
const day = 24 * hour;

/** When events arrive, in milliseconds since 1970, one call after the other: never backwards. */
export interface Arrivals {
    start: number;
    next(): number;
}

/** Reads `time`: one event for every `every` on average, at a random moment of its own slot, denser where `daily` says so. */
export function readArrivals(reader: Reader, random: Random): Arrivals {
    const start = reader.time("start");
    const every = reader.duration("every");
    const after = reader.has("daily") ? readDaily(reader, start) : (passed: number) => start + passed;
    reader.end();
    let index = 0;
    return {
        start,
        next: () => Math.max(start, Math.floor(after((index++ + random.fraction()) * every))),
    };
}

/**
 * The moment at which an even stream has come as far as `passed` milliseconds from the start, where the day's hours (UTC)
 * have different weights: hours are stretched or shortened, days stay as long as they are.
 */
function readDaily(reader: Reader, start: number): (passed: number) => number {
    const weights = readWeights(reader);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    /** Share of the day's events before each hour. */
    const before = weights.map(
        (_, index) => weights.slice(0, index).reduce((total, weight) => total + weight, 0) / sum,
    );
    const midnight = Math.floor(start / day) * day;
    const startHour = Math.floor((start - midnight) / hour);
    const startShare =
        before[startHour]! + ((start - midnight - startHour * hour) / hour) * (weights[startHour]! / sum);
    return (passed) => {
        const position = startShare + passed / day;
        const days = Math.floor(position);
        const share = position - days;
        const at = before.findLastIndex((least, index) => least <= share && weights[index]! > 0);
        const part = Math.min(1, (share - before[at]!) / (weights[at]! / sum));
        return midnight + days * day + (at + part) * hour;
    };
}

/** The weights of the day's 24 hours, as a list of them or from `{ "peak": 20, "times": 5 }`. */
function readWeights(reader: Reader): number[] {
    const flat = Array<number>(24).fill(1);
    if (Array.isArray(reader.value("daily"))) {
        const weights = reader.numbers("daily", { from: 0 });
        if (weights.length === 24 && weights.some((weight) => weight > 0)) return weights;
        reader.report("daily", "must have 24 weights, one for each hour of the day (UTC), not all of them 0");
        return flat;
    }
    const curve = reader.object("daily");
    if (!curve) return flat;
    const peak = curve.number("peak", { from: 0, to: 23, integer: true });
    const times = curve.number("times", { from: 1 });
    curve.end();
    return flat.map((_, index) => {
        const distance = Math.min(Math.abs(index - peak), 24 - Math.abs(index - peak));
        return 1 + (times - 1) * (1 - distance / 12);
    });
}
