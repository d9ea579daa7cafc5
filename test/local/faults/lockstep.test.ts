import { expect } from "chai";
import type { LambdaFunction } from "../../../local/services/lambda";
import type { StoredObject } from "../../../local/services/s3/store";
import { bucket, nodeFunction, settle } from "../support";
import { prepare } from "./support";

/**
 * Works in three lanes at the same time. Each reads a package, unpacks it, thinks for as long as MOODS says, sleeps for a
 * random time, and writes an object with what it knows of time, chance and ids.
 */
const worker = (moods: number[]) => `
    const http = require("node:http");
    const { randomUUID } = require("node:crypto");
    const { gunzip, gzipSync } = require("node:zlib");
    const { setTimeout: sleep } = require("node:timers/promises");
    const { promisify } = require("node:util");
    const moods = ${JSON.stringify(moods)};
    const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/1/us-east-1/s3/aws4_request";
    const agent = new http.Agent({ keepAlive: true });
    const send = (method, key, body) => new Promise((resolve, reject) => {
        const url = process.env.AWS_ENDPOINT_URL + "/lake/" + key;
        http.request(url, { method, agent, headers: { authorization } }, async (response) => {
            const chunks = [];
            for await (const chunk of response) chunks.push(chunk);
            resolve(Buffer.concat(chunks));
        }).on("error", reject).end(body);
    });
    const think = (milliseconds) => { for (const end = performance.now() + milliseconds; performance.now() < end; ); };
    exports.handler = async (event) => {
        await Promise.all(moods.map(async (mood, lane) => {
            await send("PUT", lane + "/package", gzipSync(Buffer.alloc(mood * 100_000, lane)));
            const unpacked = await promisify(gunzip)(await send("GET", lane + "/package"));
            think(mood);
            const before = Date.now();
            await sleep(20 + 20 * Math.random());
            await new Promise((resolve) => setTimeout(resolve, 5));
            const abandoned = setTimeout(() => {}, 60_000);
            clearTimeout(abandoned);
            await send("PUT", lane + "/out", JSON.stringify({ slept: Date.now() - before, at: new Date(), id: randomUUID() }));
        }));
        return { time: Date.now() };
    };`;

describe("a function in a run with faults", () => {
    it("does the same at the same time, however fast the machine is", async () => {
        const first = await prepareRun([1, 40, 5]);
        const second = await prepareRun([30, 1, 60]);

        const results = [await first.call(), await second.call(), await first.call(), await second.call()];

        expect(await second.written()).to.deep.equal(await first.written());
        expect(results[1]).to.deep.equal(results[0]);
        expect(results[3]).to.deep.equal(results[2]);
        expect(results[0]!.error).to.equal(undefined);
        expect(new Set((await first.written()).map(({ id }) => id))).to.have.length(6);
    });

    it("has time pass while it sleeps, and not otherwise", async () => {
        const { call, written, time } = await prepareRun([10, 10, 10]);

        await call();

        for (const { slept, at } of await written()) {
            expect(slept).to.be.within(25, 45);
            expect(Date.parse(at)).to.be.within(time, time + 200);
        }
    });

    it("wakes up in the order of its own time", async () => {
        const source = `exports.handler = async () => {
            const woken = [];
            const { setTimeout: sleep } = require("node:timers/promises");
            const late = sleep(10).then(() => woken.push("late"));
            for (const end = performance.now() + 50; performance.now() < end; );
            const soon = new Promise((resolve) => setTimeout(resolve, 5)).then(() => woken.push("soon"));
            await Promise.all([late, soon]);
            return woken;
        }`;
        const { lambda } = await prepare({}, nodeFunction("lake-fn", source));

        const { payload } = await lambda.invoke("lake-fn", {});

        expect(payload).to.deep.equal(["soon", "late"]);
    });

    it("does other things for another seed", async () => {
        const first = await prepareRun([1, 1, 1]);
        const second = await prepareRun([1, 1, 1], 2);

        await first.call();
        await second.call();

        expect(await second.written()).to.not.deep.equal(await first.written());
    });

    it("may be stopped in the midst of it, and does it again", async () => {
        const { fn, call, written } = await prepareRun([1, 1, 1], 1, {
            crashes: [{ function: "fn", call: 8, when: "before" }],
        });

        const died = await call();
        const result = await call();

        expect(died.error).to.include({ errorType: "Runtime.ExitError" });
        expect(result.error).to.equal(undefined);
        expect((await written()).length).to.be.above(3);
        expect(fn.isBusy).to.equal(false);
    });
});

async function prepareRun(moods: number[], seed = 1, faults: object = {}) {
    const function_ = nodeFunction("lake-fn", worker(moods));
    const { lambda, s3, runtime, clock } = await prepare({ seed, ...faults }, bucket("lake"), function_);
    const fn: LambdaFunction = lambda.function("lake-fn");
    const made: Promise<{ slept: number; at: string; id: string }>[] = [];
    s3.onCreated((object) => {
        if (object.key.endsWith("/out")) made.push(read(object));
    });
    return { fn, call, written, time: clock.now() };

    async function call() {
        const result = await lambda.invoke("lake-fn", {});
        await settle(runtime);
        return result;
    }

    async function read(object: StoredObject) {
        return { key: object.key, ...JSON.parse(String(await s3.read(object))) };
    }

    /** What the objects say, in the order in which they were written. */
    function written() {
        return Promise.all(made);
    }
}
