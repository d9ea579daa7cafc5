import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BookedIngest, type BooksRequest, ingestsFile } from "../handlers/books/contract";
import { type CompactEnvironment, type Compaction, compactionFile } from "../handlers/compact/contract";
import { type Reconciled, reconciledFile } from "../handlers/reconcile/contract";
import type { RunProcessorEnvironment } from "../handlers/run-processor/contract";
import { accountAttributes, type Item } from "../handlers/shared/ledger";
import { ownPlace } from "../test/dynamodb/tables";
import { FakeS3 } from "../test/handlers/convert-result/fake-s3";
import { functionArn, ok } from "../test/handlers/run-processor/world";
import { type GivenResponse, jsonRequest, jsonResponse, type SentRequest } from "../test/handlers/shared/fake-service";
import { s3Body, s3Record, sqsEvent } from "../test/handlers/shared/s3-event-messages";
import { firehoseObjects, listed, serviceOf, taken, xml } from "./big-lake";
import { eventsIn } from "./data/largest";
import { pingsFile } from "./data/pings";
import type { Surroundings } from "./surroundings";

const hour = 3_600_000;
const prefix = "raw/v0/click/";

/** Functions that go through what lies in a lake already, with the largest task that each is made for. */
export const largestTasks: Record<string, (data: string, endpoint: string) => Promise<Surroundings>> = {
    /** A day that is over and has no runs yet, and the day before, whose runs have ended. */
    async compact() {
        const [before, today] = ["2026-11-19", "2026-11-20"];
        const perDay = eventsIn.compact! / 2;
        const [old, fresh] = [before, today].map((day) => firehoseObjects(prefix, perDay, Date.parse(day), 24));
        const objects = [...old!, ...fresh!];
        const asset: Compaction = {
            ...{ name: "click_parquet", table: "click", prefix, partition: ["arrival_hour"], every: "day" },
            ...{ columns: ["page", "event_id"], output: "parquet/v0/click/" },
        };
        const environment: CompactEnvironment = {
            ...{ BUCKET: "lake", DATABASE: "web", WORKGROUP: "web-click_parquet", LEDGER_TABLE: "ledger" },
            WAIT_SECONDS: "600",
        };
        const runs = Math.ceil(perDay / 1_000);
        return {
            assetFile: compactionFile,
            asset,
            environment,
            event: sqsEvent(...[before, today].map((interval) => JSON.stringify({ wake: { interval, at: 0 } }))),
            answer(request) {
                switch (serviceOf(request)) {
                    case "DynamoDB":
                        return compactLedger(request);
                    case "AmazonSQS":
                        return taken(request);
                    case "AmazonAthena":
                        return athena(request);
                    default:
                        return s3(request);
                }
            },
        };

        /** Of the day before all runs, of which a page holds ten or so. */
        function compactLedger(request: SentRequest): GivenResponse {
            const { operation, input } = jsonRequest(request);
            if (operation !== "Query") return jsonResponse({});
            const { ExpressionAttributeValues, ExclusiveStartKey } = input as Record<string, Item | undefined>;
            if (!ExpressionAttributeValues![":entry"]!.S!.endsWith(before)) return jsonResponse({ Items: [] });
            const first = Number(ExclusiveStartKey?.subscriber?.S?.slice("run/".length) ?? 0);
            const rows = Array.from({ length: Math.min(10, runs - first) }, (_, index) => runRow(first + index + 1));
            const isLast = first + rows.length === runs;
            const LastEvaluatedKey = { entry: rows.at(-1)!.entry, subscriber: rows.at(-1)!.subscriber };
            return jsonResponse({ Items: rows, ...(!isLast && { LastEvaluatedKey }) });
        }

        function runRow(number: number): Item {
            const own = old!.slice((number - 1) * 1_000, number * 1_000);
            return {
                entry: { S: `compact/parquet/v0/click/${before}` },
                subscriber: { S: `run/${String(number).padStart(6, "0")}` },
                state: { S: "started" },
                attempt: { N: "1" },
                at: { N: "0" },
                executionId: { S: String(number) },
                objects: { L: own.map(({ key }) => ({ S: key.slice(prefix.length) })) },
            };
        }

        function athena(request: SentRequest): GivenResponse {
            const { operation, input } = jsonRequest(request);
            if (operation === "StartQueryExecution") return jsonResponse({ QueryExecutionId: "new" });
            const id = String(input.QueryExecutionId);
            const DataManifestLocation = `s3://lake/athena/click_parquet/${id}-manifest.csv`;
            const execution = {
                QueryExecutionId: id,
                Status: { State: "SUCCEEDED" },
                Statistics: { DataManifestLocation },
            };
            return jsonResponse({ QueryExecution: execution });
        }

        /** Athena writes some thirty files at once. */
        function s3(request: SentRequest): GivenResponse {
            if (request.method === "PUT") return xml("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>");
            const [, number] = /(\d+)-manifest\.csv$/.exec(request.path) ?? [];
            if (number === undefined) return listed(objects, request);
            const folder = `s3://lake/athena/click_parquet/files/${before}/${number}-1/`;
            return { statusCode: 200, body: Array.from({ length: 30 }, (_, file) => `${folder}${file}\n`).join("") };
        }
    },
    /** Two days in which every hundredth object was not counted, nor announced again. */
    async reconcile(_data, endpoint) {
        const count = eventsIn.reconcile!;
        const objects = firehoseObjects(prefix, count, Date.now() - 47 * hour, 45);
        const asset: Reconciled = {
            listings: [{ prefix, folders: { prefix, layout: "arrival_hour" } }],
            subscribers: [
                { kind: "rollup", name: "clicks", trigger: prefix, queueUrl: `${endpoint}/clicks` },
                { kind: "query", name: "seen", trigger: prefix, queueUrl: `${endpoint}/run-query` },
            ],
        };
        const missing = new Set(objects.filter((_, index) => index % 100 === 0).map(({ key }) => `object/${key}`));
        const numbers = {
            ...{ objects: count, done: count - missing.size, failed: 0, inWork: 0 },
            ...{ missing: missing.size, republished: missing.size, givenUp: 0 },
        };
        return {
            assetFile: reconciledFile,
            asset,
            environment: {
                ...{ PIPELINE: "web-prod", BUCKET: "lake", LEDGER_TABLE: "ledger" },
                ...{ AFTER_MINUTES: "60", LOOKBACK_HOURS: "48" },
            },
            event: {},
            answered: JSON.stringify({ subscriber: "rollup/clicks", ...numbers }),
            answer(request) {
                switch (serviceOf(request)) {
                    case "DynamoDB":
                        return reconcileLedger(request);
                    case "AmazonSQS":
                        return taken(request);
                    default:
                        return listed(objects, request);
                }
            },
        };

        function reconcileLedger(request: SentRequest): GivenResponse {
            const { operation, input } = jsonRequest(request);
            if (operation !== "BatchGetItem") return jsonResponse({});
            const { ledger } = input.RequestItems as { ledger: { Keys: Item[] } };
            return jsonResponse({ Responses: { ledger: ledger.Keys.flatMap(rowOf) }, UnprocessedKeys: {} });
        }

        /** Every object has a query run of its own. */
        function rowOf({ entry, subscriber }: Item): Item[] {
            const name = entry!.S!;
            const key = { entry: entry!, subscriber: subscriber! };
            if (name.startsWith("run/")) return [{ ...key, state: { S: "succeeded" } }];
            const isMissing = subscriber!.S === "rollup/clicks" && missing.has(name);
            if (isMissing || !name.startsWith("object/")) return [];
            const outcome = subscriber!.S === "query/seen" ? "started" : "done";
            const account = { outcome, version: "e1", sequencer: "0A", executionId: name } as const;
            return [{ ...key, ...accountAttributes(account, Date.now() - 2 * hour) }];
        }
    },
    /** An hour in which everything that was accepted is in the table. */
    async books(data) {
        const s3 = new FakeS3();
        const events = await readFile(join(data, pingsFile));
        const [backupPrefix, from] = ["backup/click/", Date.parse("2026-11-20T04:00:00Z")];
        const objects = [backupPrefix, prefix].flatMap((start) => firehoseObjects(start, 1, from, 1));
        for (const { key } of objects) s3.put(key, events);
        const asset: BookedIngest[] = [
            {
                ...{ name: "click", prefix, layout: "arrival_hour", format: "json", backupPrefix },
                ...{ failedPrefix: "failed/click/", bufferSeconds: 480 },
            },
        ];
        const event: BooksRequest = { from: "2026-11-20T04:00:00Z", to: "2026-11-20T05:00:00Z" };
        const count = eventsIn.books! / objects.length;
        return {
            assetFile: ingestsFile,
            asset,
            environment: { PIPELINE: "web-prod", BUCKET: "lake", LEDGER_TABLE: "ledger", AFTER_MINUTES: "60" },
            event,
            answered: `"accepted":${count},"delivered":${count},`,
            answer: (request) => ("list-type" in request.query ? listed(objects, request) : s3.answer(request)),
        };
    },
    /** As many messages as are delivered at once, each of one object. */
    async "run-processor"() {
        const place = ownPlace();
        const environment: RunProcessorEnvironment = {
            ...{ PROCESSOR: "forecast", FUNCTION_ARN: functionArn, FUNCTION_TIMEOUT: "10" },
            ...{ LEDGER_TABLE: await place.createTable("entry", "subscriber"), BUCKET: "lake", TRIGGER: prefix },
        };
        const objects = firehoseObjects(prefix, eventsIn["run-processor"]!, Date.parse("2026-11-20"), 1);
        return {
            environment,
            event: sqsEvent(...objects.map(({ key }) => s3Body(s3Record(key)))),
            answer: (request) => (serviceOf(request) === "Lambda" ? ok("null") : place.answer(request)),
        };
    },
};
