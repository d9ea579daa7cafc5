import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { ingestsFile } from "../../../handlers/books/contract";
import { ownPlace } from "../../dynamodb/tables";
import { invokeBundle } from "../shared/bundled-function";
import { click, countsOf, nothing } from "./world";

describe("the books function", () => {
    it("makes up books by its file and its environment, bundled", async () => {
        const place = ownPlace();
        const LEDGER_TABLE = await place.createTable("entry", "subscriber");
        const key = "backup/click/2026/11/21/04/click-1-2026-11-21-04-10-00-x.gz";

        const report = await invokeBundle(
            {
                ...{ name: "books", assetFile: ingestsFile, asset: [click] },
                environment: { PIPELINE: "web", BUCKET: "lake", LEDGER_TABLE, AFTER_MINUTES: "60" },
                answer: ({ query, path }) => {
                    if (path.endsWith(key)) return { statusCode: 200, body: gzipSync('{"event_id":"a"}') };
                    const contents = query.prefix === click.backupPrefix ? `<Key>${key}</Key><Size>9</Size>` : "";
                    const body = `<ListBucketResult>${contents && `<Contents>${contents}</Contents>`}</ListBucketResult>`;
                    return { statusCode: 200, headers: { "content-type": "application/xml" }, body };
                },
            },
            { from: "2026-11-21T04:00:00Z", to: "2026-11-21T05:00:00Z", open: true },
        );

        expect(report.hours.map(countsOf)).to.deep.equal([{ ...nothing, accepted: 1, missing: 1 }]);
        expect(report.hours[0].examples).to.deep.equal([{ eventId: "a", backup: key }]);
    });
});
