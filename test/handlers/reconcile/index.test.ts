import { expect } from "chai";
import { reconciledFile } from "../../../handlers/reconcile/contract";
import { ownPlace } from "../../dynamodb/tables";
import { invokeBundle } from "../shared/bundled-function";
import { pings } from "./world";

describe("the reconcile function", () => {
    it("compares by its file and its environment, bundled", async () => {
        const place = ownPlace();
        const LEDGER_TABLE = await place.createTable("entry", "subscriber");

        const report = await invokeBundle(
            {
                name: "reconcile",
                assetFile: reconciledFile,
                asset: { listings: [{ prefix: "raw/" }], subscribers: [pings] },
                environment: {
                    PIPELINE: "web",
                    BUCKET: "lake",
                    LEDGER_TABLE,
                    AFTER_MINUTES: "0",
                    LOOKBACK_HOURS: "48",
                },
                answer: (request) =>
                    request.headers["x-amz-target"] ? place.answer(request) : versions(request.query),
            },
            { dryRun: true },
        );

        expect(report).to.deep.include({
            subscribers: [
                {
                    subscriber: "rollup/pings",
                    ...{ objects: 1, done: 0, failed: 0, inWork: 0, missing: 1, republished: 0, givenUp: 0 },
                },
            ],
        });
    });
});

function versions({ prefix }: Record<string, string | null>) {
    const version = `<Version><Key>raw/a+b</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest><Size>3</Size>
        <LastModified>${new Date(Date.now() - 60_000).toISOString()}</LastModified><ETag>"e"</ETag></Version>`;
    const body = `<ListVersionsResult><IsTruncated>false</IsTruncated>${prefix === "raw/" ? version : ""}</ListVersionsResult>`;
    return { statusCode: 200, headers: { "content-type": "application/xml" }, body };
}
