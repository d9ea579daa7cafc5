import { tmpdir } from "node:os";
import { Engine } from "../../../local/athena-sql/engine";
import { QueryError } from "../../../local/athena-sql/errors";
import { bindParameters, parseStatement, plan } from "../../../local/athena-sql/run";
import { typeName } from "../../../local/athena-sql/types";

/** When every statement of these tests runs. */
export const now = Date.UTC(2026, 10, 21, 4, 5, 6, 789);

let engine: Promise<Engine> | undefined;

after(async () => {
    (await engine)?.stop();
    engine = undefined;
});

/** Runs a statement that reads no table; a reason where it fails. */
export async function run(sql: string, parameters: string[] = []) {
    engine ??= Engine.start(tmpdir());
    try {
        const lake = { engine: await engine, objects: { list: () => [] }, table: () => undefined };
        const planned = await plan(bindParameters(parseStatement(sql), parameters), "lake", now, lake);
        try {
            const rows: (string | null)[][] = [];
            for await (const row of planned.run()) rows.push(row.map((cell) => cell ?? null));
            return { rows, columns: planned.columns.map(({ name, type }) => ({ name, type: typeName(type) })) };
        } finally {
            planned.close();
        }
    } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        return { reason: `${error.code}: ${error.describe(sql)}` };
    }
}

/** The value of an expression. */
export async function value(expression: string): Promise<string | null | undefined> {
    const { rows, reason } = await run(`SELECT ${expression}`);
    return reason ?? rows![0]![0];
}
