import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { columnsFile } from "../../../handlers/parse-access-log/contract";
import { entry, packed } from "../../handlers/parse-access-log/entries";
import { s3Body, s3Record, sqsEvent } from "../../handlers/shared/s3-event-messages";
import type { Account } from "./account";
import { BundledFunction } from "./function";

const name = "1_app.a.b_20261121T0405Z_198.51.100.1_x";
const log = `alb/view/AWSLogs/1/elasticloadbalancing/eu-west-1/2026/11/21/${name}.log.gz`;
const events = `raw/view/2026/11/21/04/${name}.json.gz`;
const columns = [
    ...["page", "event_id", "user_agent"].map((each) => ({ name: each, type: { kind: "string" } })),
    ...["received_at", "request_time"].map((each) => ({ name: each, type: { kind: "timestamp" } })),
];
const nothing = { batchItemFailures: [] };

/** `parse-access-log` over an emulator's S3. */
export function describeParseAccessLog(on: () => Account): void {
    describe("parse-access-log", () => {
        it("keeps a log's events as one object, and does nothing when it is told again", async () => {
            const { account, bucket, parse } = await deploy(on(), [
                entry({ url: "/p?page=a" }),
                entry({ url: "/p?page=%C3%BC" }),
            ]);

            expect(await parse()).to.deep.equal(nothing);
            expect(await parse()).to.deep.equal(nothing);

            expect((await account.lines(bucket, "raw/")).map(({ page }) => page)).to.deep.equal(["a", "ü"]);
            expect(await account.keys(bucket)).to.have.members([log, events]);
        });

        it("keeps many events in parts, whole", async () => {
            const pages = Array.from({ length: 3_000 }, () => randomBytes(4_500).toString("base64url"));
            const { account, bucket, parse } = await deploy(
                on(),
                pages.map((page) => entry({ url: `/p?page=${page}` })),
            );

            expect(await parse()).to.deep.equal(nothing);

            expect((await account.lines(bucket, "raw/")).map(({ page }) => page)).to.deep.equal(pages);
            expect((await account.head(bucket, events)).ETag).to.match(/-2"$/); // as of two parts
        });

        it("gives back the message of a log that is not there", async () => {
            const { parse } = await deploy(on(), []);

            expect(await parse("alb/view/AWSLogs/2_app.a.b_20261121T0405Z_198.51.100.1_x.log.gz")).to.deep.equal({
                batchItemFailures: [{ itemIdentifier: "m0" }],
            });
        });
    });
}

async function deploy(account: Account, entries: string[]) {
    const bucket = await account.bucket();
    await account.put(bucket, log, packed(...entries));
    const parseAccessLog = new BundledFunction({
        bundle: "parse-access-log",
        asset: [columnsFile, columns],
        environment: {
            ...{ BUCKET: bucket, LOG_PREFIX: "alb/view/", OUTPUT_PREFIX: "raw/view/", PARTITIONS: "hour" },
            ...{ FAILED_PREFIX: "failed/view/", EVENT_PATH: "/p", BEACONS: "false", CLIENT_ADDRESS: "drop" },
            MAXIMUM_BYTES: String(100_000_000),
        },
        url: account.url,
    });
    const parse = (key = log) => {
        const record = s3Record(key);
        return parseAccessLog.invoke(sqsEvent(s3Body({ ...record, s3: { ...record.s3, bucket: { name: bucket } } })));
    };
    return { account, bucket, parse };
}
