import { expect } from "chai";
import { type Entry, Journal } from "../../local/journal";

const line = (number: number): Entry => ({ kind: "log", function: "count", line: String(number) });
const request = (status: number): Entry => ({ kind: "request", method: "POST", path: "/events", status });
const object = (key: string): Entry => ({ kind: "object", bucket: "lake", key, bytes: 1 });

describe("the journal of a local pipeline", () => {
    it("keeps what happened in order, and tells of each entry", () => {
        const journal = new Journal();
        const heard: Entry[] = [];
        journal.listen((entry) => heard.push(entry));
        const entries = [object("a"), line(1), request(200), object("b")];

        for (const entry of entries) journal.write(entry);

        expect(journal.entries).to.deep.equal(entries);
        expect(heard).to.deep.equal(entries);
        expect(journal.of("object")).to.deep.equal([object("a"), object("b")]);
    });

    it("keeps the newest lines and requests only, and everything else", () => {
        const journal = new Journal(10);

        for (let number = 0; number < 1000; number++) {
            journal.write(number % 2 === 0 ? line(number) : request(number));
            if (number % 100 === 0) journal.write(object(String(number)));
        }

        const numbers = journal.entries.flatMap((entry) =>
            entry.kind === "log" ? Number(entry.line) : entry.kind === "request" ? entry.status : [],
        );
        expect(numbers.length).to.be.within(10, 19);
        expect(numbers).to.deep.equal(Array.from(numbers, (_, index) => 1000 - numbers.length + index));
        expect(journal.of("object")).to.have.length(10);
    });
});
