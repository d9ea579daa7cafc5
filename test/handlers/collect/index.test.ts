import { expect } from "chai";
import { columnsFile } from "../../../handlers/collect/contract";
import { invokeBundle } from "../shared/bundled-function";
import { jsonRequest } from "../shared/fake-service";
import { FakeFirehose, stores } from "./fake-firehose";
import { keyHashes, type RequestParts, request } from "./requests";

/** Posts to the function as it is deployed, with these of its settings. */
async function post(environment: { OPEN: string; KEY_HASHES: string }, parts: RequestParts) {
    const firehose = new FakeFirehose(stores);
    const streams: unknown[] = [];
    const response = await invokeBundle(
        {
            name: "collect",
            assetFile: columnsFile,
            asset: [
                { name: "event_id", type: { kind: "string" } },
                { name: "received_at", type: { kind: "timestamp" } },
            ],
            environment: { DELIVERY_STREAM: "pings", ...environment },
            answer: (sent) => {
                streams.push(jsonRequest(sent).input.DeliveryStreamName);
                return firehose.answer(sent);
            },
        },
        request(parts),
    );
    return { status: response.statusCode, streams };
}

describe("the collect function", () => {
    const open = { OPEN: "true", KEY_HASHES: "{}" };
    const keyed = { OPEN: "false", KEY_HASHES: keyHashes({ web: "secret" }) };

    it("stores in the delivery stream of its environment", async () => {
        expect(await post(open, { body: "{}" })).to.deep.equal({ status: 204, streams: ["pings"] });
    });

    it("checks events against the columns beside it", async () => {
        expect(await post(open, { body: '{"unknown":1}' })).to.deep.equal({ status: 400, streams: [] });
    });

    it("lets in the keys of its environment only", async () => {
        const known = await post(keyed, { body: "{}", headers: { "x-api-key": "secret" } });
        const unknown = await post(keyed, { body: "{}", headers: { "x-api-key": "other" } });

        expect([known.status, unknown.status]).to.deep.equal([204, 401]);
    });

    it("does not start without keys unless it is open", async () => {
        const error = await post({ ...open, OPEN: "false" }, { body: "{}" }).catch((thrown) => thrown);

        expect(error).to.be.an("error").with.property("message").that.includes("KEY_HASHES");
    });
});
