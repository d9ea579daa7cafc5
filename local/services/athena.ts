import { randomUUID } from "node:crypto";
import { Engine } from "../athena-sql/engine";
import { QueryError } from "../athena-sql/errors";
import { bindParameters, parseStatement } from "../athena-sql/run";
import type { Statement } from "../athena-sql/syntax/statements";
import { parseLocation } from "../athena-sql/tables/tables";
import { newUuid } from "../identifiers";
import { AwsError, type AwsRequest, type AwsResponse, type Cause, type Endpoint, type Runtime } from "../runtime";
import { Caller } from "./athena/caller";
import { causeOf, describeExecution, type Execution } from "./athena/execution";
import { refuseLocation } from "./athena/files";
import { answer, checkStart, invalid, parseInput, type StartInput } from "./athena/input";
import { resultEnding } from "./athena/kinds";
import { type Bind, PreparedStatements, preparedOperations } from "./athena/prepared";
import { resultPage } from "./athena/results";
import { Runs } from "./athena/runs";
import type { ResultStore } from "./athena/services";
import type { StateChange } from "./athena/state-change";
import { describeWorkgroup, outputFolder, readWorkgroups, type Workgroup } from "./athena/workgroups";
import type { Glue } from "./glue";

export type { ResultStore } from "./athena/services";

/** Athena: runs statements over the Glue catalog and writes what they result in into S3. */
export class Athena implements Endpoint {
    readonly name = "athena";
    private readonly executions = new Map<string, Execution>();
    private readonly tokens = new Map<string, { id: string; input: string }>();
    private readonly workgroups: Map<string, Workgroup>;
    private readonly prepared: PreparedStatements;
    private readonly runs: Runs;
    private engine?: Promise<Engine>;

    private constructor(
        private readonly runtime: Runtime,
        private readonly s3: ResultStore,
        glue: Glue,
    ) {
        this.workgroups = readWorkgroups(runtime.program);
        this.prepared = new PreparedStatements(runtime.clock);
        this.runs = new Runs({ runtime, s3, glue, prepared: this.prepared, engine: () => this.startEngine() });
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
        this.runs.onStateChange(listener);
    }

    /** Cancels what runs and closes the engine. */
    async stop(): Promise<void> {
        for (const execution of this.executions.values()) this.runs.cancel(execution, "The service stops");
        await this.runs.ended();
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
                return await resultPage(this.execution(input.QueryExecutionId), this.s3, input);
            case "StopQueryExecution":
                this.runs.cancel(this.execution(input.QueryExecutionId), "Query cancelled by user");
                return {};
            case "GetWorkGroup":
                return describeWorkgroup(this.workgroup(String(input.WorkGroup)));
            default:
                if (!preparedOperations.includes(operation))
                    throw invalid(`${operation} is not modelled on this machine`);
                return this.prepared.call(operation, {
                    ...input,
                    WorkGroup: this.workgroup(String(input.WorkGroup)).name,
                });
        }
    }

    private startQuery(input: StartInput, cause: Cause | undefined, role: string | undefined): string {
        checkStart(input);
        const { ClientRequestToken: token = randomUUID(), ...rest } = input;
        const before = this.tokens.get(token);
        if (before && before.input !== JSON.stringify(rest)) throw invalid("Idempotent parameters do not match");
        if (before) return before.id;
        const execution = this.newExecution(input, cause, role);
        this.tokens.set(token, { id: execution.id, input: JSON.stringify(rest) });
        this.executions.set(execution.id, execution);
        this.runs.enqueue(execution);
        return execution.id;
    }

    private newExecution(input: StartInput, cause: Cause | undefined, role: string | undefined): Execution {
        const workgroup = this.workgroup(input.WorkGroup ?? "primary");
        if (!workgroup.enabled) throw invalid(`WorkGroup ${workgroup.name} is disabled.`);
        const { statement, bind } = this.parsed(input.QueryString, workgroup.name, role);
        if (statement.kind === "create table as") refuseLocation(statement, workgroup.enforced);
        return {
            id: newUuid(this.runtime, workgroup.name),
            ...{ input, statement, bind, workgroup },
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

    /**
     * Athena reports what it can't parse at once, and all other mistakes as the reason of a failed run. That it looks for
     * what EXECUTE names at once, too, is not documented.
     */
    private parsed(text: string, workgroup: string, role: string | undefined): { statement: Statement; bind: Bind } {
        try {
            const parsed = parseStatement(text);
            const { statement } = parsed;
            if (statement.kind !== "execute")
                return { statement, bind: (parameters) => bindParameters(parsed, parameters) };
            new Caller(this.runtime.access, role).checkWorkgroup("GetPreparedStatement", workgroup);
            const executed = this.prepared.executed(workgroup, statement);
            return { statement: executed.parsed.statement, bind: executed.bind };
        } catch (error) {
            throw error instanceof QueryError ? invalid(error.describe(text)) : error;
        }
    }

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

    /** What is asked of a run needs the right to its workgroup. */
    private checkRole(role: string | undefined, operation: string, input: Record<string, unknown>): void {
        const ids = (input.QueryExecutionIds ?? [input.QueryExecutionId].filter((id) => id !== undefined)) as string[];
        const ofRuns = ids.flatMap((id) => this.executions.get(id)?.workgroup.name ?? []);
        const names = ids.length > 0 ? ofRuns : [String(input.WorkGroup ?? "primary")];
        const caller = new Caller(this.runtime.access, role);
        for (const name of names) caller.checkWorkgroup(operation, name);
        if (operation !== "GetQueryResults") return;
        for (const id of ids) {
            const run = this.executions.get(id);
            if (run) caller.readResult(parseLocation(run.folder), `${id}${resultEnding(run.statement) ?? ".csv"}`);
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
