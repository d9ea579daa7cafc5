import type { Case } from "../case";
import { conversions } from "./conversion";
import { counting } from "./counting";
import { normalizing } from "./normalize";

/** All cases, in the order in which they are run. */
export const cases: Case[] = [...conversions, counting, normalizing];
