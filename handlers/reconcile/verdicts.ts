import { type Item, type Ledger, ledgerKey } from "../shared/ledger";
import {
    entryAttribute,
    handledEntry,
    Outcome,
    objectEntry,
    runEntry,
    subscriber,
    subscriberAttribute,
} from "../shared/ledger-contract";
import { readRows } from "../shared/ledger-rows";
import type { ReconciledSubscriber } from "./contract";
import { type ListedObject, versionOf } from "./list-objects";

/** What a subscriber made of an object. */
export interface Verdict {
    subscriber: ReconciledSubscriber;
    object: ListedObject;
    state: "done" | "failed" | "inWork" | "missing";
    /** Why it is missing. */
    reason: string;
    /** Athena's id of a query run that has begun and was not heard of again. */
    executionId?: string;
}

/** A subscriber, one of its objects, and what the ledger has of them. */
interface Found {
    subscriber: ReconciledSubscriber;
    object: ListedObject;
    row?: Item;
}

/** Rows of the ledger, by their keys. */
type Rows = Map<string, Item>;

/**
 * Asks the ledger what each subscriber made of each object that it reacts to. What it wrote down after `to`
 * (milliseconds) is work under way.
 */
export async function readVerdicts(
    ledger: Ledger,
    subscribers: ReconciledSubscriber[],
    objects: ListedObject[],
    to: number,
): Promise<Verdict[]> {
    const pairs = subscribers.flatMap((each) =>
        objects.filter((object) => concerns(each, object)).map((object) => ({ subscriber: each, object })),
    );
    const rows = await rowsBy(
        ledger,
        pairs.map(({ subscriber: { kind, name }, object }) => [objectEntry(object.key), subscriber(kind, name)]),
    );
    const asked = pairs.map((pair) => ({
        ...pair,
        row: rows.get(keyOf(objectEntry(pair.object.key), nameOf(pair.subscriber))),
    }));
    const found = await withHandled(ledger, asked);
    const runs = await readRuns(ledger, found);
    return found.map(({ subscriber: own, object, row }) => {
        const pair = { subscriber: own, object };
        if (!row) return { ...pair, state: "missing", reason: "nothing in the ledger" };
        const isRecent = (time: string) => Date.parse(time) > to - (own.patience ?? 0) * 1000;
        const waits = (reason: string) =>
            ({ ...pair, state: isRecent(row.at!.S!) ? "inWork" : "missing", reason }) as const;
        if (!isOf(row, object)) return waits(`the ledger has version ${row.version!.S || "none"}`);
        if (row.outcome!.S === Outcome.Done) return { ...pair, state: "done", reason: "" };
        if (row.outcome!.S === Outcome.Failed) return { ...pair, state: "failed", reason: "" };
        if (own.kind !== "query") return waits(`${row.outcome!.S} at ${row.at!.S}`);
        return {
            ...pair,
            ...stateOfRun(runs.get(keyOf(runEntry(row.executionId!.S!), nameOf(own))), row.at!.S!, isRecent),
        };
    });
}

/** `rollup/pings`. */
export function nameOf({ kind, name }: ReconciledSubscriber): string {
    return subscriber(kind, name);
}

/** A query has nothing to do with what is empty, and writes nothing down of it. */
function concerns({ kind, trigger }: ReconciledSubscriber, { key, size }: ListedObject): boolean {
    return key.startsWith(trigger) && !(kind === "query" && size === 0);
}

/** Whether a row speaks of this version: version id or ETag, as S3's services spell it. */
function isOf(row: Item, object: ListedObject): boolean {
    return row.version!.S!.replaceAll('"', "") === versionOf(object);
}

/** A query's row only says which run has the object; the run's says how that ended. */
function stateOfRun(
    run: Item | undefined,
    joinedAt: string,
    isRecent: (time: string) => boolean,
): Omit<Verdict, "subscriber" | "object"> {
    if (!run) return { state: "missing", reason: "its run is not in the ledger" };
    const state = run.state!.S!;
    if (state === "succeeded") return { state: "done", reason: "" };
    if (state === "failed") return { state: "failed", reason: "" };
    const since = run.startedAt?.S ?? run.claimedAt?.S ?? joinedAt;
    if (isRecent(since)) return { state: "inWork", reason: "" };
    return {
        state: "missing",
        reason: `its run is ${state} since ${since}`,
        ...(state === "started" && { executionId: run.executionId!.S }),
    };
}

/** With processors' rows of the version itself where the object's row tells of another: one may not replace the other. */
async function withHandled(ledger: Ledger, found: Found[]): Promise<Found[]> {
    const placeOf = ({ subscriber: { name }, object }: Found): [string, string] => [
        handledEntry(name, object.key),
        versionOf(object),
    ];
    const isOther = ({ subscriber: { kind }, object, row }: Found) => kind === "processor" && row && !isOf(row, object);
    const rows = await rowsBy(ledger, found.filter(isOther).map(placeOf));
    return found.map((each) => ({ ...each, row: rows.get(keyOf(...placeOf(each))) ?? each.row }));
}

function readRuns(ledger: Ledger, found: Found[]): Promise<Rows> {
    const started = found.filter(({ subscriber: { kind }, row }) => kind === "query" && row?.executionId?.S);
    const keys = started.map(
        ({ subscriber: own, row }) => [runEntry(row!.executionId!.S!), nameOf(own)] as [string, string],
    );
    return rowsBy(ledger, [...new Map(keys.map((key) => [keyOf(...key), key])).values()]);
}

/** The rows of these entries and subscribers. */
export async function rowsBy(ledger: Ledger, keys: [string, string][]): Promise<Rows> {
    const rows = await readRows(
        ledger,
        keys.map(([entry, name]) => ledgerKey(entry, name)),
    );
    return new Map(rows.map((row) => [keyOf(row[entryAttribute]!.S!, row[subscriberAttribute]!.S!), row]));
}

/** A row's key as one text. */
export function keyOf(entry: string, name: string): string {
    return JSON.stringify([entry, name]);
}
