import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { csvLine, parseCsv } from "../athena-sql/csv";
import { Engine } from "../athena-sql/engine";
import { QueryError } from "../athena-sql/errors";
import { columnInfo, metadataFile } from "../athena-sql/metadata";
import { bindParameters, parseStatement, plan } from "../athena-sql/run";
import { type ObjectList, parseLocation } from "../athena-sql/tables";
import { AwsError, type AwsRequest, type AwsResponse, type Cause, type Endpoint, type Runtime } from "../runtime";
import { causeOf, describeExecution, type Execution, queryName, type StartInput } from "./athena/execution";
import { describeWorkgroup, outputFolder, readWorkgroups, type Workgroup } from "./athena/workgroups";
import type { Glue } from "./glue";

/** What Athena needs of S3. */
export interface ResultStore extends ObjectList {
    put(bucket: string, key: string, body: Buffer, options: { contentType: string; cause: Cause }): Promise<unknown>;
    get(bucket: string, key: string): { file: string } | undefined;
}

/** Runs at the same time; others wait in the queue. */
const concurrentRuns = 4;
const longestStatement = 262_144;
const resultsPage = 1000;

/** Athena: runs SELECT statements over the Glue catalog's tables and writes their results into S3. */
export class Athena implements Endpoint {
    readonly name = "athena";
    private readonly executions = new Map<string, Execution>();
    private readonly tokens = new Map<string, { id: string; input: string }>();
    private readonly workgroups: Map<string, Workgroup>;
    private readonly waiting: Execution[] = [];
    private readonly running = new Set<Promise<void>>();
    private engine?: Promise<Engine>;

    private constructor(
        private readonly runtime: Runtime,
        private readonly s3: ResultStore,
        private readonly glue: Glue,
    ) {
        this.workgroups = readWorkgroups(runtime.program);
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
            return answer(200, await this.call(operation, parseInput(request.body), request.cause));
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            return answer(error.status, { __type: error.code, Message: error.message, AthenaErrorCode: "INVALID_INPUT" });
        }
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

    private async call(operation: string, input: Record<string, unknown>, cause: Cause | undefined): Promise<object> {
        switch (operation) {
            case "StartQueryExecution":
                return { QueryExecutionId: this.startQuery(input as unknown as StartInput, cause) };
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

    private startQuery(input: StartInput, cause: Cause | undefined): string {
        checkInput(input);
        const { ClientRequestToken: token = randomUUID(), ...rest } = input;
        const before = this.tokens.get(token);
        if (before && before.input !== JSON.stringify(rest)) throw invalid("Idempotent parameters do not match");
        if (before) return before.id;
        const execution = this.newExecution(input, cause);
        this.tokens.set(token, { id: execution.id, input: JSON.stringify(rest) });
        this.executions.set(execution.id, execution);
        this.enqueue(execution);
        return execution.id;
    }

    private newExecution(input: StartInput, cause: Cause | undefined): Execution {
        const workgroup = this.workgroup(input.WorkGroup ?? "primary");
        if (!workgroup.enabled) throw invalid(`WorkGroup ${workgroup.name} is disabled.`);
        return {
            id: randomUUID(),
            input,
            statement: parsed(input.QueryString),
            workgroup,
            folder: outputFolder(workgroup, input.ResultConfiguration?.OutputLocation),
            cause: causeOf(cause, input.ExecutionParameters),
            state: "QUEUED",
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
        const done = this.runtime.work.begin();
        execution.abort.signal.addEventListener("abort", () => this.leaveQueue(execution, done));
        this.waiting.push(execution);
        this.startWaiting(done);
    }

    private startWaiting(done: () => void): void {
        if (this.running.size >= concurrentRuns) return void this.dones.push(done);
        const execution = this.waiting.shift();
        if (!execution) return done();
        const run: Promise<void> = this.run(execution).finally(() => {
            this.running.delete(run);
            done();
            const next = this.dones.shift();
            if (next) this.startWaiting(next);
        });
        this.running.add(run);
    }
}
