import { expect } from "chai";
import { logReasons } from "../../../handlers/shared/log-reasons";
import { captureLog } from "./capture-log";

describe("logReasons", () => {
    it("writes one line a distinct reason, with its count", async () => {
        const { lines } = await captureLog(async () => logReasons("error", "refused", "test", ["a", "b", "a"]));

        expect(lines).to.deep.equal([
            { level: "error", message: "refused", stage: "test", reason: "a", count: 2 },
            { level: "error", message: "refused", stage: "test", reason: "b", count: 1 },
        ]);
    });

    it("counts all when reasons are many, in few lines", async () => {
        const reasons = Array.from({ length: 1000 }, (_, index) => `reason ${index}`);

        const { lines } = await captureLog(async () =>
            logReasons("error", "refused", "test", [...reasons, "reason 0"]),
        );

        expect(lines).to.have.length(101);
        expect(lines[0]).to.include({ reason: "reason 0", count: 2 });
        expect(lines[100]).to.include({ reason: "other reasons", count: 900 });
    });
});
