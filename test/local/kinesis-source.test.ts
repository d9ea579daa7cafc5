import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { afterTest } from "../setup";

describe("an ingest with a Kinesis stream", function () {
    this.timeout(60_000);

    it("takes events by every way at once, and counts each of them once", async () => {
        const { local, kinesis } = await prepare();
        const ids = (from: number) => Array.from({ length: 20 }, (_, index) => ({ id: String(from + index) }));

        const posted = await fetch(`${local.urls["web-click-http"]}/click`, {
            method: "POST",
            headers: { "x-api-key": "a key for tests only" },
            body: JSON.stringify(ids(100)),
        });
        await local.send("click", ids(200));
        await kinesis("web-click-kinesis", [...ids(300).map((event) => JSON.stringify(event)), '{"id":7}']);
        await local.settle();

        const { reports, failed } = await local.report();
        expect(posted.status).to.equal(204);
        expect(reports["reports/v0/seen/"]).to.deep.equal([{ events: 60, ids: 60 }]);
        expect((await local.rows("raw/v0/click/")).map(({ id }) => id).toSorted()).to.deep.equal(
            [...ids(100), ...ids(200), ...ids(300)].map(({ id }) => id),
        );
        expect(failed).to.deep.equal([
            { stage: "normalize", reason: "column id: expected string, got a number", count: 1 },
        ]);
        expect(await local.rows("failed/click/normalize/")).to.have.length(1);
    });

    it("reads a stream that exists, and finds its own delivery stream whatever it is called", async () => {
        const { local, kinesis } = await prepare();

        await kinesis("orders", ['{"id":"a"}']);
        await local.send("kinesis", [{ id: "b" }]);
        await local.settle();

        expect((await local.rows("raw/v0/kinesis/")).map(({ id }) => id).toSorted()).to.deep.equal(["a", "b"]);
        expect(await local.rows("raw/v0/click/")).to.deep.equal([]);
        expect(local.kinesisStreams).to.deep.equal(["orders", "web-click-kinesis"]);
    });
});

/** The program's pipeline, and a producer with the SDK as a service would have it. */
async function prepare() {
    const local = await LocalPipeline.start({ program: "test/programs/kinesis", at: "2026-11-21T04:00:00Z" });
    afterTest(() => local.stop());
    const client = new KinesisClient({
        endpoint: local.endpointUrl,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    afterTest(() => client.destroy());
    const kinesis = (StreamName: string, lines: string[]) => {
        const Records = lines.map((line, index) => ({ PartitionKey: `key ${index % 5}`, Data: Buffer.from(line) }));
        return client.send(new PutRecordsCommand({ StreamName, Records }));
    };
    return { local, kinesis };
}
