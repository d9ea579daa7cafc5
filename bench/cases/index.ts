import type { Case } from "../case";
import { accessLog } from "./access-log";
import { conversions } from "./conversion";
import { counting } from "./counting";
import { normalizing } from "./normalize";

/** All cases, in the order in which they are run. */
export const cases: Case[] = [...conversions, counting, accessLog, normalizing];
