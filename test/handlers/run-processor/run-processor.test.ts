import { expect } from "chai";
import { s3Body, s3Record } from "../shared/s3-event-messages";
import { failed, ok, refused, version, World } from "./world";

const failing = (...entries: unknown[]) => ok(JSON.stringify({ failed: entries }));

describe("the processor's caller", () => {
    let world: World;
    beforeEach(async () => {
        world = await World.create();
    });

    it("calls the function for a batch's objects at once, with keys as they are, and writes down that they are done", async () => {
        const first = s3Record("raw/a+b%3D%C3%BC.json", { size: 7, versionId: "v1", eTag: "e1", sequencer: "0A" });
        const second = s3Record("raw/c.json", { size: 8, eTag: "e2", sequencer: undefined });

        const { givenBack, lines } = await world.deliver(s3Body(first), s3Body(second));

        expect(givenBack).to.deep.equal([]);
        expect(world.calls).to.deep.equal([
            [
                { bucket: "lake", key: "raw/a b=ü.json", size: 7, versionId: "v1", eTag: "e1", sequencer: "0A" },
                { bucket: "lake", key: "raw/c.json", size: 8, eTag: "e2" },
            ],
        ]);
        expect(await world.account("raw/a b=ü.json")).to.deep.equal({
            subscriber: "processor/forecast",
            outcome: "done",
            version: "v1",
            sequencer: "0A",
            executionId: "invocation",
            at: "2026-11-21T04:00:00.000Z",
        });
        expect(await world.versions()).to.deep.equal({ "raw/a b=ü.json v1": "done", "raw/c.json e2": "done" });
        expect(lines).to.deep.equal([
            { level: "info", message: "objects announced", stage: "forecast", count: 2, done: 0 },
        ]);
    });

    it("calls nothing twice, however a later batch is cut", async () => {
        await world.deliver(version("raw/a"), version("raw/b"));

        const again = await world.deliver(version("raw/b"), version("raw/c"));
        const last = await world.deliver(version("raw/a"), version("raw/b"), version("raw/c"));

        expect([...again.givenBack, ...last.givenBack]).to.deep.equal([]);
        expect(world.keys).to.deep.equal([["raw/a", "raw/b"], ["raw/c"]]);
        expect(last.lines).to.deep.equal([
            { level: "info", message: "objects announced", stage: "forecast", count: 3, done: 3 },
        ]);
    });

    it("calls again for a replay that asks for it, and tells the function nothing of that", async () => {
        const record = s3Record("raw/a", { versionId: "v1" });
        const replay = (more: object) => s3Body({ ...record, eventpipeline: { replay: "r1", ...more } });
        await world.deliver(s3Body(record));

        await world.deliver(replay({}));
        const plain = world.calls.length;
        const { givenBack } = await world.deliver(replay({ again: true }), s3Body(record));

        expect([plain, world.calls.length]).to.deep.equal([1, 2]);
        expect(world.calls[1]).to.deep.equal(world.calls[0]);
        expect(givenBack).to.deep.equal([]);
    });

    it("calls once for what a batch tells twice, and gives both messages back if it failed", async () => {
        world.answer = () => failing("raw/a");

        const { givenBack } = await world.deliver(version("raw/a"), version("raw/b"), version("raw/a"));

        expect(world.keys).to.deep.equal([["raw/a", "raw/b"]]);
        expect(givenBack).to.deep.equal(["m0", "m2"]);
    });

    it("gives back the message of what failed alone, and calls for that alone when it comes again", async () => {
        const both = s3Body(s3Record("raw/a"), s3Record("raw/b"));
        world.answer = () => failing({ key: "raw/b", reason: "no luck" });
        const first = await world.deliver(version("raw/c"), both);
        const failure = await world.account("raw/b");
        world.answer = () => ok("{}");

        const second = await world.deliver(both);

        expect([first.givenBack, second.givenBack]).to.deep.equal([["m1"], []]);
        expect(first.reasons).to.deep.equal(["raw/b: no luck"]);
        expect(failure).to.include({ outcome: "failed", reason: "no luck" });
        expect(world.keys).to.deep.equal([["raw/c", "raw/a", "raw/b"], ["raw/b"]]);
        expect(await world.account("raw/b")).not.to.have.property("reason");
        expect(await world.account("raw/b")).to.include({ outcome: "done" });
    });

    it("calls for an older version, too, but keeps the newer one in the object's row", async () => {
        await world.deliver(version("raw/a", "v2", "0B"));
        await world.deliver(version("raw/a", "v1", "0A"));
        await world.deliver(version("raw/a", "v1", "0A"), version("raw/a", "v2", "0B"));

        expect(world.calls.map((objects) => objects.map(({ versionId }) => versionId))).to.deep.equal([["v2"], ["v1"]]);
        expect(await world.account("raw/a")).to.include({ version: "v2", sequencer: "0B" });
        expect(await world.versions()).to.deep.equal({ "raw/a v1": "done", "raw/a v2": "done" });
    });

    it("keeps the order of versions when one is announced again without its sequencer", async () => {
        world.answer = () => failing("raw/a");
        await world.deliver(version("raw/a", "v2", "0B"));
        world.answer = () => ok("null");
        await world.deliver(version("raw/a", "v2", ""));
        await world.deliver(version("raw/a", "v1", "0A"));

        expect(await world.account("raw/a")).to.include({ version: "v2", sequencer: "0B", outcome: "done" });
    });

    it("never takes back that a version is done", async () => {
        world.answer = async () => {
            world.answer = () => ok("null");
            await world.deliver(version("raw/a")); // another worker, meanwhile
            return failing("raw/a");
        };
        const { givenBack } = await world.deliver(version("raw/a"));

        expect(givenBack).to.deep.equal(["m0"]);
        expect(await world.versions()).to.deep.equal({ "raw/a v1": "done" });
        expect(await world.account("raw/a")).to.include({ outcome: "done" });
        expect((await world.deliver(version("raw/a"))).givenBack).to.deep.equal([]);
    });

    for (const [title, answer, reason] of [
        ["throws", failed({ errorType: "ValueError", errorMessage: "no luck" }), "ValueError: no luck"],
        [
            "runs out of time",
            failed({ errorMessage: "2026-11-21T04:01:00Z Task timed out after 60.00 seconds" }),
            "2026-11-21T04:01:00Z Task timed out after 60.00 seconds",
        ],
        ["fails without a word", failed({ errorMessage: "" }), "Unhandled"],
        ["fails in words that are no JSON", failed("panic"), "Unhandled"],
        ["is throttled", refused("TooManyRequestsException", 429), "TooManyRequestsException: Rate Exceeded."],
        ["is gone", refused("ResourceNotFoundException", 404, "not found"), "ResourceNotFoundException: not found"],
        [
            "answers more than Lambda takes",
            failed({ errorType: "Function.ResponseSizeTooLarge", errorMessage: "Response payload size exceeded" }),
            "Function.ResponseSizeTooLarge: Response payload size exceeded",
        ],
        ["answers nonsense", ok('"done"'), /^the function's answer is no object: answer nothing, or /],
    ] as const) {
        it(`gives all messages back when the function ${title}, and calls again`, async () => {
            world.answer = () => answer;

            const { givenBack, reasons } = await world.deliver(version("raw/a"), version("raw/b"));

            expect(givenBack).to.deep.equal(["m0", "m1"]);
            expect(reasons[0]).to.match(/^raw\/a: /);
            for (const each of reasons) expect(each.slice("raw/a: ".length)).to.match(asPattern(reason));
            expect(await world.versions()).to.deep.equal({ "raw/a v1": "failed", "raw/b v1": "failed" });
            expect((await world.account("raw/a"))?.reason).to.match(asPattern(reason));

            world.answer = () => ok("null");
            expect((await world.deliver(version("raw/a"), version("raw/b"))).givenBack).to.deep.equal([]);
            expect(world.keys).to.deep.equal([
                ["raw/a", "raw/b"],
                ["raw/a", "raw/b"],
            ]);
        });
    }

    it("calls once only, though the connection is cut: the function may have run", async () => {
        world.answer = () => {
            throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
        };

        const { reasons } = await world.deliver(version("raw/a"));

        expect(world.calls).to.have.length(1);
        expect(reasons).to.deep.equal(["raw/a: socket hang up"]);
    });

    it("cuts a long reason short", async () => {
        world.answer = () => failing({ key: "raw/a", reason: "x".repeat(5000) });

        const { reasons } = await world.deliver(version("raw/a"));

        expect(reasons).to.deep.equal([`raw/a: ${"x".repeat(1000)}`]);
        expect((await world.account("raw/a"))!.reason).to.have.length(1000);
    });

    it("makes several calls where one can't take all, as long as there is time", async () => {
        const key = (name: string) => `raw/${name}${"%01".repeat(1000)}`;
        const bodies = Array.from({ length: 20 }, (_, message) =>
            s3Body(...Array.from({ length: 60 }, (_, each) => s3Record(key(`${message}-${each}-`)))),
        );
        let left = 1;
        world.hasTime = () => left-- > 0;

        const { givenBack, reasons } = await world.deliver(...bodies);
        left = 10;
        const again = await world.deliver(...bodies.filter((_, index) => givenBack.includes(`m${index}`)));

        expect(world.calls).to.have.length(2);
        for (const objects of world.calls) {
            expect(Buffer.byteLength(JSON.stringify({ objects }))).to.be.at.most(6 * 1024 * 1024);
        }
        expect(reasons.at(-1)).to.match(/: no time was left to call the function for it$/);
        expect(again.givenBack).to.deep.equal([]);
        expect(new Set(world.keys.flat()).size).to.equal(1200);
        expect(world.keys.flat()).to.have.length(1200);
    }).timeout(60_000);

    it("gives all back, and calls nothing, while the ledger can't be read", async () => {
        world.ledgerCall = () => {
            throw new Error("no ledger");
        };

        const { givenBack, reasons } = await world.deliver(version("raw/a"), version("raw/b"));

        expect(givenBack).to.deep.equal(["m0", "m1"]);
        expect(reasons).to.deep.equal(["no ledger", "no ledger"]);
        expect(world.calls).to.deep.equal([]);
    });

    it("gives back what it could not write down: it will be called for again", async () => {
        world.ledgerCall = (name) => {
            if (name === "UpdateItemCommand") throw new Error("no ledger");
        };
        const first = await world.deliver(version("raw/a"));
        world.ledgerCall = () => undefined;

        const second = await world.deliver(version("raw/a"));

        expect(first.givenBack).to.deep.equal(["m0"]);
        expect(first.reasons).to.deep.equal(["raw/a: handled, but not written down: no ledger"]);
        expect(second.givenBack).to.deep.equal([]);
        expect(world.calls).to.have.length(2);
    });

    it("ignores objects of other prefixes and buckets, and calls for none", async () => {
        const elsewhere = s3Record("raw/a");
        elsewhere.s3.bucket.name = "other";

        const { givenBack, lines } = await world.deliver(s3Body(s3Record("processed/a"), elsewhere), s3Body());

        expect(givenBack).to.deep.equal([]);
        expect(world.calls).to.deep.equal([]);
        expect(lines.map(({ message, key }) => [message, key])).to.deep.equal([
            ["object of others ignored", "processed/a"],
            ["object of others ignored", "raw/a"],
            ["objects announced", undefined],
        ]);
    });

    it("gives back a message that names no version, and one that it can't read, without harm to others", async () => {
        const nameless = s3Body(s3Record("raw/b", { eTag: undefined }));

        const { givenBack, reasons } = await world.deliver(version("raw/a"), nameless, "no event");

        expect(givenBack).to.have.members(["m1", "m2"]);
        expect(reasons).to.include("raw/b: the message says neither its version nor its ETag");
        expect(world.keys).to.deep.equal([["raw/a"]]);
    });
});

function asPattern(reason: string | RegExp): RegExp {
    return typeof reason === "string" ? new RegExp(`^${reason.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) : reason;
}
