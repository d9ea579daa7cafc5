import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchOnce } from "../cache";
import { installPackages } from "../python";
import { freePort, startServer, stopServer } from "./processes";

/** Of moto. */
export const version = "5.2.5";

/** Moto, which holds Glue's catalogue and S3's objects for Trino. */
export interface Moto {
    url: string;
    createBucket(name: string): Promise<void>;
    put(bucket: string, key: string, body: Buffer): Promise<void>;
    createDatabase(name: string): Promise<void>;
    /** `table` is a TableInput in Glue's words. */
    createTable(database: string, table: object): Promise<void>;
    stop(): Promise<void>;
}

/** Starts moto in an environment of its own, fetched once from PyPI; or says what is missing for that. */
export async function startMoto(): Promise<Moto | { missing: string }> {
    const packages = await fetchOnce(`moto-${version}`, (folder) =>
        installPackages(folder, [`moto[server,s3,glue]==${version}`]),
    );
    if (!packages) return { missing: "a Python with pip, or PyPI" };
    const work = mkdtempSync(join(tmpdir(), "moto-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const python = join(packages, "bin/python");
    const command = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
    const server = await startServer(command, join(work, "moto.log"), () => fetch(`${url}/moto-api/`), 60);
    const glue = (operation: string, input: object) =>
        send(url, "POST", "glue", JSON.stringify(input), {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": `AWSGlue.${operation}`,
        });
    return {
        url,
        createBucket: (name) =>
            send(
                `${url}/${name}`,
                "PUT",
                "s3",
                "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
            ),
        put: (bucket, key, body) =>
            send(`${url}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`, "PUT", "s3", body),
        createDatabase: (Name) => glue("CreateDatabase", { DatabaseInput: { Name } }),
        createTable: (DatabaseName, TableInput) => glue("CreateTable", { DatabaseName, TableInput }),
        stop: async () => {
            await stopServer(server);
            rmSync(work, { recursive: true, force: true });
        },
    };
}

/** Moto looks at a signature only for the name of the service. */
async function send(
    url: string,
    method: string,
    service: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
): Promise<void> {
    const scope = `test/20260101/eu-west-1/${service}/aws4_request`;
    const response = await fetch(url, {
        method,
        body: typeof body === "string" ? body : new Uint8Array(body),
        headers: {
            ...headers,
            Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
        },
    });
    if (!response.ok) throw new Error(`moto answers ${response.status}: ${(await response.text()).slice(0, 300)}`);
}
