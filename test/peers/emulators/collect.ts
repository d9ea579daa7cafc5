import { expect } from "chai";
import { columnsFile } from "../../../handlers/collect/contract";
import { arrival, keyHashes, type RequestParts, request } from "../../handlers/collect/requests";
import { type Account, eventually } from "./account";
import { BundledFunction } from "./function";

interface Response {
    statusCode: number;
    headers?: Record<string, string>;
    body?: string;
}

const headers = { "x-api-key": "the key of the web" };

/** `collect` over an emulator's Firehose and S3. */
export function describeCollect(on: () => Account): void {
    describe("collect", () => {
        it("stores good events, completed by when they came and what they are called", async () => {
            const { post, stored } = await deploy(on());

            const { statusCode } = await post({ body: '[{"page":"/é","event_id":"a"},{"page":"/b"}]', headers });

            expect(statusCode).to.equal(204);
            const [first, second] = (await stored(2)).sort((a, b) => String(b.page).localeCompare(String(a.page)));
            expect(first).to.deep.equal({ page: "/é", event_id: "a", received_at: arrival.text });
            expect(second!.event_id).to.match(/^[0-9a-f-]{36}$/);
        });

        it("stores more than one call takes, each event once", async () => {
            const { post, stored } = await deploy(on());
            // Two of them don't fit into one record, and a call takes 500 records.
            const events = Array.from({ length: 620 }, (_, index) => ({
                event_id: `${index}`,
                page: "x".repeat(3000),
            }));

            const { statusCode } = await post({
                body: events.map((event) => JSON.stringify(event)).join("\n"),
                headers,
            });

            expect(statusCode).to.equal(204);
            const ids = (await stored(620)).map(({ event_id }) => event_id);
            expect(new Set(ids).size).to.equal(620);
        });

        it("stores nothing of a request with a bad event, and says which one", async () => {
            const { post, stored } = await deploy(on());

            const { statusCode, body } = await post({ body: '[{"page":"/"},{"page":5}]', headers });

            expect(statusCode).to.equal(400);
            expect(JSON.parse(body!).errors).to.have.length(1).and.have.nested.property("0.index", 1);
            expect(await stored(0)).to.deep.equal([]);
        });

        it("lets nobody in without a key", async () => {
            const { post, stored } = await deploy(on());

            expect((await post({ body: '{"page":"/"}' })).statusCode).to.equal(401);
            expect(await stored(0)).to.deep.equal([]);
        });

        it("stores a repeated request under the ids that its sender gave", async () => {
            const { post, stored } = await deploy(on());

            for (const _ of [1, 2]) await post({ body: '{"page":"/","event_id":"a"}', headers });

            expect((await stored(2)).map(({ event_id }) => event_id)).to.deep.equal(["a", "a"]);
        });

        it("tells its sender to come again when there is no delivery stream", async () => {
            const { post } = await deploy(on(), { DELIVERY_STREAM: "none" });

            const response = await post({ body: '{"page":"/"}', headers });

            expect(response.statusCode).to.equal(503);
            expect(response.headers).to.include({ "retry-after": "5" });
        });
    });
}

async function deploy(account: Account, settings: object = {}) {
    const bucket = await account.bucket();
    const collect = new BundledFunction({
        bundle: "collect",
        asset: [
            columnsFile,
            [
                { name: "page", type: { kind: "string" } },
                { name: "event_id", type: { kind: "string" } },
                { name: "received_at", type: { kind: "timestamp" } },
            ],
        ],
        environment: {
            DELIVERY_STREAM: await account.deliveryStream(bucket),
            KEY_HASHES: keyHashes({ web: headers["x-api-key"] }),
            OPEN: "false",
            ...settings,
        },
        url: account.url,
    });
    return {
        post: (parts: RequestParts) => collect.invoke<Response>(request(parts)),
        /** What lies in the lake, once so many events do. */
        async stored(events: number) {
            const read = async () => ((await account.keys(bucket)).length > 0 ? account.lines(bucket, "raw/") : []);
            await eventually(async () => (await read()).length >= events);
            return read();
        },
    };
}
