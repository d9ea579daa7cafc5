import { expect } from "chai";
import { LocalPipeline } from "eventpipeline/local";

describe("the shop", () => {
    let local: LocalPipeline;
    before(async () => {
        local = await LocalPipeline.start({ program: __dirname });
    });
    after(() => local.stop());

    it("counts clicks by page and hour", async () => {
        await local.send("click", [{ page: "/", clicked_at: "2026-11-21 04:00:00" }]);
        await local.settle(); // flush buffers, drain queues, until nothing moves; a 15-minute buffer takes no time

        expect(await local.rows("processed/v0/pagehour/")).to.deep.equal([
            { page: "/", hour: "2026-11-21 04:00:00.000", clicks: 1 },
        ]);
    });
});
