import { expect } from "chai";
import { queryMapFile } from "../../../handlers/run-query/contract";
import { invokeBundle } from "../shared/bundled-function";
import { FakeLedger } from "../shared/fake-ledger";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { FakeAthena } from "./fake-athena";
import { environment } from "./world";

describe("the run-query function", () => {
    it("starts the queries of its map, bundled and in its environment", async () => {
        const athena = new FakeAthena();
        const books = new FakeLedger();

        const response = await invokeBundle(
            {
                name: "run-query",
                assetFile: queryMapFile,
                asset: { queries: [{ name: "week", trigger: "raw/", sql: ["SELECT 1"] }] },
                environment,
                answer: (request) =>
                    request.headers["x-amz-target"]?.startsWith("DynamoDB")
                        ? books.answer(request)
                        : athena.answer(request),
            },
            sqsEvent(s3Body(s3Record("raw/a")), "unreadable"),
        );

        expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
        expect(athena.started).to.have.length(1);
        const [run] = await books.runs("week");
        expect(run).to.include({ state: "started", executionId: "run-0" });
        expect(athena.started[0]).to.include({
            QueryString: `SELECT 1\n-- run ${run!.token}/1`,
            WorkGroup: "fleet-dev-week",
        });
    });
});
