import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../cli/generate/random";
import { mostBodyBytes } from "../handlers/collect/body";
import { rollupFile } from "../handlers/count-events/contract";
import { columnsFile as logColumns, type ParseAccessLogEnvironment } from "../handlers/parse-access-log/contract";
import { ownPlace } from "../test/dynamodb/tables";
import { request } from "../test/handlers/collect/requests";
import { FakeS3 } from "../test/handlers/convert-result/fake-s3";
import { pings, settings } from "../test/handlers/count-events/world";
import { batch } from "../test/handlers/normalize/batches";
import { s3Body, s3Record, sqsEvent } from "../test/handlers/shared/s3-event-messages";
import { eventPath, logFile, columns as viewColumns } from "./data/access-log";
import { eventsIn } from "./data/largest";
import { ping, pingColumns, pingsFile } from "./data/pings";
import { firstRequests } from "./first-requests";
import type { Surroundings } from "./surroundings";

const columns = [{ name: "received_at", type: { kind: "timestamp" } }, ...pingColumns];

/** Functions with the largest input that each is made for. */
export const largestInputs: Record<string, (data: string) => Promise<Surroundings>> = {
    async collect() {
        const body = newPings(eventsIn.collect!).join("");
        if (body.length > mostBodyBytes) throw new Error("the body is too large");
        const event = request({ body, headers: { "content-type": "application/x-ndjson" } });
        return { ...(await firstRequests.collect()), asset: columns, event };
    },
    async normalize() {
        return { ...(await firstRequests.normalize()), asset: columns, event: batch(newPings(eventsIn.normalize!)) };
    },
    async "count-events"(data) {
        const place = ownPlace();
        const LEDGER_TABLE = await place.createTable("entry", "subscriber");
        const TABLE = await place.createTable("name", "timestamp");
        const s3 = new FakeS3();
        s3.put("raw/a.json.gz", await readFile(join(data, pingsFile)));
        const device = { name: "device_id", type: { kind: "string" } };
        const rollup = { ...pings, by: [device], time: { name: "sent_at", type: { kind: "timestamp" } }, sum: [] };
        return {
            assetFile: rollupFile,
            asset: rollup,
            environment: { ...settings, TABLE, LEDGER_TABLE, MAXIMUM_BYTES: "1000000000" },
            event: sqsEvent(s3Body(s3Record("raw/a.json.gz"))),
            answer: (sent) => (sent.headers["x-amz-target"] ? place : s3).answer(sent),
        };
    },
    async "parse-access-log"(data) {
        const log = "alb/view/AWSLogs/1/elasticloadbalancing/eu-west-1/2026/11/21/1_elb_app_20261121T0405Z_1_x.log.gz";
        const s3 = new FakeS3();
        s3.put(log, await readFile(join(data, `${logFile}.gz`)));
        const environment: ParseAccessLogEnvironment = {
            BUCKET: "lake",
            LOG_PREFIX: "alb/view/",
            OUTPUT_PREFIX: "raw/v0/view/",
            PARTITIONS: "hour",
            FAILED_PREFIX: "failed/view/",
            EVENT_PATH: eventPath,
            BEACONS: "false",
            CLIENT_ADDRESS: "keep",
            MAXIMUM_BYTES: "1000000000",
        };
        return {
            assetFile: logColumns,
            asset: viewColumns,
            environment,
            event: sqsEvent(s3Body(s3Record(log))),
            answer: (sent) => s3.answer(sent),
        };
    },
    async "run-query"() {
        const keys = Array.from({ length: eventsIn["run-query"]! }, (_, index) => `raw/${index}`);
        const event = sqsEvent(...keys.map((key) => s3Body(s3Record(key))));
        return { ...(await firstRequests["run-query"]()), event };
    },
};

function newPings(count: number): string[] {
    const random = new Random(1, "largest");
    return Array.from({ length: count }, (_, index) => {
        return `${JSON.stringify(ping(random, Date.UTC(2026, 10, 21) + index, "T"))}\n`;
    });
}
