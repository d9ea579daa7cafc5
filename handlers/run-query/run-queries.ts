import type { AthenaClient } from "@aws-sdk/client-athena";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { log } from "../shared/log";
import type { CreatedObject } from "../shared/s3-events";
import type { MappedQuery, RunQueryEnvironment } from "./contract";
import { type Pace, startQuery } from "./start-query";
import { newDataOf, requestToken, type Statement, statementOf, versionOf } from "./statement";

/** A `:new_data` run reads at most this many objects. */
export const maxObjectsPerRun = 200;
/** Athena's limit for a statement, in bytes. */
export const maxSqlBytes = 262_144;
/** Athena takes 20 starts a second from an account. */
const concurrentStarts = 5;

/** What the function works with. */
export interface RunQueries {
    athena: AthenaClient;
    queries: MappedQuery[];
    environment: RunQueryEnvironment;
    pace: Pace;
}

/**
 * Starts, for the objects of a batch of messages, every query whose trigger is a prefix of an object's key: one run per
 * query over all its objects. What fails gives back the messages that it concerns; everything else goes on.
 */
export async function runQueries(
    { athena, queries, environment, pace }: RunQueries,
    messages: Message<CreatedObject[]>[],
    giveBack: GiveBack,
): Promise<void> {
    const arrivals = arrivalsOf(messages, environment.BUCKET);
    const runs = queries.flatMap((query) => runsOf(query, usable(query)));
    await Promise.all(Array.from({ length: concurrentStarts }, startRuns));

    /** The query's objects, without those that its `:new_data` can't speak of. */
    function usable(query: MappedQuery): Arrival[] {
        return arrivals.filter(({ object, messageIds }) => {
            if (!object.key.startsWith(query.trigger)) return false;
            try {
                if (query.newData) newDataOf(query.newData, object);
                return true;
            } catch (error) {
                fail(query, messageIds, error);
                return false;
            }
        });
    }

    async function startRuns(): Promise<void> {
        for (let run = runs.shift(); run; run = runs.shift()) await start(run);
    }

    async function start({ query, arrivals, statement }: Run): Promise<void> {
        const objects = arrivals.map(({ object }) => object);
        try {
            const executionId = await startQuery(athena, startInput(query, statement, objects), pace);
            log("info", "query started", { stage, query: query.name, executionId, count: objects.length });
        } catch (error) {
            fail(query, new Set(arrivals.flatMap(({ messageIds }) => [...messageIds])), error);
        }
    }

    function startInput({ name }: MappedQuery, { sql, parameters }: Statement, objects: CreatedObject[]) {
        return {
            QueryString: sql,
            ExecutionParameters: parameters.length > 0 ? parameters : undefined,
            ClientRequestToken: requestToken(environment.PIPELINE, name, sql, objects),
            QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: environment.DATABASE },
            WorkGroup: environment.WORKGROUP_PREFIX + name,
        };
    }

    function fail({ name }: MappedQuery, messageIds: Set<string>, error: unknown): void {
        for (const id of messageIds) giveBack(id, `query "${name}": ${reasonOf(error)}`);
    }
}

const stage = "run-query";

/** An object that arrived, and the messages that told of it: events come more than once. */
interface Arrival {
    object: CreatedObject;
    messageIds: Set<string>;
}

interface Run {
    query: MappedQuery;
    arrivals: Arrival[];
    statement: Statement;
}

/** Each object once, in an order that does not depend on the messages': the same batch makes the same runs. */
function arrivalsOf(messages: Message<CreatedObject[]>[], bucket: string): Arrival[] {
    const arrivals = new Map<string, Arrival>();
    for (const { id, content } of messages) {
        for (const object of content.filter((object) => isData(object, bucket))) {
            const version = versionOf(object);
            const arrival = arrivals.get(version) ?? { object, messageIds: new Set() };
            arrival.messageIds.add(id);
            arrivals.set(version, arrival);
        }
    }
    return [...arrivals.keys()].sort().map((version) => arrivals.get(version)!);
}

function isData({ bucket, key, size }: CreatedObject, ownBucket: string): boolean {
    if (bucket !== ownBucket) {
        log("warn", "object of another bucket ignored", { stage, bucket, key });
        return false;
    }
    if (size === 0) log("info", "empty object ignored", { stage, key });
    return size !== 0;
}

/** One run over all objects, or several where `:new_data` names more of them than one statement takes. */
function runsOf(query: MappedQuery, arrivals: Arrival[]): Run[] {
    if (arrivals.length === 0) return [];
    const objects = arrivals.map(({ object }) => object);
    const statement = statementOf(query, objects);
    const tooBig = objects.length > maxObjectsPerRun || Buffer.byteLength(statement.sql) > maxSqlBytes;
    if (!query.newData || !tooBig || objects.length === 1) return [{ query, arrivals, statement }];
    const half = Math.ceil(arrivals.length / 2);
    return [...runsOf(query, arrivals.slice(0, half)), ...runsOf(query, arrivals.slice(half))];
}
