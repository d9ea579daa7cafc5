import { expect } from "chai";
import {
    type ColumnArgs,
    type IngestShape,
    type PipelineShape,
    PlanError,
    planPipeline,
    type QueryShape,
} from "../../plan";

/** Columns `<name> <type>`. */
export function columns(...declarations: string[]): ColumnArgs[] {
    return declarations.map((declaration) => {
        const [name, ...type] = declaration.split(" ");
        return { name: name!, type: type.join(" ") };
    });
}

/** An ingest of one column. */
export function ingest(overrides: Partial<IngestShape> = {}): IngestShape {
    return { columns: columns("device_id string"), ...overrides };
}

/** A query of one column that writes under `processed/v0/<name>/`. */
export function query(name: string, overrides: Partial<QueryShape> = {}): QueryShape {
    return {
        name,
        sql: "SELECT 1 AS n",
        output: { prefix: `processed/v0/${name}/`, columns: columns("n int") },
        ...overrides,
    };
}

/** A pipeline of the ingest `pings` and the query `totals` over it, with the SQL given. */
export function pipelineWith(sql: string, overrides: PipelineShape = {}): PipelineShape {
    return {
        ingest: { pings: ingest() },
        queries: { "raw/v0/pings/": [query("totals", { sql })] },
        ...overrides,
    };
}

/** The problems of a call, each as `path: message`; empty where it has none. */
export function problemsIn(call: () => unknown): string[] {
    try {
        call();
        return [];
    } catch (error) {
        expect(error).to.be.instanceOf(PlanError);
        return (error as PlanError).problems.map(({ path, message }) => `${path}: ${message}`);
    }
}

/** The problems of a pipeline. */
export function problemsOf(pipeline: PipelineShape): string[] {
    return problemsIn(() => planPipeline(pipeline));
}

/** A value as a program without types may hand it over. */
export function untyped<T>(value: unknown): T {
    return value as T;
}
