import { expect } from "chai";
import { EventBytes, viewOf } from "../../../handlers/parse-access-log/event-bytes";

const text = Buffer.from("{ «événement»: 'ø𝄞', and more of it, past eight bytes \u007f~ }");

describe("EventBytes", () => {
    it("copies runs of every length from everywhere", () => {
        for (let start = 0; start < 9; start++) {
            for (let end = start; end <= text.length; end++) {
                const events = new EventBytes();
                events.copy(viewOf(text), start, end);
                expect(events.copyText(viewOf(text), start, end)).to.equal(true);

                const run = text.subarray(start, end);
                expect(events.take().equals(Buffer.concat([run, run])), `${start} to ${end}`).to.equal(true);
            }
        }
    });

    it("says of every control character, wherever it is, that it is there", () => {
        for (let length = 1; length <= 9; length++) {
            for (let place = 0; place < length; place++) {
                for (const control of [0, 1, 0x09, 0x1f]) {
                    const bytes = Buffer.alloc(length, " ");
                    bytes[place] = control;

                    const isText = new EventBytes().copyText(viewOf(bytes), 0, length);

                    expect(isText, `${control} at ${place} of ${length}`).to.equal(false);
                }
            }
        }
    });

    it("keeps what it has when it grows, and begins anew once that is taken", () => {
        const events = new EventBytes();
        const long = "ø".repeat(400_000);

        events.add("first");
        events.add(long);
        events.reserve(text.length);
        events.copy(viewOf(text));
        const taken = events.take();
        events.add("next");

        expect(taken.toString()).to.equal(`first\n${long}\n${text}`);
        expect(events.take().toString()).to.equal("next\n");
    });
});
