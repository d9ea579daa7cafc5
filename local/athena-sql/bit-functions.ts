import { macro, overload, type ScalarFunction } from "./signatures";

const bits = { tinyint: 8, smallint: 16, integer: 32, bigint: 64 };

const shift = (direction: string): ScalarFunction =>
    macro(
        ...Object.entries(bits).map(([type, size]) =>
            overload(
                `${type}, integer -> ${type}`,
                `CAST(js_shift('${direction}', CAST($1 AS BIGINT), ${size}, $2) AS ${type})`,
            ),
        ),
    );

/** Shifts of whole numbers, which keep their type's width. */
export const bitFunctions: Record<string, ScalarFunction> = {
    bitwise_left_shift: shift("left"),
    bitwise_right_shift: shift("right"),
    bitwise_right_shift_arithmetic: shift("arithmetic"),
};
