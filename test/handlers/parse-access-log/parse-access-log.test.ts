import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import type { ParseAccessLogEnvironment } from "../../../handlers/parse-access-log/contract";
import { eventReader } from "../../../handlers/parse-access-log/event";
import { parseAccessLogs } from "../../../handlers/parse-access-log/parse-access-log";
import { FakeS3, s3Error } from "../convert-result/fake-s3";
import { captureLog } from "../shared/capture-log";
import { createdObject } from "../shared/s3-event-messages";
import { entry, packed } from "./entries";

const name =
    "123456789012_elasticloadbalancing_eu-west-1_app.views.50dc6c495c0c9188_20261121T0405Z_198.51.100.1_20sg8hgm";
const logKey = `alb/view/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/11/21/${name}.log.gz`;
const outputKey = `raw/v0/view/2026/11/21/04/${name}.json.gz`;
const failedKey = `failed/view/parse-access-log/2026/11/21/04/${name}-0.json.gz`;

const environment: ParseAccessLogEnvironment = {
    BUCKET: "lake",
    LOG_PREFIX: "alb/view/",
    OUTPUT_PREFIX: "raw/v0/view/",
    PARTITIONS: "hour",
    FAILED_PREFIX: "failed/view/",
    EVENT_PATH: "/view",
    BEACONS: "false",
    CLIENT_ADDRESS: "keep",
    MAXIMUM_BYTES: "100000000",
};
const columns = [
    { name: "page", type: { kind: "string" } as const },
    ...["event_id", "client_address", "user_agent"].map((column) => ({
        name: column,
        type: { kind: "string" } as const,
    })),
    ...["received_at", "request_time"].map((column) => ({ name: column, type: { kind: "timestamp" } as const })),
];

/** Reads the log at the key; returns what was given back and what was logged. */
async function parse(s3: FakeS3, key = logKey, changed: Partial<ParseAccessLogEnvironment> = {}, bucket = "lake") {
    const own = { ...environment, ...changed };
    const readEvent = eventReader(columns, { path: "/view", beacons: false, clientAddress: own.CLIENT_ADDRESS });
    const givenBack: string[] = [];
    const { lines } = await captureLog(() =>
        parseAccessLogs(
            { s3: s3.client, environment: own, readEvent },
            [{ id: "m0", content: [createdObject(key, { bucket })] }],
            (id, reason) => void givenBack.push(`${id} ${(reason as Error).message}`),
        ),
    );
    return { givenBack, lines };
}

function lake(log: Buffer): FakeS3 {
    const s3 = new FakeS3();
    s3.put(logKey, log);
    return s3;
}

function linesAt(s3: FakeS3, key: string): Record<string, unknown>[] {
    const text = gunzipSync(s3.objects.get(key)!.body).toString();
    return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
}

const page = (text: string) => entry({ url: `/view?page=${text}` });

/** What a request line and headers of a load balancer are within. */
const longestLine = 128 * 1024;

