import { gzipSync } from "node:zlib";
import { columnsFile as collectColumns } from "../handlers/collect/contract";
import { resultMapFile } from "../handlers/convert-result/contract";
import { rollupFile } from "../handlers/count-events/contract";
import { columnsFile as normalizeColumns } from "../handlers/normalize/contract";
import { queryMapFile } from "../handlers/run-query/contract";
import { runComment } from "../handlers/shared/runs";
import { ownPlace } from "../test/dynamodb/tables";
import { FakeFirehose, stores } from "../test/handlers/collect/fake-firehose";
import { request } from "../test/handlers/collect/requests";
import { FakeAthena as FakeResults } from "../test/handlers/convert-result/fake-athena";
import { FakeS3 } from "../test/handlers/convert-result/fake-s3";
import { pings, settings } from "../test/handlers/count-events/world";
import { batch } from "../test/handlers/normalize/batches";
import { FakeAthena } from "../test/handlers/run-query/fake-athena";
import { environment } from "../test/handlers/run-query/world";
import { FakeLedger } from "../test/handlers/shared/fake-ledger";
import { s3Body, s3Record, sqsEvent } from "../test/handlers/shared/s3-event-messages";
import type { Surroundings } from "./surroundings";

const columns = [
    { name: "event_id", type: { kind: "string" } },
    { name: "received_at", type: { kind: "timestamp" } },
];

/** Functions with a first request. */
export const firstRequests = {
    async collect(): Promise<Surroundings> {
        const firehose = new FakeFirehose(stores);
        return {
            assetFile: collectColumns,
            asset: columns,
            environment: { DELIVERY_STREAM: "pings", OPEN: "true", KEY_HASHES: "{}" },
            event: request({ body: "{}" }),
            answer: (sent) => firehose.answer(sent),
        };
    },
    async normalize(): Promise<Surroundings> {
        return {
            assetFile: normalizeColumns,
            asset: columns,
            environment: { FAILED_BUCKET: "lake", FAILED_PREFIX: "failed/pings/" },
            event: batch(['{"event_id":"a","received_at":"2026-11-21T04:00:00Z"}\nno event, which is kept\n']),
            answer: (sent) => new FakeS3().answer(sent),
        };
    },
    async "count-events"(): Promise<Surroundings> {
        const place = ownPlace();
        const LEDGER_TABLE = await place.createTable("entry", "subscriber");
        const TABLE = await place.createTable("name", "timestamp");
        const s3 = new FakeS3();
        s3.put("raw/a.json.gz", gzipSync('{"device":"a","at":"2026-11-21 04:30:00","volts":0.1}\n'));
        return {
            assetFile: rollupFile,
            asset: pings,
            environment: { ...settings, TABLE, LEDGER_TABLE },
            event: sqsEvent(s3Body(s3Record("raw/a.json.gz"))),
            answer: (sent) => (sent.headers["x-amz-target"] ? place : s3).answer(sent),
        };
    },
    async "run-query"(): Promise<Surroundings> {
        const [athena, books] = [new FakeAthena(), new FakeLedger()];
        return {
            assetFile: queryMapFile,
            asset: { queries: [{ name: "week", trigger: "raw/", sql: ["SELECT 1"] }] },
            environment,
            event: sqsEvent(s3Body(s3Record("raw/a"))),
            answer: (sent) => (sent.headers["x-amz-target"]?.startsWith("DynamoDB") ? books : athena).answer(sent),
        };
    },
    async "convert-result"(): Promise<Surroundings> {
        const id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        const [athena, books, s3] = [new FakeResults(), new FakeLedger(), new FakeS3()];
        athena.runs.set(id, {
            workGroup: "fleet-dev-week",
            states: ["SUCCEEDED"],
            columns: [["n", "bigint"]],
            submitted: "2026-11-21T04:00:00.123Z",
            statement: `SELECT 1${runComment({ token: "a".repeat(64), attempt: 1 })}`,
        });
        await books.put({ query: "week", state: "started" });
        s3.put(`athena/week/${id}.csv`, '"n"\n"1"\n');
        const asset = {
            results: {
                week: {
                    prefix: "reports/week/",
                    mode: "append",
                    columns: [{ name: "n", type: { kind: "integer", bits: 64 } }],
                },
            },
        };
        return {
            assetFile: resultMapFile,
            asset,
            environment: { BUCKET: "lake", WORKGROUP_PREFIX: "fleet-dev-", LEDGER_TABLE: "ledger" },
            event: sqsEvent(s3Body(s3Record(`athena/week/${id}.csv`))),
            answer(sent) {
                const target = sent.headers["x-amz-target"];
                if (target?.startsWith("DynamoDB")) return books.answer(sent);
                return (target ? athena : s3).answer(sent);
            },
        };
    },
};
