import { notModelled, QueryError } from "./errors";

/** A number of `size` bits shifted; what falls out on a side is lost. */
export function shifted(direction: string, value: bigint, size: number, places: number): bigint {
    if (places < 0) throw notModelled("a shift by less than nothing");
    const [width, count] = [BigInt(size), BigInt(places)];
    if (direction === "arithmetic") return value >> (count < width ? count : width - 1n);
    if (count >= width) return 0n;
    const unsigned = BigInt.asUintN(size, value);
    return BigInt.asIntN(size, direction === "left" ? unsigned << count : unsigned >> count);
}

const mostCombined = 5;

/** Places of each choice of `size` out of `count` elements, those of the first elements first: `1 2`, `1 3`, `2 3`, `1 4`. */
export function combinations(count: bigint, size: bigint): string[] {
    const refused = size < 0n ? "not be negative" : size > mostCombined ? `not exceed ${mostCombined}` : undefined;
    if (refused) throw new QueryError("INVALID_FUNCTION_ARGUMENT", `combination size must ${refused}: ${size}`);
    const choose = (among: number, left: number): number[][] => {
        if (left === 0) return [[]];
        const lasts = Array.from({ length: Math.max(0, among - left + 1) }, (_, index) => left + index);
        return lasts.flatMap((last) => choose(last - 1, left - 1).map((before) => [...before, last]));
    };
    return choose(Number(count), Number(size)).map((places) => places.join(" "));
}
