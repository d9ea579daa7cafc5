import { expect } from "chai";
import type { Case, Contestant } from "../../bench/case";
import type { Outcome } from "../../bench/measure";
import { markdown, printed, resultOf } from "../../bench/results";

const contestant = (name: string, more: Partial<Contestant> = {}): Contestant => ({
    name,
    load: async () => () => undefined,
    ...more,
});
const outcome = (contestant: Contestant, seconds: number, more: Partial<Outcome> = {}): Outcome => ({
    contestant,
    seconds,
    cpuSeconds: seconds,
    memory: 50e6,
    bytes: 100,
    differences: [],
    ...more,
});
const measured = (contestants: Contestant[], more: Partial<Case> = {}): Case => ({
    name: "counting",
    about: "lines, counted",
    data: async () => "",
    contestants,
    ...more,
});

describe("a case's result", () => {
    it("says how many times as fast ours is, by the clock and by the processors' time", () => {
        const [ours, other] = [contestant("ours"), contestant("other", { atLeast: 3 })];
        const outcomes = [outcome(ours, 2), outcome(other, 7, { cpuSeconds: 5, bytes: 120, differences: ["values"] })];

        const { contestants } = resultOf(measured([ours, other]), "full", outcomes);

        expect(contestants[1]).to.deep.equal({
            name: "other",
            faster: 3.5,
            lessCpu: 2.5,
            atLeast: 3,
            memory: 50,
            output: 1.2,
            differences: ["values"],
        });
    });

    it("compares the time of one thing where contestants do several", () => {
        const [many, few] = [contestant("many", { things: 10 }), contestant("few")];
        const figure = (each: { seconds: number }) => `${each.seconds} s each`;
        const outcomes = [outcome(many, 20), outcome(few, 1)];

        const { contestants } = resultOf(measured([many, few], { figure }), "full", outcomes);

        expect(contestants.map(({ faster, figure }) => [faster, figure])).to.deep.equal([
            [1, "2 s each"],
            [0.5, "1 s each"],
        ]);
    });

    it("says what the processes took that contestants start, where they count", () => {
        const ours = contestant("ours");
        const result = resultOf(measured([ours]), "full", [outcome(ours, 2, { childrenMemory: 120e6 })]);

        expect(result.contestants[0]).to.include({ memory: 50, childrenMemory: 120 });
        expect(printed(result)).to.match(/memory +children\nours +1 +1 +50 MB +120 MB\n/);
    });

    it("is a table of what there is to say", () => {
        const [ours, limit] = [contestant("ours"), contestant("gunzip", { isLimit: true })];
        const result = resultOf(measured([ours, limit]), "full", [outcome(ours, 2), outcome(limit, 1)]);

        const section =
            "## counting\n\nlines, counted\n\n" +
            "| contestant | faster | less CPU | memory |\n| --- | --- | --- | --- |\n" +
            "| ours | 1 | 1 | 50 MB |\n| (gunzip) | 0.5 | 0.5 | 50 MB |\n";
        expect(markdown([result], ["counting"]))
            .to.match(/^# Results\n/)
            .and.include(`\n\n${section}`);
        expect(printed(result)).to.match(/^counting: lines, counted\n\ncontestant +faster +less CPU +memory\nours/);
    });

    it("is written beside those of cases that were not run", () => {
        const ours = contestant("ours");
        const result = resultOf(measured([ours]), "full", [outcome(ours, 2)]);
        const before = "# Old\n\n## plan\n\nplans\n\n| a |\n\n## counting\n\nold\n\n## gone\n";

        const sections = markdown([result], ["counting", "plan"], before).split(/^(?=## )/m);

        expect(sections.map((text) => text.slice(0, text.indexOf("\n")))).to.deep.equal([
            "# Results",
            "## counting",
            "## plan",
        ]);
        expect(sections[1]).to.include("lines, counted");
        expect(sections[2]).to.equal("## plan\n\nplans\n\n| a |\n");
    });
});
