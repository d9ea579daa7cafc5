import { macro, overload, type ScalarFunction } from "./signatures";
import { decimal } from "./types";

const size = overload("varchar -> decimal", "CAST(js_data_size($1) AS DECIMAL(38,0))", () => decimal(38, 0));

/** Functions of texts that are measures, numbers or names. */
export const textFunctions: Record<string, ScalarFunction> = {
    soundex: macro(overload("varchar -> varchar", "js_soundex($1)", () => ({ kind: "varchar", length: 4 }))),
    luhn_check: macro(overload("varchar -> boolean", "js_luhn($1)")),
    human_readable_seconds: macro(overload("double -> varchar", "js_human_seconds($1)")),
    parse_data_size: macro(size),
    parse_presto_data_size: macro(size),
    parse_duration: macro(overload("varchar -> interval day to second", "js_duration($1)")),
};
