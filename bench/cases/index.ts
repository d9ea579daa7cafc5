import type { Case } from "../case";
import { accessLog } from "./access-log";
import { coldStarts } from "./cold-start";
import { conversions } from "./conversion";
import { counting } from "./counting";
import { largest } from "./largest";
import { normalizing } from "./normalize";
import { wholePipeline } from "./pipeline";
import { capturing, planning } from "./plan";

/** All cases, in the order in which they are run. */
export const cases: Case[] = [
    ...conversions,
    counting,
    accessLog,
    normalizing,
    ...coldStarts,
    largest,
    wholePipeline,
    planning,
    capturing,
];
