import { expect } from "chai";
import { columnsFile } from "../../../handlers/normalize/contract";
import { invokeBundle } from "../shared/bundled-function";
import { batch } from "./batches";
import { FakeBucket } from "./fake-bucket";

describe("the normalize function", () => {
    it("checks against the columns beside it and keeps bad lines where its environment says", async () => {
        const bucket = new FakeBucket();

        const { records } = await invokeBundle(
            {
                name: "normalize",
                assetFile: columnsFile,
                asset: [{ name: "n", type: { kind: "integer", bits: 32 } }],
                environment: { FAILED_BUCKET: "lake", FAILED_PREFIX: "failed/pings/" },
                answer: (request) => bucket.answer(request),
            },
            batch(['{"n":1}', '{"m":1}']),
        );

        expect(records.map(({ result }: { result: string }) => result)).to.deep.equal(["Ok", "Dropped"]);
        expect([...bucket.objects.keys()].join()).to.match(/^(lake\/)?failed\/pings\/normalize\/2026\/11\/21\/04\//);
    });
});
