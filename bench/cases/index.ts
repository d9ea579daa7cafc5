import type { Case } from "../case";
import { conversions } from "./conversion";

/** All cases, in the order in which they are run. */
export const cases: Case[] = [...conversions];
