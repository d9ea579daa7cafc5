import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { capture } from "./capture";
import { type Clock, VirtualClock, WallClock } from "./clock";
import { counters, rowsOf } from "./counters";
import type { FaultReport, Faults } from "./faults";
import { checkFaults } from "./faults/check";
import { Injector } from "./faults/injector";
import { Access, type Permission } from "./iam/access";
import { Journal } from "./journal";
import {
    bucketOf,
    columnTypesOf,
    functionNamed,
    prefixOf,
    type Route,
    reportPrefixes,
    routesOf,
    streamOf,
    tableNamed,
    tableStartOf,
} from "./lookups";
import type { CapturedProgram } from "./program";
import { readPrefixes } from "./read-prefixes";
import { type Report, reportOf } from "./report";
import { type Row, readRows } from "./rows";
import type { Runtime } from "./runtime";
import { Server } from "./server";
import { Athena } from "./services/athena";
import { Destinations } from "./services/destinations";
import { DynamoDb } from "./services/dynamodb";
import { routeEvents } from "./services/event-bridge";
import { mapEventSources } from "./services/event-source-mapping";
import { Firehose } from "./services/firehose";
import { Glue } from "./services/glue";
import { HttpApi } from "./services/http-api";
import { Iot } from "./services/iot";
import { Kinesis } from "./services/kinesis";
import { Lambda } from "./services/lambda";
import { LoadBalancers } from "./services/load-balancer";
import { RestApis } from "./services/rest-api";
import { S3 } from "./services/s3";
import { announceObjects } from "./services/s3/notifications";
import { Sns } from "./services/sns";
import { Sqs } from "./services/sqs";
import { Work } from "./work";

/** How to run a pipeline on this machine. */
export interface LocalPipelineOptions {
    /** Folder with a Pulumi.yaml or an index file, or a file. */
    program: string;
    /** @default the only stack that has a settings file, or `dev` */
    stack?: string;
    /** Settings that count more than the stack's, by key. Secrets that are set nowhere get made-up values. */
    config?: Record<string, string>;
    /** Where the virtual clock begins. @default now */
    at?: Date | string;
    /** `virtual`: time stands still until `settle` or `advanceTo` move it; `wall`: it passes. @default "virtual" */
    clock?: "virtual" | "wall";
    /** Takes the place of every delivery stream's buffer interval and load balancer's log interval, in seconds. */
    bufferSeconds?: number;
    /** Empty folder that holds all state, and stays. @default a temporary folder that `stop` removes */
    folder?: string;
    /** What shall go wrong, to see the pipeline bear it. */
    faults?: Faults;
}

interface Services {
    server: Server;
    s3: S3;
    lambda: Lambda;
    kinesis: Kinesis;
    firehose: Firehose;
    dynamoDb: DynamoDb;
    glue: Glue;
    athena: Athena;
    httpApi: HttpApi;
    restApis: RestApis;
    iot: Iot;
    loadBalancers: LoadBalancers;
}

/** Firehose bills records in steps of 5 KB, so careful senders join events up to that. */
const recordBytes = 5 * 1024;
/** Most records of one PutRecordBatch. */
const batchRecords = 500;

/**
 * A Pulumi program's pipeline, running on this machine: the program's own resources and functions, no account.
 *
 * @example
 * ```ts
 * const local = await LocalPipeline.start({ program: "." });
 * await local.send("deviceping", [{ device_id: "a", battery: 0.4, sent_at: "2026-11-21 04:00:00" }]);
 * await local.settle();
 * expect(await local.rows("processed/v0/devicebattery/")).to.deep.equal([…]);
 * await local.stop();
 * ```
 */
export class LocalPipeline {
    /** To be stopped with it. */
    private ownServer?: Server;

    private constructor(
        private readonly runtime: Runtime,
        private readonly services: Services,
        private readonly removeFolder: boolean,
    ) {}

    /** Runs the program for its resources and starts the services that act on them. */
    static async start(options: LocalPipelineOptions): Promise<LocalPipeline> {
        const server = await Server.start();
        try {
            const program = await capture({ ...options, endpointUrl: server.url });
            const pipeline = await LocalPipeline.over(program, server, options);
            pipeline.ownServer = server;
            return pipeline;
        } catch (error) {
            await server.stop();
            throw error;
        }
    }

