import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { columnsFile } from "../../../handlers/parse-access-log/contract";
import { FakeS3 } from "../convert-result/fake-s3";
import { invokeBundle } from "../shared/bundled-function";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { entry, packed } from "./entries";

describe("the parse-access-log function", () => {
    it("reads logs by its columns and its environment, bundled", async () => {
        const log =
            "alb/view/AWSLogs/1/elasticloadbalancing/eu-west-1/2026/11/21/1_app.a.b_20261121T0405Z_198.51.100.1_x";
        const s3 = new FakeS3();
        const request = "POST http://lb.example.com:80/p?page=a HTTP/1.1";
        s3.put(`${log}.log.gz`, packed(entry({ request }), entry({ url: "/p?page=b" }), entry({ url: "/view" })));

        const response = await invokeBundle(
            {
                name: "parse-access-log",
                assetFile: columnsFile,
                asset: ["page", "client_address", "user_agent", "event_id", "received_at", "request_time"].map(
                    (name) => ({
                        name,
                        type: { kind: name.endsWith("_at") || name.endsWith("_time") ? "timestamp" : "string" },
                    }),
                ),
                environment: {
                    BUCKET: "lake",
                    LOG_PREFIX: "alb/view/",
                    OUTPUT_PREFIX: "raw/v0/view/",
                    PARTITIONS: "hour",
                    FAILED_PREFIX: "failed/view/",
                    EVENT_PATH: "/p",
                    BEACONS: "true",
                    CLIENT_ADDRESS: "drop",
                },
                answer: (request) => s3.answer(request),
            },
            sqsEvent(s3Body(s3Record(`${log}.log.gz`)), "unreadable"),
        );

        expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
        const key = "raw/v0/view/2026/11/21/04/1_app.a.b_20261121T0405Z_198.51.100.1_x.json.gz";
        const events = gunzipSync(s3.objects.get(key)!.body).toString().trimEnd().split("\n");
        expect(events.map((event) => JSON.parse(event).page)).to.deep.equal(["a", "b"]);
        expect(events.join()).not.to.include("client_address");
    });
});
