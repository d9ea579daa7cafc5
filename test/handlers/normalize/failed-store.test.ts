import { expect } from "chai";
import { type FailedLines, keepFailed } from "../../../handlers/normalize/failed-store";
import { batch } from "./batches";
import { FakeBucket } from "./fake-bucket";

/** A record of this content with a bad line of these bytes. */
function failed(content: string, ...lines: Uint8Array[]): FailedLines {
    return {
        record: batch([content]).records[0]!,
        bad: lines.map((bytes) => ({ reason: "bad", bytes: Buffer.from(bytes) })),
    };
}

const storeIn = ({ client }: FakeBucket) => ({ client, bucket: "lake", prefix: "failed/pings/" });

describe("failed store", () => {
    it("has an object for each record, below the hour of its arrival", async () => {
        const bucket = new FakeBucket();

        await keepFailed(
            [failed("a", Buffer.from("1"), Buffer.from("2")), failed("b", Buffer.from("3"))],
            storeIn(bucket),
        );

        const keys = [...bucket.objects.keys()];
        expect(keys).to.have.length(2);
        for (const key of keys)
            expect(key).to.match(/^failed\/pings\/normalize\/2026\/11\/21\/04\/[0-9a-f]{64}\.json\.gz$/);
        expect(bucket.entries()).to.deep.equal([
            { reason: "bad", line: "1" },
            { reason: "bad", line: "2" },
            { reason: "bad", line: "3" },
        ]);
    });

    it("keeps bytes that are no text", async () => {
        const bucket = new FakeBucket();
        const bytes = Buffer.from([0x7b, 0xff, 0x00]);

        await keepFailed([failed("a", bytes)], storeIn(bucket));

        const [entry] = bucket.entries();
        expect(Buffer.from(entry?.base64 ?? "", "base64")).to.deep.equal(bytes);
    });

    it("keeps records of the same bytes and time all", async () => {
        const bucket = new FakeBucket();

        await keepFailed([failed("a", Buffer.from("1")), failed("a", Buffer.from("1"))], storeIn(bucket));

        expect(bucket.objects.size).to.equal(1);
        expect(bucket.entries()).to.have.length(2);
    });

    it("keeps a thousand records", async () => {
        const bucket = new FakeBucket();
        const records = Array.from({ length: 1000 }, (_, index) => failed(`${index}`, Buffer.from(`${index}`)));

        await keepFailed(records, storeIn(bucket));

        expect(bucket.objects.size).to.equal(1000);
        expect(new Set(bucket.entries().map(({ line }) => line)).size).to.equal(1000);
    });

    it("writes nothing when there is nothing", async () => {
        const bucket = new FakeBucket();

        await keepFailed([], storeIn(bucket));

        expect(bucket.puts).to.equal(0);
    });

    it("fails when an object can't be written, and says which", async () => {
        const bucket = new FakeBucket((key) => !key.startsWith("failed/"));

        const error = await keepFailed([failed("a", Buffer.from("secret"))], storeIn(bucket)).catch((thrown) => thrown);

        expect(error).to.be.an("error");
        expect(error.message).to.match(/^failed store: could not write s3:\/\/lake\/failed\/pings\/.*: AccessDenied$/);
        expect(error.message).to.not.include("secret");
    });
});