    /** Starts the services over a program that was captured for this server, which outlives them. */
    static async over(
        program: CapturedProgram,
        server: Server,
        options: Omit<LocalPipelineOptions, "program">,
    ): Promise<LocalPipeline> {
        const folder = await makeFolder(options.folder);
        const stopped: (() => Promise<unknown>)[] = [() => removeIf(!options.folder, folder)];
        try {
            const clock = makeClock(options);
            const journal = new Journal();
            const faults = options.faults && new Injector(checkFaults(options.faults, program), clock, journal);
            const access = new Access(program, journal);
            const runtime: Runtime = { program, clock, work: new Work(), journal, folder, faults, access };
            const services = await startServices(runtime, server, options.bufferSeconds, stopped);
            return new LocalPipeline(runtime, services, !options.folder);
        } catch (error) {
            for (const stop of stopped.reverse()) await stop();
            throw error;
        }
    }

    /**
     * What happened so far, in order; `journal.listen` hears of what comes. Of requests and lines of functions, the newest
     * 50,000 are kept at least.
     */
    get journal(): Journal {
        return this.runtime.journal;
    }

    /** Addresses of the HTTP and REST APIs, and of the load balancers' listeners, by logical name. */
    get urls(): Record<string, string> {
        const { httpApi, restApis, loadBalancers } = this.services;
        return { ...httpApi.urls, ...restApis.urls, ...loadBalancers.urls };
    }

    /** Address of the MQTT broker that stands for AWS IoT Core; absent where the program has no topic rule. */
    get mqttUrl(): string | undefined {
        return this.services.iot.mqttUrl;
    }

    /** What the APIs and the load balancers answer to, with its address on this machine. */
    get routes(): Route[] {
        const { httpApi, restApis, loadBalancers } = this.services;
        const listeners = Object.values(loadBalancers.urls).map((url) => ({ method: "ANY", url }));
        return [...routesOf(this.runtime.program, httpApi.urls), ...restApis.routes, ...listeners];
    }

    /** Names of the Kinesis streams, which take records at `endpointUrl`. */
    get kinesisStreams(): string[] {
        return this.services.kinesis.streamNames;
    }

    /** Name of the Pulumi project. */
    get project(): string {
        return this.runtime.program.project;
    }

    /** Folder that holds all state. */
    get folder(): string {
        return this.runtime.folder;
    }

    /** Address of the loopback endpoint that answers for all AWS services: `endpoint` of any SDK client. */
    get endpointUrl(): string {
        return this.services.server.url;
    }

    /** The stack's outputs, as the program exports them. */
    get outputs(): Record<string, unknown> {
        return this.runtime.program.outputs;
    }

    /** Prefixes of the tables that no delivery stream fills. */
    get reportPrefixes(): string[] {
        return reportPrefixes(this.runtime.program);
    }

    /** Prefixes of the objects that the program's functions and queries read; undefined where that may be all of them. */
    get readPrefixes(): string[] | undefined {
        return readPrefixes(this.runtime.program, this.permissions());
    }

    /** Values that the program's secrets were given for this run, by full key. */
    get invented(): Record<string, string> {
        return this.runtime.program.invented;
    }

    /**
     * Puts events on an ingest's delivery stream, each as a line: objects as JSON, strings as they are. It waits where more
     * is on its way than the pipeline gets done.
     */
    async send(ingest: string, events: (object | string)[]): Promise<void> {
        const stream = String(streamOf(this.runtime.program, ingest).outputs.name);
        const lines = events.map((event) => (typeof event === "string" ? event : JSON.stringify(event)));
        const records = joinLines(lines.map((line) => `${line}\n`));
        for (let sent = 0; sent < records.length; sent += batchRecords) {
            await this.services.firehose.room(stream);
            this.services.firehose.put(stream, records.slice(sent, sent + batchRecords));
        }
    }

    /**
     * Puts an object as others do who write into the bucket: it is announced like any other. The bucket is the one that
     * the program's tables lie in, or the one named.
     */
    async put(key: string, body: string | Uint8Array, bucket?: string): Promise<void> {
        await this.services.s3.put(bucket ?? bucketOf(this.runtime.program, key), key, Buffer.from(body as string));
    }

