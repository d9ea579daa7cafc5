import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { compareSequencers } from "../shared/ledger";
import { log } from "../shared/log";
import type { CreatedObject } from "../shared/s3-events";
import { runNewObjects } from "./arrivals";
import { type Context, stage } from "./context";
import type { MappedQuery } from "./contract";
import type { Content } from "./message";
import { refuseObjects } from "./refuse";
import { wakeQuery } from "./schedule";
import { settleChange } from "./state-change";
import { newDataOf, type UnnameableObject } from "./statement";

/** Athena takes 20 starts a second from an account. */
const tasksAtATime = 5;

/**
 * Does what the messages of a batch ask for: each query's new objects together, each state change, each wake. What fails
 * gives back the messages that it concerns; everything else goes on. All of it may be done again, in whatever batches
 * the messages come then: the ledger knows what is done.
 */
export async function runQueries(context: Context, messages: Message<Content>[], giveBack: GiveBack): Promise<void> {
    const tasks = [...newObjects(), ...stateChanges(), ...wakes()];
    await Promise.all(Array.from({ length: tasksAtATime }, work));

    async function work(): Promise<void> {
        for (let task = tasks.shift(); task; task = tasks.shift()) {
            await task.run().catch((error) => fail(task.name, task.messageIds, error));
        }
    }

    function newObjects(): Task[] {
        const told = objectsOf(messages, context.environment.BUCKET);
        return context.queries.flatMap((query) => {
            const byProblem = Map.groupBy(arrivalsFor(query, told), ({ object }) => problemOf(query, object));
            return [...byProblem].map(([problem, own]) => ({
                name: query.name,
                messageIds: new Set(own.flatMap(({ messageIds }) => [...messageIds])),
                run: () => seeTo(query, own, problem),
            }));
        });
    }

    function seeTo(query: MappedQuery, arrivals: Arrival[], problem: string | undefined): Promise<void> {
        const objects = arrivals.map(({ object }) => object);
        if (problem === undefined) return runNewObjects(context, query, objects);
        return refuseObjects(context, query, objects, `the key ${problem}`);
    }

    function stateChanges(): Task[] {
        return messages.flatMap(({ id, content }) => {
            if (!("change" in content)) return [];
            const { change } = content;
            return { name: change.workgroup, messageIds: new Set([id]), run: () => settleChange(context, change) };
        });
    }

    function wakes(): Task[] {
        return messages.flatMap(({ id, content }) => {
            if (!("wake" in content)) return [];
            const { wake } = content;
            return { name: wake.query, messageIds: new Set([id]), run: () => wakeQuery(context, wake) };
        });
    }

    function fail(name: string, messageIds: Set<string>, error: unknown): void {
        for (const id of messageIds) giveBack(id, `query "${name}": ${reasonOf(error)}`);
    }
}

interface Task {
    /** Of the query, as errors say it. */
    name: string;
    messageIds: Set<string>;
    run(): Promise<void>;
}

/** An object that arrived, and the messages that told of it: events come more than once. */
interface Arrival {
    object: CreatedObject;
    messageIds: Set<string>;
}

/** Why the query's `:new_data` can't speak of an object, if so. */
function problemOf({ newData }: MappedQuery, object: CreatedObject): string | undefined {
    try {
        if (newData) newDataOf(newData, object);
        return undefined;
    } catch (error) {
        return (error as UnnameableObject).problem;
    }
}

/** All objects that messages tell of. */
function objectsOf(messages: Message<Content>[], bucket: string): { id: string; object: CreatedObject }[] {
    return messages.flatMap(({ id, content }) => {
        const objects = "objects" in content ? content.objects.filter((object) => isData(object, bucket)) : [];
        return objects.map((object) => ({ id, object }));
    });
}

/**
 * The objects that concern a query, each once, in order of the keys: of several versions the newest, for the others can't
 * be read any more.
 */
function arrivalsFor({ name, trigger }: MappedQuery, told: { id: string; object: CreatedObject }[]): Arrival[] {
    const arrivals = new Map<string, Arrival>();
    for (const { id, object } of told) {
        if (!object.key.startsWith(trigger) || (object.query ?? name) !== name) continue;
        const { object: known, messageIds } = arrivals.get(object.key) ?? { object, messageIds: new Set() };
        arrivals.set(object.key, { object: newerOf(known, object), messageIds: messageIds.add(id) });
    }
    return [...arrivals.keys()].sort().map((key) => arrivals.get(key)!);
}

/** What is to be handled again stays so. */
function newerOf(known: CreatedObject, object: CreatedObject): CreatedObject {
    const newer = compareSequencers(known.sequencer ?? "", object.sequencer ?? "") > 0 ? known : object;
    const again = known.again ?? object.again;
    return again === undefined ? newer : { ...newer, again };
}

function isData({ bucket, key, size }: CreatedObject, ownBucket: string): boolean {
    if (bucket !== ownBucket) {
        log("warn", "object of another bucket ignored", { stage, bucket, key });
        return false;
    }
    if (size === 0) log("info", "empty object ignored", { stage, key });
    return size !== 0;
}
