import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { compareSequencers } from "../shared/ledger";
import { log } from "../shared/log";
import type { CreatedObject } from "../shared/s3-events";
import { runNewObjects } from "./arrivals";
import { type Context, stage } from "./context";
import type { MappedQuery } from "./contract";
import type { Content } from "./message";
import { wakeQuery } from "./schedule";
import { settleChange } from "./state-change";
import { newDataOf } from "./statement";

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
            const own = usable(query, arrivalsFor(query, told));
            const objects = own.map(({ object }) => object);
            const messageIds = new Set(own.flatMap((arrival) => [...arrival.messageIds]));
            return own.length > 0
                ? [{ name: query.name, messageIds, run: () => runNewObjects(context, query, objects) }]
                : [];
        });
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

    /** The query's objects, without those that its `:new_data` can't speak of. */
    function usable(query: MappedQuery, arrivals: Arrival[]): Arrival[] {
        return arrivals.filter(({ object, messageIds }) => {
            try {
                if (query.newData) newDataOf(query.newData, object);
                return true;
            } catch (error) {
                fail(query.name, messageIds, error);
                return false;
            }
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
