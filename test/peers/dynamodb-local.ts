import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { fetchOnce } from "./cache";

/** Of DynamoDB Local. */
export const version = "2.6.1";

/** A running DynamoDB Local. */
export interface DynamoDbLocal {
    connect(): DynamoDBClient;
    stop(): void;
}

/** Starts Amazon's own DynamoDB Local, fetched once by Maven; or says what is missing for that. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal | { missing: string }> {
    if (spawnSync("java", ["-version"]).status !== 0) return { missing: "java" };
    const cache = await fetchOnce(`dynamodb-local-${version}`, fetchJars);
    if (!cache) return { missing: "mvn, or its repository" };
    const port = await freePort();
    const main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";
    const options = [`-Djava.library.path=${cache}`, "-DDDBLocalTelemetry=false", "-cp", join(cache, "*")];
    const server = spawn("java", [...options, main, "-inMemory", "-port", String(port), "-disableTelemetry"], {
        stdio: "ignore",
    });
    const endpoint = `http://127.0.0.1:${port}`;
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const connect = () => new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
    const client = connect();
    for (let attempt = 0; ; attempt++) {
        try {
            await client.send(new ListTablesCommand());
            return { connect, stop: () => void server.kill() };
        } catch (error) {
            if (attempt >= 20) {
                server.kill();
                throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
    }
}

function fetchJars(cache: string): boolean {
    const folder = mkdtempSync(join(tmpdir(), "dynamodb-local-"));
    try {
        writeFileSync(
            join(folder, "pom.xml"),
            `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
             <groupId>peers</groupId><artifactId>peers</artifactId><version>1</version><dependencies><dependency>
             <groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${version}</version>
             </dependency></dependencies></project>`,
        );
        const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${cache}`, "-DincludeScope=runtime"];
        return spawnSync("mvn", ["-q", "-B", ...goal], { cwd: folder }).status === 0;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function freePort(): Promise<number> {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address() as { port: number };
            server.close(() => resolve(port));
        });
    });
}
