import { expect } from "chai";
import { VirtualClock, WallClock } from "../../local/clock";
import { Work } from "../../local/work";

describe("clocks", () => {
    it("virtual: calls what is due in the order of time, and of arrangement", () => {
        const clock = new VirtualClock(100);
        const called: [string, number][] = [];
        const note = (name: string) => () => called.push([name, clock.now()]);
        clock.at(300, note("late"));
        clock.at(200, note("first"));
        clock.at(200, note("second"));
        clock.at(50, note("overdue"));
        const cancel = clock.at(250, note("cancelled"));

        cancel();
        expect(clock.next()).to.equal(100);
        clock.advanceTo(250);
        clock.advanceTo(150);

        expect(called).to.deep.equal([
            ["overdue", 100],
            ["first", 200],
            ["second", 200],
        ]);
        expect(clock.now()).to.equal(250);
        clock.stop();
        expect(clock.next()).to.equal(undefined);
    });

    it("virtual: calls what an action arranges on the way", () => {
        const clock = new VirtualClock(0);
        const called: number[] = [];
        clock.at(10, () => clock.at(20, () => called.push(clock.now())));

        clock.advanceTo(30);

        expect(called).to.deep.equal([20]);
    });

    it("virtual: calls what recurs in its turn, though nobody waits for it", () => {
        const clock = new VirtualClock(0);
        const called: string[] = [];
        const cancel = clock.recurring(5, () => called.push("cancelled"));
        clock.recurring(10, () => called.push("recurring"));
        clock.at(20, () => called.push("once"));

        cancel();
        expect([clock.next(), clock.next(true)]).to.deep.equal([20, 10]);
        clock.advanceTo(20, false);
        expect(called).to.deep.equal(["once"]);
        clock.advanceTo(20);

        expect(called).to.deep.equal(["once", "recurring"]);
        expect(clock.next(true)).to.equal(30);
    });

    it("virtual: calls what recurs once in a leap, as late as it is due, and then goes on", () => {
        const clock = new VirtualClock(0);
        const called: [string, number][] = [];
        clock.recurring(10, () => called.push(["recurring", clock.now()]));
        clock.at(12, () => called.push(["once", clock.now()]));

        clock.leap(35);
        clock.advanceTo(35);
        clock.leap(39);
        clock.advanceTo(41);

        expect(called).to.deep.equal([
            ["once", 12],
            ["recurring", 30],
            ["recurring", 40],
        ]);
    });

    it("wall: calls what recurs again and again, though nobody waits for it", async () => {
        const clock = new WallClock();
        const started = Date.now();
        const cancel = clock.recurring(5_000, () => {});
        const called = new Promise<void>((resolve) => {
            let times = 0;
            clock.recurring(10, () => {
                times++;
                if (times === 2) resolve();
            });
        });

        expect(clock.next()).to.equal(undefined);
        expect(clock.next(true)).to.be.within(started + 10, Date.now() + 10);
        cancel();
        await called;
        expect(clock.next(true)).to.be.at.most(Date.now() + 10);
        clock.stop();

        expect(clock.next(true)).to.equal(undefined);
    });

    it("wall: calls what is due when time has passed", async () => {
        const clock = new WallClock();
        const called: string[] = [];
        const due = clock.now() + 10;
        const cancel = clock.at(due, () => called.push("cancelled"));
        clock.at(due + 10_000, () => called.push("stopped"));

        cancel();
        expect(clock.next()).to.equal(due + 10_000);
        await new Promise<void>((resolve) => clock.at(due, resolve));
        clock.stop();

        expect(Date.now()).to.be.at.least(due - 1);
        expect(clock.next()).to.equal(undefined);
        expect(called).to.deep.equal([]);
    });
});

describe("work", () => {
    it("is idle when everything that began has ended, however often that is said", async () => {
        const work = new Work();
        const [first, second] = [work.begin(), work.begin()];
        let idle = false;
        const waiting = work.idle().then(() => {
            idle = true;
        });

        first();
        first();
        await new Promise(setImmediate);
        await new Promise(setImmediate);
        expect(idle).to.equal(false);
        second();
        await waiting;

        await work.idle();
    });

    it("ends with a tracked action, also when it fails", async () => {
        const work = new Work();

        const failed = work.track(async () => Promise.reject(new Error("no"))).catch((error: Error) => error.message);

        expect(await failed).to.equal("no");
        await work.idle();
    });
});
