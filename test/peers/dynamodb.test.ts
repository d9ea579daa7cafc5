import { expect } from "chai";
import { describeExactness } from "../dynamodb/exactness";
import { answerOf, cases, plain } from "../dynamodb/statements";
import { type Place, peerPlace } from "../dynamodb/tables";
import { type DynamoDbLocal, startDynamoDbLocal, version } from "./dynamodb-local";
import { judge } from "./judge";

const judged = judge("dynamodb");

describe("dynamodb: Amazon's DynamoDB Local", function () {
    this.timeout(600_000);
    let server: DynamoDbLocal | undefined;
    let place: Place;

    before(async function () {
        const started = await startDynamoDbLocal();
        if ("missing" in started) {
            judged.skip(`there is no ${started.missing} on this machine`);
            return this.skip();
        }
        judged.version = `DynamoDB Local ${version}`;
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
