import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { csvLine, parseCsv } from "../athena-sql/csv";
import { Engine } from "../athena-sql/engine";
import { QueryError } from "../athena-sql/errors";
import { columnInfo, metadataFile } from "../athena-sql/metadata";
import { bindParameters, type Plan, parseStatement, plan } from "../athena-sql/run";
import type { Unload } from "../athena-sql/syntax/ast";
import { type ObjectList, parseLocation } from "../athena-sql/tables/tables";
import { unloadColumns } from "../athena-sql/unload";
import type { QueryFault } from "../faults";
import { arnOf } from "../iam/requirements";
import { newUuid } from "../identifiers";
import { AwsError, type AwsRequest, type AwsResponse, type Cause, type Endpoint, type Runtime } from "../runtime";
import { Caller } from "./athena/caller";
import {
    type AthenaError,
    causeOf,
    describeExecution,
    type Execution,
    errorOf,
    errorTypes,
    queryName,
    type StartInput,
    type State,
} from "./athena/execution";
import type { StateChange } from "./athena/state-change";
import { describeWorkgroup, outputFolder, readWorkgroups, type Workgroup } from "./athena/workgroups";
import type { Glue } from "./glue";

/** What Athena needs of S3. */
export interface ResultStore extends ObjectList {
    put(bucket: string, key: string, body: Buffer, options: { contentType: string; cause: Cause }): Promise<unknown>;
    get(bucket: string, key: string): { file: string } | undefined;
}

/** Runs at the same time; others wait in the queue. */
const concurrentRuns = 4;
/** Milliseconds that a SELECT may take. */
const longestRun = 30 * 60_000;
const longestStatement = 262_144;
const resultsPage = 1000;

/** Athena: runs SELECT and UNLOAD statements over the Glue catalog's tables and writes what they result in into S3. */
export class Athena implements Endpoint {
    readonly name = "athena";
    private readonly executions = new Map<string, Execution>();
    private readonly tokens = new Map<string, { id: string; input: string }>();
    private readonly workgroups: Map<string, Workgroup>;
    private readonly slots: Slots;
    private readonly running = new Set<Promise<void>>();
    private engine?: Promise<Engine>;
    private readonly listeners: ((change: StateChange) => void)[] = [];

    private constructor(
        private readonly runtime: Runtime,
        private readonly s3: ResultStore,
        private readonly glue: Glue,
    ) {
        this.workgroups = readWorkgroups(runtime.program);
        // Faults are to be reproducible: runs then end in the order of their start.
        this.slots = new Slots(runtime.faults ? 1 : concurrentRuns);
    }

    /** Starts the service; where the program has workgroups, its engine too, so that a missing one shows at once. */
    static async start(runtime: Runtime, s3: ResultStore, glue: Glue): Promise<Athena> {
        const athena = new Athena(runtime, s3, glue);
        if (athena.workgroups.size > 1) await athena.startEngine();
        return athena;
    }

    async handle(request: AwsRequest): Promise<AwsResponse> {
        try {
            const operation = request.headers["x-amz-target"]?.replace("AmazonAthena.", "") ?? "";
            return answer(200, await this.call(operation, parseInput(request.body), request));
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            return answer(error.status, {
                __type: error.code,
                Message: error.message,
                AthenaErrorCode: "INVALID_INPUT",
            });
        }
    }

    /** Hears of every state that a run comes into. */
    onStateChange(listener: (change: StateChange) => void): void {
        this.listeners.push(listener);
    }

    /** Cancels what runs and closes the engine. */
    async stop(): Promise<void> {
        for (const execution of this.executions.values()) this.cancel(execution, "The service stops");
        await Promise.all(this.running);
        (await this.engine)?.stop();
        this.engine = undefined;
    }

    private startEngine(): Promise<Engine> {
        this.engine ??= Engine.start(this.runtime.folder);
        return this.engine;
    }

    private async call(
        operation: string,
        input: Record<string, unknown>,
        { cause, role }: Pick<AwsRequest, "cause" | "role">,
    ): Promise<object> {
        this.checkRole(role, operation, input);
        switch (operation) {
            case "StartQueryExecution":
                return { QueryExecutionId: this.startQuery(input as unknown as StartInput, cause, role) };
            case "GetQueryExecution":
                return { QueryExecution: describeExecution(this.execution(input.QueryExecutionId)) };
            case "BatchGetQueryExecution":
                return this.batchGet(input.QueryExecutionIds as string[]);
            case "GetQueryResults":
                return await this.results(this.execution(input.QueryExecutionId), input);
            case "StopQueryExecution":
                this.cancel(this.execution(input.QueryExecutionId), "Query cancelled by user");
                return {};
            case "GetWorkGroup":
                return describeWorkgroup(this.workgroup(String(input.WorkGroup)));
            default:
                throw new AwsError("InvalidRequestException", `${operation} is not modelled on this machine`);
        }
    }

