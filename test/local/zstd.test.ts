import { expect } from "chai";
import { LocalPipeline } from "../../local";

describe("results that are kept by zstd, on this machine", function () {
    this.timeout(120_000);
    let local: LocalPipeline;
    before(async () => {
        local = await LocalPipeline.start({ program: "test/programs/zstd", at: "2026-11-21T04:00:00Z" });
        for (const hour of [0, 1, 2]) {
            const events = Array.from({ length: 500 }, (_, index) => ({
                device: `device ${index % 7} ü`,
                at: `2026-11-21 0${hour}:${String(index % 60).padStart(2, "0")}:00`,
                volts: index / 4,
            }));
            await local.send("ping", events);
            await local.settle();
        }
    });
    after(() => local.stop());

    it("have a name that says so, beside those of gzip", () => {
        const endings = (prefix: string) =>
            local.journal
                .of("object")
                .filter(({ key }) => key.startsWith(prefix))
                .map(({ key }) => key.replace(/^.*[0-9a-f]{12}/, ""));

        expect(endings("processed/v0/zstd/")).to.deep.equal([".json.zst", ".json.zst", ".json.zst"]);
        expect(endings("processed/v0/balanced/")).to.deep.equal([".json.gz", ".json.gz", ".json.gz"]);
    });

    it("are as many events to the journal", () => {
        const counts = local.journal
            .of("object")
            .filter(({ key }) => key.startsWith("processed/"))
            .map(({ events }) => events);

        expect(counts).to.deep.equal([500, 500, 500, 500, 500, 500]);
    });

    it("are the same rows", async () => {
        const rows = await local.rows("processed/v0/zstd/");

        expect(rows).to.have.length(1_500);
        expect(rows).to.have.deep.members(await local.rows("processed/v0/balanced/"));
    });

    it("are read by the next query as gzip is", async () => {
        const rows = await local.rows("reports/v0/zstd/");

        expect(rows).to.have.length(7);
        expect(rows[0]).to.deep.equal({ device: "device 0 ü", pings: 216, volts: 13_419 });
        expect(rows).to.deep.equal(await local.rows("reports/v0/balanced/"));
    });

    it("are counted as gzip is", () => {
        const counters = local.counters("zstd_counts");

        expect(counters).to.have.length(21);
        expect(counters.reduce((sum, { count }) => sum + Number(count), 0)).to.equal(1_500);
        expect(counters).to.have.deep.members(local.counters("balanced_counts"));
    });
});
