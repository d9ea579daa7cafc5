import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { accountsOf, compareSequencers, ledgerKey } from "../../../handlers/shared/ledger";
import { objectEntry, queryEntry, runEntry, subscriber } from "../../../handlers/shared/ledger-contract";
import { ownPlace } from "../../dynamodb/tables";
import { keepLogs, World } from "../count-events/world";

describe("the ledger", () => {
    keepLogs();

    it("says who accounted for an object, at which version, how and when", async () => {
        const world = await World.create(ownPlace());
        const done = world.put("raw/a.json.gz", [{ device: "a", at: "2026-11-21 04:00:00" }]);
        await world.deliver("raw/a.json.gz", done);
        const failed = world.putBytes("raw/b.json.gz", Buffer.from("no gzip"));
        await world.deliver("raw/b.json.gz", failed);

        const ledger = { client: world.place.client, table: world.ledger };
        const [account, ...others] = await accountsOf(ledger, "raw/a.json.gz");
        const [failure] = await accountsOf(ledger, "raw/b.json.gz");

        expect(others).to.deep.equal([]);
        expect(account).to.deep.include({
            subscriber: "rollup/pings",
            outcome: "done",
            sequencer: done,
            executionId: "invocation",
            at: "2026-11-21T04:00:00.000Z",
        });
        expect(account!.version).to.match(/^".+"$/);
        expect(failure).to.deep.include({ outcome: "failed", reason: "not a whole gzip file: incorrect header check" });
        expect(await accountsOf(ledger, "raw/none")).to.deep.equal([]);
    });

    it("takes what a subscriber left out for empty", async () => {
        const world = await World.create(ownPlace());
        const ledger = { client: world.place.client, table: world.ledger };
        const Item = { ...ledgerKey(objectEntry("raw/a.json.gz"), "query/week"), outcome: { S: "started" } };
        await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));

        expect(await accountsOf(ledger, "raw/a.json.gz")).to.deep.equal([
            { subscriber: "query/week", outcome: "started", version: "", sequencer: "", executionId: "", at: "" },
        ]);
    });

    it("has an entry for every kind, which no key of an object can be", () => {
        const entries = [objectEntry("run/1"), runEntry("1"), objectEntry("query/q"), queryEntry("q")];

        expect(entries).to.deep.equal(["object/run/1", "run/1", "object/query/q", "query/q"]);
        expect(subscriber("query", "q")).to.equal("query/q");
    });

    it("orders sequencers of different lengths from the left", () => {
        expect(compareSequencers("0A", "0a00")).to.equal(0);
        expect(compareSequencers("0B", "0A99")).to.equal(1);
        expect(compareSequencers("0A", "0A01")).to.equal(-1);
    });
});