    /** Publishes a message to the program's topic rules: an object as JSON, text and bytes as they are. */
    async publish(topic: string, payload: object | string | Uint8Array): Promise<void> {
        const bytes = typeof payload === "string" || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
        await this.services.iot.publish(topic, Buffer.from(bytes as string));
    }

    /** Types of the columns of an ingest's table, in Hive's spelling, by name. */
    columnTypes(ingest: string): Record<string, string> {
        return columnTypesOf(this.runtime.program, streamOf(this.runtime.program, ingest));
    }

    /** Prefix of the objects that an ingest's delivery stream writes. */
    ingestPrefix(ingest: string): string {
        return prefixOf(streamOf(this.runtime.program, ingest));
    }

    /** When the first hour of an ingest's table begins, in milliseconds: queries see nothing that arrived earlier. */
    tableStart(ingest: string): number | undefined {
        return tableStartOf(this.runtime.program, streamOf(this.runtime.program, ingest));
    }

    /**
     * Calls a function, by its name or what that ends with after a hyphen, and says what it answers; throws what it
     * throws.
     */
    async invoke(name: string, payload: unknown = {}): Promise<unknown> {
        const { outputs } = functionNamed(this.runtime.program, name);
        const { payload: answer, error } = await this.services.lambda.invoke(String(outputs.name), payload);
        if (error) throw new Error(`${name}: ${error.errorType}: ${error.errorMessage}`);
        return answer;
    }

    /**
     * Waits until nothing moves: buffers are flushed, queues drained. A virtual clock jumps from deadline to deadline; what
     * the clock starts again and again, such as an hourly function, waits for `advanceTo`.
     */
    async settle(): Promise<void> {
        const { work, clock } = this.runtime;
        for (;;) {
            await work.idle();
            const next = clock.next();
            if (next === undefined) return;
            await reach(clock, next, false);
        }
    }

    /** Moves the virtual clock, doing on the way what is due; with the wall clock, waits. */
    async advanceTo(time: Date | string | number): Promise<void> {
        const { work, clock } = this.runtime;
        const target = new Date(time).getTime();
        if (Number.isNaN(target)) throw new Error(`advanceTo: ${time} is not a time`);
        await work.idle();
        if (clock instanceof VirtualClock) clock.leap(target);
        for (let next = clock.next(true); next !== undefined && next <= target; next = clock.next(true)) {
            await reach(clock, next);
            await work.idle();
        }
        await reach(clock, target);
    }

    /**
     * The rows of all newline-delimited JSON and Parquet objects whose keys start with `prefix`, in the order in which
     * they were written. Integers beyond JavaScript's safe range are `bigint`.
     */
    rows(prefix: string): Promise<Row[]> {
        return readRows(this.services.s3, prefix);
    }

    /**
     * The items of a DynamoDB table, in order of their keys: a rollup's counters by its name. Numbers beyond what
     * JavaScript holds exactly are texts.
     *
     * @example
     * ```ts
     * await local.send("deviceping", [{ device_id: "a", battery: 0.4, sent_at: "2026-11-21 04:12:00" }]);
     * await local.settle();
     * expect(local.counters("pings")).to.deep.equal([{ name: "a", timestamp: "2026-11-21T04:00:00Z", count: 1 }]);
     * ```
     */
    counters(name: string): Row[] {
        const { program } = this.runtime;
        return rowsOf(this.services.dynamoDb.itemsOf(tableNamed(program, name)));
    }

    /** What happened, summed up as `eventpipeline run --json` prints it. */
    async report(): Promise<Report> {
        return reportOf(this.runtime, counters(this.services.dynamoDb.counters()), (prefix) => this.rows(prefix));
    }

    /** Every action that the program's policies allow, and whether it was made use of so far. */
    permissions(): Permission[] {
        return this.runtime.access?.permissions() ?? [];
    }

    /** What was injected so far. */
    faults(): FaultReport | undefined {
        return this.runtime.faults?.report();
    }