describe("parseAccessLogs", () => {
    it("writes a log's events as one object, named after the log, in the hour of the log", async () => {
        const s3 = lake(packed(page("a"), page("b")));

        const { givenBack } = await parse(s3);

        expect(givenBack).to.deep.equal([]);
        expect(linesAt(s3, outputKey).map((event) => event.page)).to.deep.equal(["a", "b"]);
        expect(s3.objects.get(outputKey)!.headers).to.deep.equal({ "content-type": "application/x-ndjson" });
        expect([...s3.objects.keys()]).to.deep.equal([logKey, outputKey]);
    });

    it("counts what is no event", async () => {
        const s3 = lake(
            packed(
                ...[page("a"), entry({ url: "/" }), entry({ url: "/favicon.ico" })],
                ...[
                    entry({ userAgent: "ELB-HealthChecker/2.0" }),
                    entry({ request: "POST http://x:80/view HTTP/1.1" }),
                ],
            ),
        );

        const { lines } = await parse(s3);

        expect(lines).to.deep.equal([
            {
                level: "info",
                message: "log read",
                stage: "parse-access-log",
                key: logKey,
                events: 1,
                dropped: { otherPaths: 2, healthChecks: 1, otherMethods: 1 },
                bad: 0,
            },
        ]);
    });

    it("calls the folders of events, and of them alone, as Hive does where it is told to", async () => {
        const s3 = lake(packed(page("a"), "no line"));

        await parse(s3, logKey, { PARTITIONS: "hive" });

        expect([...s3.objects.keys()].filter((key) => key !== logKey)).to.have.members([
            `raw/v0/view/year=2026/month=11/day=21/hour=04/${name}.json.gz`,
            failedKey,
        ]);
    });

    it("keeps lines that it can't read, with their place, and reads on behind them", async () => {
        const cut = page("b").slice(0, 100);
        const [first, wrong] = [page("a"), entry({ url: "/view?pages=c" })];
        const s3 = lake(packed(first, cut, wrong, Buffer.from([0xff, 0xfe]), page("d")));

        const { lines, givenBack } = await parse(s3);

        const offset = first.length + 1;
        const kept = { object: logKey };
        expect(linesAt(s3, failedKey)).to.deep.equal([
            { ...kept, reason: "no whole entry of an Application Load Balancer's access log", offset, line: cut },
            {
                ...kept,
                reason: 'unknown column "pages": did you mean "page"?',
                offset: offset + cut.length + 1,
                line: wrong,
            },
            {
                ...kept,
                reason: "not valid UTF-8",
                offset: offset + cut.length + wrong.length + 2,
                base64: Buffer.from([0xff, 0xfe]).toString("base64"),
            },
        ]);
        expect(linesAt(s3, outputKey).map((event) => event.page)).to.deep.equal(["a", "d"]);
        expect(givenBack).to.deep.equal([]);
        expect(
            lines.filter(({ level }) => level === "error").map(({ reason, count }) => [reason, count]),
        ).to.deep.equal([
            ["no whole entry of an Application Load Balancer's access log", 1],
            ['unknown column "pages": did you mean "page"?', 1],
            ["not valid UTF-8", 1],
        ]);
    });

    it("keeps no address in the failed store either, where addresses are not kept", async () => {
        const s3 = lake(packed(entry({ url: "/view?x=1" })));

        await parse(s3, logKey, { CLIENT_ADDRESS: "truncate" });

        expect(JSON.stringify(linesAt(s3, failedKey))).not.to.include("203.0.113");
    });

    it("takes a line that is too long for a bad one", async () => {
        const s3 = lake(packed("x".repeat(longestLine + 1), page("a")));

        await parse(s3);

        const [{ reason, line }] = linesAt(s3, failedKey) as [Record<string, string>];
        expect(reason).to.equal(`longer than ${longestLine} bytes`);
        expect(line).to.have.length(longestLine);
        expect(linesAt(s3, outputKey)).to.have.length(1);
    });

    it("writes out many bad lines in parts", async () => {
        const s3 = lake(packed(...Array.from({ length: 60 }, () => "x".repeat(longestLine)), page("a")));

        await parse(s3);

        const parts = [...s3.objects.keys()].filter((key) => key.startsWith("failed/"));
        expect(parts).to.have.length.above(1);
        expect(parts.flatMap((key) => linesAt(s3, key))).to.have.length(60);
    });

    it("reads the last line without a newline, too", async () => {
        const { gzipSync } = await import("node:zlib");
        const s3 = lake(gzipSync(`${page("a")}\n${page("b")}`));

        await parse(s3);

        expect(linesAt(s3, outputKey)).to.have.length(2);
    });

    it("writes no object without an event", async () => {
        for (const log of [packed(), packed(entry({ url: "/" }))]) {
            const s3 = lake(log);

            const { givenBack } = await parse(s3);

            expect(givenBack).to.deep.equal([]);
            expect([...s3.objects.keys()]).to.deep.equal([logKey]);
        }
    });

    it("writes a log's events once, however often it is told of it", async () => {
        const s3 = lake(packed(page("a"), "bad"));
        await parse(s3);
        const before = new Map(s3.objects);

        const { givenBack, lines } = await parse(s3);

        expect(givenBack).to.deep.equal([]);
        expect(s3.objects.get(outputKey)).to.equal(before.get(outputKey));
        expect([...s3.objects.keys()]).to.deep.equal([...before.keys()]);
        expect(lines.map(({ message }) => message)).to.deep.equal(["the events of this log are there already"]);
    });

    it("gives back a log whose gzip is cut, and keeps nothing of it", async () => {
        const log = packed(
            ...Array.from({ length: 2_000 }, (_, index) => page(`${index}${randomBytes(50).toString("hex")}`)),
        );
        const s3 = lake(log.subarray(0, log.length - 1_000));

        const { givenBack } = await parse(s3);

        expect(givenBack).to.deep.equal([`m0 ${logKey}: unexpected end of file`]);
        expect([...s3.objects.keys()]).to.deep.equal([logKey]);
        expect([...s3.uploads.keys()]).to.deep.equal([]);
    });

    it("gives back a log that is a bomb once it is too large, and keeps nothing of it", async () => {
        const s3 = lake(packed(page("a"), "0".repeat(2_000_000)));

        const { givenBack } = await parse(s3, logKey, { MAXIMUM_BYTES: "1000000" });

        expect(givenBack).to.deep.equal([`m0 ${logKey}: more than 1000000 bytes unpacked`]);
        expect([...s3.objects.keys()]).to.deep.equal([logKey]);
        expect([...s3.uploads.keys()]).to.deep.equal([]);
        expect((await parse(s3, logKey, { MAXIMUM_BYTES: "3000000" })).givenBack).to.deep.equal([]);
    });

    it("gives back what is no gzip", async () => {
        const { givenBack } = await parse(lake(Buffer.from(page("a"))));

        expect(givenBack).to.have.length(1);
        expect(givenBack[0]).to.include("incorrect header check");
    });

    it("gives back a log that is not there", async () => {
        const { givenBack } = await parse(new FakeS3());

        expect(givenBack).to.deep.equal([`m0 ${logKey}: NoSuchKey: NoSuchKey`]);
    });

    it("gives back a log whose bad lines can't be kept, and writes none of its events", async () => {
        const s3 = lake(packed(page("a"), "bad"));
        s3.before = (operation, key) =>
            operation === "PutObject" && key === failedKey ? s3Error(503, "SlowDown") : undefined;

        const { givenBack } = await parse(s3);

        expect(givenBack).to.deep.equal([
            `m0 ${logKey}: failed store: could not write s3://lake/${failedKey}: SlowDown`,
        ]);
        expect(s3.objects.has(outputKey)).to.equal(false);
    });

    it("gives back a log whose events can't be written", async () => {
        const s3 = lake(packed(page("a")));
        s3.before = (operation) => (operation === "PutObject" ? s3Error(503, "SlowDown") : undefined);

        const { givenBack } = await parse(s3);

        expect(givenBack).to.deep.equal([`m0 ${logKey}: SlowDown: SlowDown`]);
    });

    it("writes a large log in parts, whole", async () => {
        const pages = Array.from({ length: 30_000 }, () => randomBytes(300).toString("base64url"));
        const s3 = lake(packed(...pages.map(page)));

        await parse(s3);

        expect(s3.count("UploadPart")).to.be.above(1);
        expect(linesAt(s3, outputKey).map((event) => event.page)).to.deep.equal(pages);
    });

    for (const [title, key, bucket] of [
        ["the test file", "alb/view/AWSLogs/123456789012/ELBAccessLogTestFile", "lake"],
        ["a log of another ingest", logKey.replace("alb/view/", "alb/click/"), "lake"],
        ["a log in another bucket", logKey, "other"],
        ["a file of another name", logKey.replace(".log.gz", ".log"), "lake"],
    ] as const) {
        it(`leaves alone ${title}`, async () => {
            const s3 = lake(packed(page("a")));

            const { givenBack, lines } = await parse(s3, key, {}, bucket);

            expect(givenBack).to.deep.equal([]);
            expect(s3.operations).to.deep.equal([]);
            expect(lines.map(({ message }) => message)).to.deep.equal(["object that is no log ignored"]);
        });
    }
});