    private startQuery(input: StartInput, cause: Cause | undefined, role: string | undefined): string {
        checkInput(input);
        const { ClientRequestToken: token = randomUUID(), ...rest } = input;
        const before = this.tokens.get(token);
        if (before && before.input !== JSON.stringify(rest)) throw invalid("Idempotent parameters do not match");
        if (before) return before.id;
        const execution = this.newExecution(input, cause, role);
        this.tokens.set(token, { id: execution.id, input: JSON.stringify(rest) });
        this.executions.set(execution.id, execution);
        this.change(execution, "QUEUED");
        this.enqueue(execution);
        return execution.id;
    }

    private newExecution(input: StartInput, cause: Cause | undefined, role: string | undefined): Execution {
        const workgroup = this.workgroup(input.WorkGroup ?? "primary");
        if (!workgroup.enabled) throw invalid(`WorkGroup ${workgroup.name} is disabled.`);
        return {
            id: newUuid(this.runtime, input.WorkGroup ?? "primary"),
            input,
            statement: parsed(input.QueryString),
            workgroup,
            folder: outputFolder(workgroup, input.ResultConfiguration?.OutputLocation),
            cause: causeOf(cause, input.ExecutionParameters),
            ...(role && { role }),
            state: "QUEUED",
            changes: 0,
            submitted: this.runtime.clock.now(),
            engineTime: 0,
            bytesScanned: 0,
            rows: 0,
            columns: [],
            abort: new AbortController(),
        };
    }

    // Runs

    private enqueue(execution: Execution): void {
        const { work, faults } = this.runtime;
        const inTurn = () =>
            faults?.turns ? faults.turns.alone(this.name, () => this.run(execution)) : this.run(execution);
        const run = work.track(inTurn).finally(() => this.running.delete(run));
        this.running.add(run);
    }

    private async run(execution: Execution): Promise<void> {
        const leave = await this.slots.enter();
        try {
            if (execution.state !== "QUEUED") return;
            this.change(execution, "RUNNING");
            const fault = this.runtime.faults?.query(execution.workgroup.name);
            if (fault) this.injure(execution, fault);
            else await this.execute(execution);
        } catch (error) {
            this.end(execution, "FAILED", reasonOf(error, execution.input.QueryString));
        } finally {
            leave();
        }
    }

    /** Ends a run as a fault wants it, without a result. */
    private injure(execution: Execution, { state, reason, retryable = false }: QueryFault): void {
        const { clock } = this.runtime;
        const engine = { ErrorCategory: 1, ErrorType: errorTypes.engine, Retryable: retryable };
        if (state === "CANCELLED") this.end(execution, state, reason ?? "Query cancelled by user");
        else if (state === "FAILED") this.end(execution, state, reason ?? "Query engine had an internal error", engine);
        else {
            clock.at(clock.now() + longestRun, () => {
                const timeout = { ErrorType: errorTypes.timeout };
                this.end(execution, "FAILED", reason ?? "Query timeout", timeout);
            });
        }
    }

    private async execute(execution: Execution): Promise<void> {
        const started = performance.now();
        const { statement, input, workgroup, abort } = execution;
        const database = input.QueryExecutionContext?.Database ?? "default";
        const reader = new Caller(this.runtime.access, execution.role);
        reader.lookUp(database);
        const planned = await plan(
            bindParameters(statement, input.ExecutionParameters ?? []),
            database,
            this.runtime.clock.now(),
            {
                engine: await this.startEngine(),
                objects: reader.objects(this.s3),
                table: (database, name) => reader.table(this.glue.table(database, name)),
            },
        );
        try {
            execution.bytesScanned = planned.bytesScanned;
            if (planned.bytesScanned > (workgroup.bytesScannedCutoff ?? Number.POSITIVE_INFINITY))
                return this.end(execution, "CANCELLED", "Query cancelled! : Bytes scanned limit was exceeded");
            if (statement.unload) {
                await this.unload(execution, statement.unload, planned);
                execution.engineTime = Math.ceil(performance.now() - started);
                return this.end(execution, "SUCCEEDED");
            }
            execution.columns = planned.columns.map(columnInfo);
            const lines = [csvLine(planned.columns.map(({ name }) => name))];
            for await (const row of planned.run(abort.signal)) lines.push(csvLine(row));
            execution.rows = lines.length - 1;
            execution.engineTime = Math.ceil(performance.now() - started);
            if (execution.state === "RUNNING") await this.writeResult(execution, Buffer.from(lines.join("")));
            this.end(execution, "SUCCEEDED");
        } finally {
            planned.close();
        }
    }

