import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { macros } from "./macros";
import { registerFunctions } from "./udfs";

type Api = typeof import("@duckdb/node-api");

const pinned = "@duckdb/node-api@1.5.5-r.5";

/** DuckDB, which is an optional peer; `needed` is the sentence that says what for. */
export async function loadDuckDb(
    needed: string,
    load: () => Promise<Api> = () => import("@duckdb/node-api"),
): Promise<Api> {
    return await load().catch((error) => {
        throw new Error(
            `${needed}, and ${pinned} can't be loaded (${error.message}). Install it: npm install --save-dev ${pinned}`,
        );
    });
}

/** The DuckDB that runs translated statements, with what it needs to behave as Trino does. */
export class Engine {
    private constructor(
        readonly api: Api,
        private readonly instance: DuckDBInstance,
        private readonly first: DuckDBConnection,
    ) {}

    /** Starts an empty database in memory; what doesn't fit there goes to `folder`. */
    static async start(folder: string, load?: () => Promise<Api>): Promise<Engine> {
        const api = await loadDuckDb("Athena runs on DuckDB here", load);
        const instance = await api.DuckDBInstance.create(":memory:", {
            autoinstall_known_extensions: "false",
            temp_directory: join(folder, "duckdb"),
        });
        const first = await instance.connect();
        await first.run("SET GLOBAL TimeZone = 'UTC'");
        registerFunctions(api, first);
        await first.run(macros);
        return new Engine(api, instance, first);
    }

    /** A connection, with temporary tables of its own. */
    async connect(): Promise<DuckDBConnection> {
        return await this.instance.connect();
    }

    stop(): void {
        this.first.disconnectSync();
        this.instance.closeSync();
    }
}
