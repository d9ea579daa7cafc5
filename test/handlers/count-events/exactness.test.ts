import { describeExactness } from "../../dynamodb/exactness";
import { ownPlace } from "../../dynamodb/tables";

describe("counters and their books", function () {
    this.timeout(60_000);
    describeExactness(ownPlace, { runs: 150, interleaved: true });
});
