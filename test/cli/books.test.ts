import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { type BooksOptions, books } from "../../cli/books";
import { invokeFunction } from "../../cli/invoke";
import type { BooksReport, BooksRequest, HourBooks } from "../../handlers/books/contract";
import { rejection } from "../local/support";
import { startPipeline, targetOf, temporaryFolder } from "./replay/world";

const window = { from: "2026-11-21T04:00:00.000Z", to: "2026-11-21T06:00:00.000Z" };
const four: HourBooks = {
    ...{
        ingest: "click",
        hour: "2026-11-21T04:00:00.000Z",
        accepted: 1200,
        delivered: 1180,
        failed: 12,
        duplicates: 8,
    },
    ...{ missing: 0, carried: 0, again: 0, unknown: 0, examples: [], notes: [] },
};
const five = { ...four, hour: "2026-11-21T05:00:00.000Z", accepted: 2, delivered: 2, failed: 0, duplicates: 0 };

describe("eventpipeline books", () => {
    it("prints a table of hours for each ingest, and goes on where a call ran out of time", async () => {
        const next = { ingest: "click", hour: "2026-11-21T05:00:00.000Z" };
        const options = { ingest: ["click"], from: new Date(window.from), to: new Date("2026-11-21T05:30:00Z") };

        const { exitCode, text, requests } = await call(options, [
            { window, hours: [four], notCovered: [], next },
            { window, hours: [five], notCovered: [{ ingest: "pixel", reason: "no backup" }] },
        ]);

        expect(exitCode).to.equal(0);
        const request = { ingests: ["click"], from: window.from, to: "2026-11-21T05:30:00.000Z" };
        expect(requests).to.deep.equal([request, { ...request, ...window, next }]);
        expect(text).to.equal(
            [
                "web: events accepted from 2026-11-21T04:00:00.000Z to 2026-11-21T06:00:00.000Z\n",
                "click",
                "hour              accepted  delivered  failed  duplicates  missing",
                "2026-11-21T04:00     1,200      1,180      12           8        0",
                "2026-11-21T05:00         2          2       0           0        0",
                "total                1,202      1,182      12           8        0",
                "",
                "pixel: not covered: no backup\n",
                "The books balance: accepted = delivered + failed + duplicates.\n",
            ].join("\n"),
        );
    });

    it("names what is missing, and exits with 1; what is there more often has a column of its own", async () => {
        const examples = Array.from({ length: 21 }, (_, index) => ({ eventId: `id-${index}`, backup: "backup/x" }));
        const notes = ["backup/y: not gzip"];

        const { exitCode, text } = await call({}, [
            { window, hours: [{ ...four, delivered: 1159, missing: 21, again: 3, examples, notes }], notCovered: [] },
        ]);

        expect(exitCode).to.equal(1);
        expect(text).to.match(/^hour +accepted +delivered +failed +duplicates +missing +delivered again$/m);
        expect(text).to.include("2026-11-21T04:00: backup/y: not gzip\n");
        expect(text)
            .to.match(/^id-4 +backup\/x$/m)
            .and.not.to.include("id-5");
        expect(text).to.include("… and more (--json prints them)");
        expect(text).to.include("The books do not balance: 21 events missing.");
    });

    it("prints one JSON document, and says where there is nothing", async () => {
        const report = { window, hours: [], notCovered: [] };

        expect(JSON.parse((await call({ json: true }, [report])).text)).to.deep.equal(report);
        expect((await call({}, [report])).text).to.include("No events.");
    });

    it("takes a pipeline without the function for what it is, and an ingest that is none", async () => {
        const bare = await rejection(books(undefined, { outputs: outputs() }));
        const unknown = await rejection(call({ ingest: ["clik"] }, []));

        expect(bare.message).to.include("web has no function that makes up books: it has no ingest, or");
        expect(unknown.message).to.include("--ingest: unknown: `clik`").and.to.include("click");
    });

    it("asks the function of a program that runs on this machine", async () => {
        const pipeline = await startPipeline();
        await pipeline.send("ping", [{ id: "a", value: 1, sent_at: "2026-11-21 00:00:00", event_id: "x" }]);
        await pipeline.settle();
        await pipeline.advanceTo("2026-11-21T03:00:00Z");
        const { operations, endpointUrl } = targetOf(pipeline);
        const dev = join(temporaryFolder(), "outputs.json");
        writeFileSync(dev, JSON.stringify({ operations }));
        let text = "";
        const out = writer((chunk) => {
            text += chunk;
        });

        const exitCode = await books(undefined, { outputs: dev }, out, ({ operations: own }, request) =>
            invokeFunction({ operations: own, endpointUrl }, own.booksFunctionName!, request),
        );

        expect(exitCode).to.equal(0);
        expect(text).to.match(/^total +1 +1 +0 +0 +0$/m);
    }).timeout(60_000);
});

async function call(options: BooksOptions, answers: BooksReport[]) {
    let text = "";
    const requests: BooksRequest[] = [];
    const out = writer((chunk) => {
        text += chunk;
    });
    const exitCode = await books(undefined, { outputs: outputs(), ...options }, out, async (_, request) => {
        requests.push(request);
        return answers.shift();
    });
    return { exitCode, text, requests };
}

function writer(take: (text: string) => void): Writable {
    return new Writable({
        write(chunk, _encoding, done) {
            take(String(chunk));
            done();
        },
    });
}

function outputs(): string {
    const operations = {
        ...{ pipeline: "web", region: "eu-west-1", bucketName: "web-lake" },
        ...{ ingests: { click: {} }, queues: {}, subscribers: {} },
    };
    const file = join(temporaryFolder(), "outputs.json");
    writeFileSync(file, JSON.stringify({ operations }));
    return file;
}
