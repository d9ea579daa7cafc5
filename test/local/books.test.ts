import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { BooksReport, BooksRequest, HourBooks } from "../../handlers/books/contract";
import { LocalPipeline, type LocalPipelineOptions } from "../../local";
import { afterTest } from "../setup";

const at = "2026-11-21T04:00:00Z";

describe("books of a program on this machine", function () {
    this.timeout(120_000);

    it("balance, whatever is sent twice, delivered twice, broken or given up", async () => {
        const local = await start({
            faults: {
                deliveryStreams: [{ fault: "duplicate", nth: [1, 4] }],
                invocations: [{ function: "click-normalize", fault: "throw", to: "2026-11-21T04:10:00Z" }],
            },
        });
        await post(local, [{ page: "given up" }, { page: "given up, too" }]);
        await local.settle();
        await local.advanceTo("2026-11-21T04:20:00Z");
        for (const event_id of ["a", "b", "b"]) await post(local, [{ page: "/", event_id }, { page: "new" }]);
        await local.send("click", [{ page: 5, event_id: "bad" }, '{"page":', "", { page: "without an id" }]);
        await local.send("reading", [
            { page: "/", event_id: "c" },
            { page: "/", event_id: "c" },
            { page: "/", event_id: "d" },
            { page: "without an id" },
            { page: 5 },
        ]);
        await local.settle();

        const { hours, notCovered } = await books(local, { open: true });

        expect(hours.map(summary)).to.deep.equal([
            { ingest: "click", accepted: 11, delivered: 6, failed: 4, duplicates: 1, missing: 0, carried: 0 },
            { ingest: "reading", accepted: 5, delivered: 3, failed: 1, duplicates: 1, missing: 0, carried: 0 },
        ]);
        expect(hours.map(({ again }) => again).reduce((sum, each) => sum + each)).to.be.greaterThan(0);
        expect(hours.flatMap(({ notes }) => notes)).to.deep.equal([]);
        expect(notCovered).to.deep.equal([]);
    });

    it("say exactly what is missing when an object is deleted, by the hour, until it is there again", async () => {
        const local = await start();
        await post(local, [{ page: "/", event_id: "a" }]);
        await local.settle();
        await local.advanceTo("2026-11-21T04:30:00Z");
        await post(local, [
            { page: "/", event_id: "b" },
            { page: "/", event_id: "c" },
        ]);
        await local.settle();
        const { s3, Bucket, Key } = lastTableObject(local);
        await s3.send(new DeleteObjectCommand({ Bucket, Key }));

        await local.advanceTo("2026-11-21T06:30:00Z");
        const { hours } = await books(local);

        expect(hours.map(summary)).to.deep.equal([
            { ingest: "click", accepted: 3, delivered: 1, failed: 0, duplicates: 0, missing: 2, carried: 0 },
        ]);
        expect(hours[0]!.examples.map(({ eventId }) => eventId)).to.deep.equal(["b", "c"]);
        expect(metricsOf(local)).to.deep.equal([
            { Pipeline: "booked-dev", Ingest: "click", AcceptedEvents: 3, MissingEvents: 2 },
        ]);
        const row = local
            .counters("ledger")
            .find(({ entry, subscriber }) => `${entry} ${subscriber}` === "books/click 2026-11-21T04");
        expect(row).to.include({ accepted: 3, missing: 2 });
    });
});

async function start(options: Partial<LocalPipelineOptions> = {}): Promise<LocalPipeline> {
    const local = await LocalPipeline.start({ program: "test/programs/booked", at, ...options });
    afterTest(() => local.stop());
    return local;
}

function books(local: LocalPipeline, request: BooksRequest = {}): Promise<BooksReport> {
    return local.invoke("books", request) as Promise<BooksReport>;
}

async function post(local: LocalPipeline, events: object[]): Promise<void> {
    const { url } = local.routes.find(({ method, url }) => method === "POST" && url.endsWith("/click"))!;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(events) });
    expect(response.status).to.equal(204);
}

function summary({ ingest, accepted, delivered, failed, duplicates, missing, carried }: HourBooks) {
    return { ingest, accepted, delivered, failed, duplicates, missing, carried };
}

function lastTableObject(local: LocalPipeline) {
    const credentials = { accessKeyId: "x", secretAccessKey: "x" };
    const s3 = new S3Client({ endpoint: local.endpointUrl, region: "us-east-1", credentials, forcePathStyle: true });
    const objects = local.journal.of("object").filter(({ key }) => key.startsWith("raw/v0/click/"));
    return { s3, Bucket: objects.at(-1)!.bucket, Key: objects.at(-1)!.key };
}

function metricsOf(local: LocalPipeline): Record<string, number>[] {
    return local.journal.entries
        .flatMap((entry) => (entry.kind === "log" && entry.line.includes('"_aws"') ? [JSON.parse(entry.line)] : []))
        .map(({ _aws, ...metrics }) => metrics);
}
