import { expect } from "chai";
import { describeExactness } from "../dynamodb/exactness";
import { answerOf, cases, plain } from "../dynamodb/statements";
import { type Place, peerPlace } from "../dynamodb/tables";
import { type DynamoDbLocal, startDynamoDbLocal } from "./dynamodb-local";

describe("dynamodb: Amazon's DynamoDB Local", function () {
    this.timeout(600_000);
    let server: DynamoDbLocal | undefined;
    let place: Place;

    before(async function () {
        const started = await startDynamoDbLocal();
        if ("missing" in started) {
            process.stdout.write(`    skipped: there is no ${started.missing} on this machine\n`);
            return this.skip();
        }
        server = started;
        place = peerPlace(started.connect);
    });
    after(() => server?.stop());

    describe("answers as ours does", () => {
        for (const each of cases) {
            it(each.title.slice(0, 100), async () => {
                const table = await place.createTable("p", "q");

                expect(await answerOf(place.client, table, each)).to.deep.equal(plain(each.peer ?? each.answers));
            });
        }
    });

    describe("keeps exact counters", () => {
        describeExactness(() => place, { runs: 30, interleaved: false });
    });
});
