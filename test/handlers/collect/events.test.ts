import { expect } from "chai";
import fc from "fast-check";
import { complete, mostEvents, splitEvents } from "../../../handlers/collect/events";
import { readJson } from "../../read-json";

const additions = { received_at: "2026-11-21 04:00:00.123", event_id: "id" };
const added = '"received_at":"2026-11-21 04:00:00.123","event_id":"id"';

describe("splitEvents", () => {
    const bodies: [string, string, string[]][] = [
        ["one object", '{"a":1}', ['{"a":1}']],
        ["one object over several lines", ' {\r\n  "a": [\n 1 ]\n}\n', ['{    "a": [  1 ] }']],
        ["an array", '[{"a":1.0} , {"a":[{}]}]', ['{"a":1.0}', '{"a":[{}]}']],
        ["an array over several lines", '[\n{"a":1},\n{\n"b":"]}"}\n]\n', ['{"a":1}', '{ "b":"]}"}']],
        ["an array of what are no events", '[1,"x",[],null]', ["1", '"x"', "[]", "null"]],
        ["lines", '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
        ["lines with blank ones and carriage returns", '\n{"a":1}\r\n  \n\t{"a":2} ', ['{"a":1}', '{"a":2}']],
        ["lines with broken ones", '{"a":1}\n{"a":\nx', ['{"a":1}', '{"a":', "x"]],
        ["one broken object", '{"a"', ['{"a"']],
        ["no object", "17", ["17"]],
        ["strings with escaped breaks", '{"a":"x\\n\\r"}', ['{"a":"x\\n\\r"}']],
        ["strings with other separators", '{"a":"\u2028\u0085"}\n{}', ['{"a":"\u2028\u0085"}', "{}"]],
    ];
    for (const [what, body, events] of bodies) {
        it(`takes ${what}`, () => {
            expect(splitEvents(body)).to.deep.equal(events);
        });
    }

    for (const body of ["", " \r\n\t", "[]", "[ ]\n"]) {
        it(`refuses ${JSON.stringify(body)} as holding no event`, () => {
            expect(() => splitEvents(body))
                .to.throw("the body holds no event")
                .that.deep.includes({ statusCode: 400, errors: [] });
        });
    }

    it("refuses a broken array as a whole", () => {
        expect(() => splitEvents('[{"a":1},\n{"a":}]'))
            .to.throw("nothing is stored: the array is not valid JSON")
            .that.deep.includes({ statusCode: 400, errors: [{ index: 0, reason: "not valid JSON" }] });
    });

    it("takes only so many events at once", () => {
        const lines = (count: number) => "{}\n".repeat(count);

        expect(splitEvents(lines(mostEvents))).to.have.length(mostEvents);
        expect(() => splitEvents(lines(mostEvents + 1)))
            .to.throw()
            .that.includes({ statusCode: 413 });
    });

    it("finds the same events however they are sent", () => {
        const object = fc.dictionary(fc.string(), fc.jsonValue());
        fc.assert(
            fc.property(fc.array(object, { minLength: 2 }), fc.constantFrom(0, 1, "\t"), (objects, indent) => {
                const array = splitEvents(JSON.stringify(objects, null, indent)).map((text) => readJson(text));
                const lines = splitEvents(objects.map((value) => JSON.stringify(value)).join("\n"));

                const wanted = readJson(JSON.stringify(objects));
                expect(array).to.deep.equal(wanted);
                expect(lines.map((text) => readJson(text))).to.deep.equal(wanted);
                expect(lines).to.deep.equal(objects.map((value) => JSON.stringify(value)));
            }),
        );
    });
});

describe("complete", () => {
    const events: [string, string, string][] = [
        ["an event", '{"n":9007199254740993,"d":1.50}', `{"n":9007199254740993,"d":1.50,${added}}`],
        ["an empty event", "{ }", `{ ${added}}`],
        ["white space", '{ "a" : "}" }', `{ "a" : "}" ,${added}}`],
        ["an event with an id", '{"event_id":"mine"}', '{"event_id":"mine","received_at":"2026-11-21 04:00:00.123"}'],
        ["a complete event", '{"event_id":"","received_at":"x"}', '{"event_id":"","received_at":"x"}'],
        ["an id below", '{"a":{"event_id":"x"}}', `{"a":{"event_id":"x"},${added}}`],
        [
            "an id without value",
            '{"event_id": null ,"a":1}',
            '{"event_id": "id" ,"a":1,"received_at":"2026-11-21 04:00:00.123"}',
        ],
        [
            "nothing but nulls",
            '{"event_id":null,"received_at":null}',
            '{"event_id":"id","received_at":"2026-11-21 04:00:00.123"}',
        ],
    ];
    for (const [what, event, completed] of events) {
        it(`completes ${what}`, () => {
            expect(complete(event, additions)).to.equal(completed);
        });
    }

    it("keeps all that an event has", () => {
        const event = fc.dictionary(fc.constantFrom("a", "}", "event_id", "__proto__", '"'), fc.jsonValue());
        fc.assert(
            fc.property(event, fc.constantFrom(0, 2), (value, indent) => {
                const text = JSON.stringify(value, null, indent);

                const completed = readJson(complete(text, additions));

                const given = readJson(text);
                const id = given.event_id ?? additions.event_id;
                expect(completed).to.deep.equal({ ...given, received_at: additions.received_at, event_id: id });
            }),
        );
    });
});
