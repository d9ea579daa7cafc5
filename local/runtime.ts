import type { Clock } from "./clock";
import type { Injector } from "./faults/injector";
import type { Access } from "./iam/access";
import type { Journal } from "./journal";
import type { CapturedProgram } from "./program";
import type { Work } from "./work";

export {
    AwsError,
    type AwsRequest,
    type AwsResponse,
    account,
    type Cause,
    type Endpoint,
    region,
} from "./aws";

/** What all services of one local pipeline share. */
export interface Runtime {
    program: CapturedProgram;
    clock: Clock;
    work: Work;
    journal: Journal;
    /** Folder that holds all state. */
    folder: string;
    /** Where something shall go wrong. */
    faults?: Injector;
    /** Who may call what. */
    access?: Access;
}
