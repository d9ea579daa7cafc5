import { expect } from "chai";
import { paceOf } from "../../../handlers/run-query/start-query";
import { lambdaContext } from "../shared/s3-event-messages";

describe("paceOf", () => {
    it("keeps a reserve of the invocation's time", () => {
        expect(paceOf(lambdaContext(60_000)).timeLeft()).to.equal(55_000);
        expect(paceOf(lambdaContext(4_000)).timeLeft()).to.be.below(0);
    });

    it("sleeps, and draws numbers from 0 to 1", async () => {
        const pace = paceOf(lambdaContext());
        const before = performance.now();

        await pace.sleep(20);

        expect(performance.now() - before).to.be.at.least(19);
        expect(pace.random()).to.be.within(0, 1);
    });
});
