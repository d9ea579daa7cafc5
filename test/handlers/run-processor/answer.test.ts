import { expect } from "chai";
import type { ProcessorAnswer, ProcessorEvent } from "eventpipeline/processor";
import { readAnswer } from "../../../handlers/run-processor/answer";

const objects = ["a", "b"].map((key) => ({ bucket: "lake", key, size: 1 }));
const failures = (answer: unknown) => Object.fromEntries(readAnswer(JSON.stringify(answer), objects));

describe("a processor's answer", () => {
    for (const text of ["", "null", "{}", '{"failed":[]}']) {
        it(`says that all are done: ${text || "nothing"}`, () => {
            expect(readAnswer(text, objects).size).to.equal(0);
        });
    }

    it("names failed objects by key, or with a reason", () => {
        expect(failures({ failed: ["a", { key: "b", reason: "no luck" }] })).to.deep.equal({
            a: "failed, without a reason",
            b: "no luck",
        });
        expect(failures({ failed: [{ key: "a" }, { key: "b", reason: null }] })).to.deep.equal({
            a: "failed, without a reason",
            b: "failed, without a reason",
        });
        expect(failures({ failed: [{ key: "a", reason: "" }] })).to.deep.equal({ a: "failed, without a reason" });
    });

    it("has a type that functions in TypeScript are written with", async () => {
        const strict = async ({ objects }: ProcessorEvent): Promise<ProcessorAnswer> => {
            const failed = objects.filter(({ size }) => size < 2).map(({ key }) => key);
            return failed.length > 0 ? { failed } : {};
        };
        const silent = async (_: ProcessorEvent): Promise<ProcessorAnswer> => undefined;

        expect(failures(await strict({ objects }))).to.have.keys("a", "b");
        expect(failures((await silent({ objects })) ?? null)).to.deep.equal({});
    });

    it("may be the failed objects of the event, with all they have", () => {
        expect(failures({ failed: [{ ...objects[0], reason: "no luck" }] })).to.deep.equal({ a: "no luck" });
    });

    for (const [text, problem] of [
        ["done", "is no JSON"],
        ['"done"', "is no object"],
        ["true", "is no object"],
        ['["a"]', "is no object"],
        ['{"batchItemFailures":[]}', "has `batchItemFailures`"],
        ['{"failed":[],"done":["a"]}', "has `done`"],
        ['{"failed":"a"}', "has `failed`, which is no list"],
        ['{"failed":null}', "has `failed`, which is no list"],
        ['{"failed":{"key":"a"}}', "has `failed`, which is no list"],
        ['{"failed":["a",1]}', "has `failed[1]`, which is no key and has none"],
        ['{"failed":[null]}', "has `failed[0]`, which is no key and has none"],
        ['{"failed":[{"reason":"no luck"}]}', "has `failed[0]`, which is no key and has none"],
        ['{"failed":["c"]}', "has `failed[0]`, which names an object that was not in the event"],
        ['{"failed":["__proto__"]}', "has `failed[0]`, which names an object that was not in the event"],
        ['{"failed":[{"key":"a","reason":1}]}', "has `failed[0]`, which has a reason that is no text"],
    ] as const) {
        it(`says nothing that can be trusted: ${text}`, () => {
            expect(() => readAnswer(text, objects)).to.throw(
                `the function's answer ${problem}: answer nothing, or \`{ "failed": [{ "key": "…", "reason": "…" }] }\``,
            );
        });
    }
});
