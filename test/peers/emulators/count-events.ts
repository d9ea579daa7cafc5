import { gzipSync } from "node:zlib";
import type { SQSBatchResponse } from "aws-lambda";
import { expect } from "chai";
import { rollupFile } from "../../../handlers/count-events/contract";
import { type Event, pings } from "../../handlers/count-events/world";
import { s3Body, s3Record, sqsEvent } from "../../handlers/shared/s3-event-messages";
import { type Account, eventually } from "./account";
import { BundledFunction } from "./function";

const key = "raw/v0/ping/2026/11/21/04/1.json.gz";
export const events: Event[] = [
    { device: "a", at: "2026-11-21 04:00:00", volts: 1.5 },
    { device: "a", at: "2026-11-21 04:59:59", volts: 2.25 },
    { device: "b", at: "2026-11-21 05:00:00" },
];
/** What is counted of the events. */
export const counted = { "a 2026-11-21T04:00:00Z": "2 3.75", "b 2026-11-21T05:00:00Z": "1 0" };

/** `count-events` over an emulator's S3 and DynamoDB. */
export function describeCountEvents(on: () => Account): void {
    describe("count-events", () => {
        it("counts the events of an object once, however often it is told of", async () => {
            const { put, tell, counters } = await deploy(on());
            await put(events);

            expect(await tell("0A", "0A")).to.deep.equal([]);
            expect(await tell("0A")).to.deep.equal([]);

            expect(await counters()).to.deep.equal(counted);
        });

        it("takes back what an object held before it was written again", async () => {
            const { put, tell, counters } = await deploy(on());
            await put(events);
            await tell("0A");
            await put(events.slice(2));

            await tell("0B");

            expect(await counters()).to.deep.equal({ "b 2026-11-21T05:00:00Z": "1 0" });
        });

        it("keeps lines that it can't count, and counts those beside them", async () => {
            const { put, tell, counters, failed } = await deploy(on());
            await put([...events, { device: "a", at: "no time" }]);

            expect(await tell("0A")).to.deep.equal([]);
            await tell("0A");

            expect(await counters()).to.deep.equal(counted);
            expect(await failed())
                .to.have.length(1)
                .and.have.nested.property("[0].object", key);
        });

        it("understands what S3 itself says of an object", async () => {
            const { account, bucket, deliver, put, counters } = await deploy(on());
            const queue = await account.announced(bucket, "raw/");
            await put(events, "raw/v0/ping/run_date=2026-11-21/a b+c.json.gz");

            const said: string[] = [];
            await eventually(async () => {
                said.push(...(await account.messages(queue.url)));
                return said.some((body) => body.includes("ObjectCreated:Put"));
            });

            expect(await deliver(...said)).to.deep.equal([]);
            expect(await counters()).to.deep.equal(counted);
        });

        it("counts nothing without its ledger, and gives the message back", async () => {
            const { put, tell, counters } = await deploy(on(), { LEDGER_TABLE: "none" });
            await put(events);

            expect(await tell("0A")).to.deep.equal(["m0"]);
            expect(await counters()).to.deep.equal({});
        });
    });
}

/** A lake, counters, a ledger, and two instances of the function over them. */
export async function deploy(account: Account, settings: object = {}) {
    const bucket = await account.bucket();
    const table = await account.table("name", "timestamp");
    const environment = {
        BUCKET: bucket,
        TABLE: table,
        LEDGER_TABLE: await account.table(),
        TRIGGER: "raw/v0/ping/",
        FAILED_PREFIX: "failed/pings/",
        MAXIMUM_BYTES: "1000000",
        ...settings,
    };
    const { url } = account;
    const make = () => new BundledFunction({ bundle: "count-events", asset: [rollupFile, pings], environment, url });
    const [one, two] = [make(), make()];
    return {
        account,
        bucket,
        put: (lines: Event[], at = key) =>
            account.put(bucket, at, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(""))),
        tell: (...sequencers: string[]) => tell(one, sequencers),
        /** Tells another instance. */
        twin: (...sequencers: string[]) => tell(two, sequencers),
        deliver: (...bodies: string[]) => deliver(one, bodies),
        failed: () => account.lines(bucket, "failed/"),
        /** Events and volts by device and hour, without what is zero. */
        async counters() {
            const items = (await account.items(table)).filter(({ count }) => count !== "0");
            const texts = items.map((item) => [`${item.name} ${item.timestamp}`, `${item.count} ${item.sum_volts}`]);
            return Object.fromEntries(texts.sort());
        },
    };

    function tell(fn: BundledFunction, sequencers: string[]): Promise<string[]> {
        const bodies = sequencers.map((sequencer) => {
            const record = s3Record(key, { sequencer });
            return s3Body({ ...record, s3: { ...record.s3, bucket: { name: bucket } } });
        });
        return deliver(fn, bodies);
    }

    async function deliver(fn: BundledFunction, bodies: string[]): Promise<string[]> {
        const { batchItemFailures } = await fn.invoke<SQSBatchResponse>(sqsEvent(...bodies));
        return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    }
}
