import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { rollupFile } from "../../../handlers/count-events/contract";
import { itemsOf, ownPlace } from "../../dynamodb/tables";
import { FakeS3 } from "../convert-result/fake-s3";
import { invokeBundle } from "../shared/bundled-function";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { pings, settings } from "./world";

describe("the count-events function", () => {
    it("counts by its rollup and its environment, bundled", async () => {
        const place = ownPlace();
        const LEDGER_TABLE = await place.createTable("entry", "subscriber");
        const TABLE = await place.createTable("name", "timestamp");
        const s3 = new FakeS3();
        s3.put("raw/a.json.gz", gzipSync('{"device":"a","at":"2026-11-21 04:30:00","volts":0.1}\n'));

        const response = await invokeBundle(
            {
                name: "count-events",
                assetFile: rollupFile,
                asset: pings,
                environment: { ...settings, TABLE, LEDGER_TABLE },
                answer: (request) => (request.headers["x-amz-target"] ? place.answer(request) : s3.answer(request)),
            },
            sqsEvent(s3Body(s3Record("raw/a.json.gz")), "unreadable"),
        );

        expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
        expect(await itemsOf(place, TABLE)).to.deep.equal([
            {
                name: { S: "a" },
                timestamp: { S: "2026-11-21T04:00:00Z" },
                count: { N: "1" },
                sum_volts: { N: "0.1" },
            },
        ]);
    });
});