    /**
     * The service calls of each function so far, in order, as `service:Action`, by the function's logical name: what
     * `crashes` counts. Known where `faults` were given, be they empty.
     */
    serviceCalls(): Record<string, string[]> {
        return this.runtime.faults?.serviceCalls() ?? {};
    }

    /** Ends all processes and servers. */
    async stop(): Promise<void> {
        const { athena, firehose, httpApi, restApis, iot, loadBalancers, lambda } = this.services;
        this.runtime.clock.stop();
        await loadBalancers.stop();
        await httpApi.stop();
        await restApis.stop();
        await iot.stop();
        await lambda.stop();
        await athena.stop();
        await firehose.stop();
        await this.ownServer?.stop();
        await removeIf(this.removeFolder, this.runtime.folder);
    }
}

/** The services, wired as AWS has them: who tells whom of what. */
async function startServices(
    runtime: Runtime,
    server: Server,
    bufferSeconds: number | undefined,
    stopped: (() => Promise<unknown>)[],
): Promise<Services> {
    const s3 = new S3(runtime);
    const sqs = new Sqs(runtime);
    const lambda = new Lambda(runtime, server.url);
    stopped.push(() => lambda.stop());
    const sns = new Sns(runtime, sqs, lambda);
    const destinations = new Destinations(sns, sqs, lambda, runtime);
    mapEventSources(runtime, sqs, lambda);

    const kinesis = new Kinesis(runtime);
    const firehose = new Firehose(runtime, s3, lambda, { bufferSeconds });
    firehose.readFrom(kinesis);
    const dynamoDb = new DynamoDb(runtime);
    const glue = new Glue(runtime);
    stopped.push(() => firehose.stop());
    await firehose.convertBy(glue);
    const athena = await Athena.start(runtime, s3, glue);
    stopped.push(() => athena.stop());
    routeEvents(runtime, s3, destinations, athena);
    const httpApi = new HttpApi(runtime, lambda);
    const restApis = new RestApis(runtime, [kinesis]);
    stopped.push(() => restApis.stop());
    const iot = new Iot(runtime, firehose, s3, sqs);
    stopped.push(() => iot.stop());

    server.serve(runtime, lambda, [s3, sqs, sns, lambda, kinesis, firehose, dynamoDb, athena, iot]);
    announceObjects(runtime, s3, destinations, sns.foreignTopics());
    await iot.start();
    await httpApi.start();
    await restApis.start();
    const loadBalancers = new LoadBalancers(runtime, s3, { logSeconds: bufferSeconds });
    stopped.push(() => loadBalancers.stop());
    await loadBalancers.start();
    return { server, s3, lambda, kinesis, firehose, dynamoDb, glue, athena, httpApi, restApis, iot, loadBalancers };
}

function makeClock({ clock = "virtual", at = new Date() }: Omit<LocalPipelineOptions, "program">): Clock {
    if (clock === "wall") return new WallClock();
    const start = new Date(at).getTime();
    if (Number.isNaN(start)) throw new Error(`at: ${at} is not a time`);
    return new VirtualClock(start);
}

async function reach(clock: Clock, time: number, all = true): Promise<void> {
    if (clock instanceof VirtualClock) clock.advanceTo(time, all);
    else await new Promise((resolve) => setTimeout(resolve, Math.max(0, time - clock.now())));
}

async function makeFolder(given: string | undefined): Promise<string> {
    if (given === undefined) return mkdtemp(join(tmpdir(), "eventpipeline-"));
    await mkdir(given, { recursive: true });
    if ((await readdir(given)).length > 0) throw new Error(`folder: ${given} is not empty: name a new one`);
    return resolve(given);
}

async function removeIf(condition: boolean, folder: string): Promise<void> {
    if (condition) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Lines joined to records of up to 5 KB. */
function joinLines(lines: string[]): Buffer[] {
    const records: Buffer[] = [];
    let record: Buffer[] = [];
    let bytes = 0;
    for (const line of lines.map((text) => Buffer.from(text))) {
        if (bytes > 0 && bytes + line.length > recordBytes) flush();
        record.push(line);
        bytes += line.length;
    }
    if (bytes > 0) flush();
    return records;

    function flush(): void {
        records.push(Buffer.concat(record));
        record = [];
        bytes = 0;
    }
}