    /** Writes the rows below the place that the statement names, and beside its results which files these are. */
    private async unload(execution: Execution, { location }: Unload, planned: Plan): Promise<void> {
        const { id, folder, cause, abort } = execution;
        const target = parseLocation(location);
        const caller = new Caller(this.runtime.access, execution.role);
        if (caller.objects(this.s3).list(target.bucket, target.prefix).length > 0)
            throw new QueryError("HIVE_PATH_ALREADY_EXISTS", `Target directory already exists: ${location}`);
        const file = join(this.runtime.folder, `${id}.parquet`);
        try {
            execution.rows = await planned.write(file, abort.signal);
            execution.columns = unloadColumns.map(columnInfo);
            if (execution.state !== "RUNNING") return;
            const keys = execution.rows > 0 ? [`${target.prefix}${this.fileName(execution)}`] : [];
            const body = await readFile(file);
            for (const key of keys) caller.write(target.bucket, key);
            for (const key of keys)
                await this.s3.put(target.bucket, key, body, { contentType: "application/octet-stream", cause });
            const manifest = keys.map((key) => `s3://${target.bucket}/${key}\n`).join("");
            const { bucket, prefix } = parseLocation(folder);
            const contentType = "text/csv";
            caller.write(bucket, `${prefix}${id}-manifest.csv`);
            await this.s3.put(bucket, `${prefix}${id}-manifest.csv`, Buffer.from(manifest), { contentType, cause });
            execution.manifest = `${folder}${id}-manifest.csv`;
        } finally {
            await rm(file, { force: true });
        }
    }

    /** As Athena calls the files that it writes: by the time of the run, and without an ending. */
    private fileName({ id, submitted }: Execution): string {
        const time = new Date(submitted).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
        return `${time}_00001_${id.slice(0, 5)}_${newUuid(this.runtime, id)}`;
    }

    private async writeResult({ id, folder, columns, cause, role }: Execution, csv: Buffer): Promise<void> {
        const { bucket, prefix } = parseLocation(folder);
        new Caller(this.runtime.access, role).write(bucket, `${prefix}${id}.csv`);
        await this.s3.put(bucket, `${prefix}${id}.csv.metadata`, metadataFile(id, columns), {
            contentType: "application/octet-stream",
            cause,
        });
        await this.s3.put(bucket, `${prefix}${id}.csv`, csv, { contentType: "text/csv", cause });
    }

    private cancel(execution: Execution, reason: string): void {
        this.end(execution, "CANCELLED", reason);
        execution.abort.abort();
    }

    /** Ends a run, once. */
    private end(
        execution: Execution,
        state: "SUCCEEDED" | "FAILED" | "CANCELLED",
        reason?: string,
        error?: Partial<AthenaError>,
    ): void {
        if (execution.completed !== undefined) return;
        const { clock, journal } = this.runtime;
        execution.completed = clock.now();
        execution.reason = reason;
        if (state === "FAILED") execution.error = errorOf(reason!, error);
        this.change(execution, state);
        const { id: executionId, cause, rows, bytesScanned } = execution;
        const query = queryName(execution);
        journal.write({
            ...{ kind: "run", query, executionId, tier: cause.tier, trigger: cause.keys, state },
            ...(reason !== undefined && { reason }),
            ...{ rows: state === "SUCCEEDED" ? rows : 0, bytesScanned },
        });
    }

    private change(execution: Execution, state: State): void {
        const previous = execution.changes > 0 ? execution.state : undefined;
        const sequence = ++execution.changes;
        execution.state = state;
        for (const tell of this.listeners) {
            tell({ execution, state, previous, sequence, time: this.runtime.clock.now() });
        }
    }

    // Answers

    private batchGet(ids: string[]): object {
        const known = ids.flatMap((id) => this.executions.get(id) ?? []);
        return {
            QueryExecutions: known.map(describeExecution),
            UnprocessedQueryExecutionIds: ids
                .filter((id) => !this.executions.has(id))
                .map((id) => ({
                    QueryExecutionId: id,
                    ErrorCode: "INVALID_INPUT",
                    ErrorMessage: `QueryExecution ${id} was not found`,
                })),
        };
    }

