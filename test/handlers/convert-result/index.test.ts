import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { resultMapFile } from "../../../handlers/convert-result/contract";
import { runComment } from "../../../handlers/shared/runs";
import { invokeBundle } from "../shared/bundled-function";
import { FakeLedger } from "../shared/fake-ledger";
import { FakeTopic } from "../shared/fake-topic";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { environment } from "./environment";
import { FakeAthena } from "./fake-athena";
import { FakeS3 } from "./fake-s3";

describe("the convert-result function", () => {
    it("keeps the results of its map, bundled and in its environment", async () => {
        const id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        const athena = new FakeAthena();
        athena.runs.set(id, {
            workGroup: "fleet-dev-week",
            states: ["SUCCEEDED"],
            columns: [["n", "bigint"]],
            submitted: "2026-11-21T04:00:00.123Z",
            statement: `SELECT 1${runComment({ token: "a".repeat(64), attempt: 1 })}`,
        });
        const books = new FakeLedger();
        await books.put({ query: "week", state: "started" });
        const s3 = new FakeS3();
        s3.put(`athena/week/${id}.csv`, '"n"\n"9007199254740993"\n');
        const refused = id.replace("0", "1");
        athena.runs.set(refused, {
            ...athena.runs.get(id)!,
            statement: `SELECT 1${runComment({ token: "b".repeat(64), attempt: 1 })}`,
        });
        await books.put({ query: "week", token: "b".repeat(64) });
        s3.put(`athena/week/${refused}.csv`, "");
        const topic = new FakeTopic();

        const response = await invokeBundle(
            {
                name: "convert-result",
                assetFile: resultMapFile,
                asset: {
                    results: {
                        week: {
                            prefix: "reports/week/",
                            mode: "replace",
                            columns: [{ name: "n", type: { kind: "integer", bits: 64 } }],
                        },
                    },
                },
                environment,
                answer: (request) => {
                    const target = request.headers["x-amz-target"];
                    if (target?.startsWith("DynamoDB")) return books.answer(request);
                    if (String(request.body).startsWith("Action=Publish")) return topic.answer(request);
                    return (target ? athena : s3).answer(request);
                },
            },
            sqsEvent(...[id, refused].map((each) => s3Body(s3Record(`athena/week/${each}.csv`))), "unreadable"),
        );

        expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m2" }] });
        expect(gunzipSync(s3.objects.get("reports/week/latest.json.gz")!.body).toString()).to.equal(
            '{"n":9007199254740993}\n',
        );
        const [kept, failed] = (await books.runs("week")).sort((a, b) => (a.token < b.token ? -1 : 1));
        expect(kept).to.include({ state: "succeeded", rows: 1 });
        expect(failed).to.include({ state: "failed" });
        expect(topic.notifications.map(({ subject }) => subject)).to.deep.equal(["fleet: query week failed"]);
    });
});
