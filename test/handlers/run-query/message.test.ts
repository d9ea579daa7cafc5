import { expect } from "chai";
import { readMessage } from "../../../handlers/run-query/message";
import { createdObject } from "../shared/s3-event-messages";
import { stateChange, told } from "./world";

describe("readMessage", () => {
    it("reads new objects, state changes and wakes", () => {
        const objects = readMessage(told(createdObject("raw/a")));
        const change = readMessage(stateChange("id", "fleet-dev-week"));
        const wake = readMessage('{"wake":{"query":"week","at":1}}');

        expect(objects).to.have.nested.property("objects[0].key", "raw/a");
        expect(change).to.deep.equal({ change: { executionId: "id", workgroup: "fleet-dev-week" } });
        expect(wake).to.deep.equal({ wake: { query: "week", at: 1 } });
    });

    for (const body of ["", "{", "null", "[]", '"text"', '{"detail-type":"Object Created"}']) {
        it(`refuses ${body}`, () => {
            expect(() => readMessage(body)).to.throw("the message is no S3 event");
        });
    }

    for (const detail of [undefined, {}, { queryExecutionId: "id" }, { queryExecutionId: 1, workgroupName: "w" }]) {
        it(`refuses a state change that tells ${JSON.stringify(detail)}`, () => {
            const body = JSON.stringify({ "detail-type": "Athena Query State Change", detail });

            expect(() => readMessage(body)).to.throw("names no run or no workgroup");
        });
    }
});