    /** A page of a result; the first row of the first page is the header. */
    private async results(
        execution: Execution,
        { MaxResults = resultsPage, NextToken }: { MaxResults?: number; NextToken?: string },
    ): Promise<object> {
        const { id, folder, state, columns, rows: count } = execution;
        if (state === "QUEUED" || state === "RUNNING")
            throw invalid(`Query has not yet finished. Current state: ${state}`);
        if (state !== "SUCCEEDED") throw invalid(`Query did not finish successfully. Final query state: ${state}`);
        if (MaxResults < 1 || MaxResults > resultsPage)
            throw invalid(`MaxResults is more than maximum allowed length ${resultsPage}.`);
        if (execution.statement.unload)
            return { ResultSet: { Rows: [], ResultSetMetadata: { ColumnInfo: columns } }, UpdateCount: count };
        const { bucket, prefix } = parseLocation(folder);
        const object = this.s3.get(bucket, `${prefix}${id}.csv`);
        if (!object) throw invalid(`Could not find results at ${folder}${id}.csv`);
        const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64").toString());
        const rows = [...parseCsv(await readFile(object.file, "utf8"))];
        const end = start + MaxResults;
        return {
            ResultSet: {
                Rows: rows
                    .slice(start, end)
                    .map((row) => ({ Data: row.map((cell) => (cell === undefined ? {} : { VarCharValue: cell })) })),
                ResultSetMetadata: { ColumnInfo: columns },
            },
            UpdateCount: 0,
            ...(end < rows.length && { NextToken: Buffer.from(String(end)).toString("base64") }),
        };
    }

    /** What is asked of a run needs the right to its workgroup. */
    private checkRole(role: string | undefined, operation: string, input: Record<string, unknown>): void {
        const ids = (input.QueryExecutionIds ?? [input.QueryExecutionId].filter((id) => id !== undefined)) as string[];
        const ofRuns = ids.flatMap((id) => this.executions.get(id)?.workgroup.name ?? []);
        const names = ids.length > 0 ? ofRuns : [String(input.WorkGroup ?? "primary")];
        const caller = new Caller(this.runtime.access, role);
        for (const name of names) caller.check(`athena:${operation}`, arnOf("athena", `workgroup/${name}`));
        if (operation !== "GetQueryResults") return;
        for (const id of ids) {
            const run = this.executions.get(id);
            if (run) caller.readResult(parseLocation(run.folder), `${id}.csv`);
        }
    }

    private execution(id: unknown): Execution {
        const execution = this.executions.get(String(id));
        if (!execution) throw invalid(`QueryExecution ${id} was not found`);
        return execution;
    }

    private workgroup(name: string): Workgroup {
        const workgroup = this.workgroups.get(name);
        if (!workgroup) throw invalid(`WorkGroup ${name} is not found.`);
        return workgroup;
    }
}

/** A door that lets so many in at a time. */
class Slots {
    private readonly queue: (() => void)[] = [];

    constructor(private free: number) {}

    /** Waits for a place; the returned function gives it back. */
    async enter(): Promise<() => void> {
        if (this.free > 0) this.free--;
        else await new Promise<void>((resolve) => this.queue.push(resolve));
        return () => {
            const next = this.queue.shift();
            if (next) next();
            else this.free++;
        };
    }
}

function invalid(message: string): AwsError {
    return new AwsError("InvalidRequestException", message);
}

/** Athena reports what it can't parse at once, and all other mistakes as the reason of a failed run. */
function parsed(text: string) {
    try {
        return parseStatement(text);
    } catch (error) {
        throw error instanceof QueryError ? invalid(error.describe(text)) : error;
    }
}

function reasonOf(error: unknown, statement: string): string {
    if (error instanceof QueryError) return `${error.code}: ${error.describe(statement)}`;
    return `GENERIC_INTERNAL_ERROR: ${(error as Error).message}`;
}

function checkInput({ QueryString, ClientRequestToken, ExecutionParameters, QueryExecutionContext }: StartInput): void {
    if (typeof QueryString !== "string" || QueryString.trim() === "")
        throw invalid("QueryString is required and can't be empty");
    if (Buffer.byteLength(QueryString) > longestStatement)
        throw invalid(`QueryString is longer than ${longestStatement} bytes`);
    if (ClientRequestToken !== undefined && (ClientRequestToken.length < 32 || ClientRequestToken.length > 128))
        throw invalid("ClientRequestToken must have 32 to 128 characters");
    const wrong = ExecutionParameters?.find((parameter) => parameter.length < 1 || parameter.length > 1024);
    if (wrong !== undefined) throw invalid("Each of ExecutionParameters must have 1 to 1024 characters");
    const catalog = QueryExecutionContext?.Catalog ?? "AwsDataCatalog";
    if (catalog.toLowerCase() !== "awsdatacatalog")
        throw invalid(`the catalog ${catalog} is not modelled on this machine`);
}

function parseInput(body: Buffer): Record<string, unknown> {
    try {
        return JSON.parse(body.toString());
    } catch {
        throw new AwsError("SerializationException", "the request's body is not JSON");
    }
}

function answer(status: number, body: object): AwsResponse {
    return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}
