import { checkAlarms } from "./alarms";
import type { PipelineShape } from "./arguments";
import { checkBooks } from "./books";
import { checkBucket } from "./bucket";
import { compactionSteps } from "./compaction";
import { checkZstdReaders } from "./compression";
import { checkFailures } from "./failures";
import { checkGraph, checkTriggersAreFed } from "./graph";
import { checkIngest } from "./ingests";
import { accessLogMembers, checkLogFolders } from "./load-balancer";
import type { Member, Place } from "./member";
import { checkDistinctNames, checkPipelineName, checkRoleNames } from "./names";
import {
    checkFolderCount,
    checkLocations,
    checkPrefix,
    checkTriggerCount,
    prefixProblem,
    topFolders,
} from "./prefixes";
import { checked, inside, type Report } from "./problems";
import { draftProcessor } from "./processors";
import { checkReads, draftQuery } from "./queries";
import { checkReconcile } from "./reconciliation";
import { checkRegions } from "./regions";
import { checkCounted, draftRollup } from "./rollups";
import { checkEntries, checkItems, checkObject } from "./shapes";
import { checkStreamApi } from "./stream-api";
import { checkNamedTable } from "./tables";
import type { Plan, PlannedIngest, PlannedQuery, PlannedTable } from "./types";

/** The part of the plan that new objects start. */
type Reactions = Omit<Plan, "ingests" | "streamApi">;

/**
 * Checks a pipeline's arguments and works out its plan; throws a PlanError that lists all problems. The pipeline's name
 * counts for the length of the names of its resources.
 */
export function planPipeline(pipeline: PipelineShape, name = ""): Plan {
    return checked((report) => {
        const args = checkObject(pipeline, "", report) ? pipeline : {};
        checkPipelineName(name, report);
        const adopted = checkBucket(args.bucket, "bucket", report);
        const ingests = checkEntries(args.ingest, "ingest", report)
            .filter(({ value, path }) => checkObject(value, path, report))
            .map(({ key, value, path }) => checkIngest(key, value, path, report));
        const tables = checkEntries(args.tables, "tables", report)
            .filter(({ value, path }) => checkObject(value, path, report))
            .map(({ key, value, path }) => adoptedMember(checkNamedTable(key, path, value, path, report), path));
        const sources = [...ingests.map(ingestMember), ...tables];
        const reactions = checkReactions(args, name, ingests, sources, adopted, report);
        checkFailures(args.failures, reactions.queries.length > 0, "failures", report);
        if (ingests.length + reactions.queries.length + reactions.processors.length + reactions.rollups.length === 0) {
            report("ingest", "is empty, and so is all else: name an ingest, a query, a processor or a rollup");
        }
        const { queries, rollups, processors } = reactions;
        checkReconcile(args.reconcile, [...queries, ...rollups, ...processors].length > 0, "reconcile", report);
        checkBooks(args.books, ingests.length > 0, "books", report);
        checkAlarms(args.alarms, "alarms", report);
        checkRegions(args, report);
        const streamApi = checkedStreamApi(args.streamApi, ingests, report);
        return { ingests, ...reactions, ...(streamApi && { streamApi }) };
    });
}

/** Checks queries over tables that are there already, without a pipeline; throws a PlanError that lists all problems. */
export function planQueries(queries: NonNullable<PipelineShape["queries"]>, tables: PlannedTable[]): PlannedQuery[] {
    return checked((report) => checkReactions({ queries }, "", [], tables.map(tableMember), true, report).queries);
}

function checkReactions(
    args: PipelineShape,
    name: string,
    ingests: PlannedIngest[],
    sources: Member[],
    adopted: boolean,
    report: Report,
): Reactions {
    const queries = drafts(args.queries, "queries", draftQuery, report);
    const processors = drafts(args.processors, "processors", draftProcessor, report);
    const rollups = drafts(args.rollups, "rollups", draftRollup, report);
    const steps = [
        ...compactionSteps(ingests),
        ...queries.map(({ step }) => step),
        ...processors,
        ...rollups.map(({ step }) => step),
    ];
    const members = [...sources, ...steps];
    const logs = accessLogMembers(ingests);
    const tables = members.flatMap(({ table }) => table ?? []);

    checkTriggerCount(new Set(queries.map(({ step }) => step.trigger.prefix)).size, "queries", report);
    checkDistinctNames(members, report);
    checkRoleNames(name, members, report);
    checkLocations(members, report);
    checkLogFolders(logs, members, report);
    checkZstdReaders(queries, processors, report);
    if (!adopted) {
        checkTriggersAreFed(steps, [...members, ...logs], report);
    }
    const tiers = checkGraph(steps, report);
    const notifiedFolders = topFolders([
        ...steps.map(({ trigger }) => trigger.prefix),
        ...logs.map(({ output }) => output.prefix),
    ]);
    checkFolderCount(notifiedFolders.length, "", report);

    return {
        queries: queries.map((draft) => {
            const newData = checkReads(draft, tables, report);
            return {
                name: draft.step.name,
                trigger: draft.step.trigger.prefix,
                tier: tiers.get(draft.step)!,
                sql: draft.sql.pieces,
                output: draft.output,
                ...(newData && { newData }),
                ...(draft.minimumInterval !== undefined && { minimumInterval: draft.minimumInterval }),
            };
        }),
        processors: processors.map(({ name, trigger, output, table }) => ({
            name,
            trigger: trigger.prefix,
            outputPrefix: output.prefix,
            ...(table && { table }),
        })),
        rollups: rollups.map((draft) => checkCounted(draft, tables, report)),
        tables: tables.sort((a, b) => (a.name < b.name ? -1 : 1)),
        notifiedFolders,
    };
}

/** The ingests whose streams the API puts events on. */
function checkedStreamApi(api: PipelineShape["streamApi"], ingests: PlannedIngest[], report: Report) {
    if (api === undefined) {
        return undefined;
    }
    const names = ingests.filter(({ kinesis }) => kinesis).map(({ name }) => name);
    checkStreamApi(api, names, "streamApi", report);
    return { ingests: names };
}

/** What each trigger's list starts, checked by itself. */
function drafts<Shape extends object, Draft>(
    shapes: Record<string, Shape[]> | undefined,
    kind: "queries" | "processors" | "rollups",
    draft: (shape: Shape, trigger: Place, path: string, report: Report) => Draft,
    report: Report,
): Draft[] {
    return checkEntries(shapes, kind, report).flatMap(({ key, value, path }) => {
        checkPrefix(key, path, report);
        const trigger = { prefix: prefixProblem(key) === undefined ? key : "", path };
        return checkItems(value, path, report).map((item) => draft(item.value, trigger, item.path, report));
    });
}

function ingestMember({ name, prefix, table, kinesis }: PlannedIngest): Member {
    const path = inside("ingest", name);
    const output = { prefix, path: inside(path, "prefix") };
    return { kind: "ingest", name, namePath: path, output, table, ...(kinesis && { kinesis }) };
}

function tableMember(table: PlannedTable, index: number): Member {
    const path = inside("tables", index);
    return { ...adoptedMember(table, path), namePath: inside(path, "name") };
}

function adoptedMember(table: PlannedTable, path: string): Member {
    const output = { prefix: table.prefix, path: inside(path, "prefix") };
    return { kind: "table", name: table.name, namePath: path, output, table };
}
