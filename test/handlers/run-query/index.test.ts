import { expect } from "chai";
import { queryMapFile } from "../../../handlers/run-query/contract";
import { invokeBundle } from "../shared/bundled-function";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { FakeAthena } from "./fake-athena";

describe("the run-query function", () => {
    it("starts the queries of its map, bundled and in its environment", async () => {
        const athena = new FakeAthena();

        const response = await invokeBundle(
            {
                name: "run-query",
                assetFile: queryMapFile,
                asset: { queries: [{ name: "week", trigger: "raw/", sql: ["SELECT 1"] }] },
                environment: {
                    PIPELINE: "fleet",
                    BUCKET: "lake",
                    DATABASE: "fleet_dev",
                    WORKGROUP_PREFIX: "fleet-dev-",
                },
                answer: (request) => athena.answer(request),
            },
            sqsEvent(s3Body(s3Record("raw/a")), "unreadable"),
        );

        expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
        expect(athena.started).to.have.length(1);
        expect(athena.started[0]).to.include({ QueryString: "SELECT 1", WorkGroup: "fleet-dev-week" });
    });
});
