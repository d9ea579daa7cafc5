import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Children } from "../../bench/children";

const megabyte = 1024 * 1024;

describe("the processes that a contestant starts", () => {
    before(function () {
        if (!existsSync("/proc/self/stat")) this.skip();
    });

    it("are added up: the most memory that they have together, and the time of those that have ended", async () => {
        const before = Children.cpuSeconds();
        const children = new Children();
        const busy =
            "const bytes = Buffer.alloc(200e6, 1); while (process.cpuUsage().user < 3e5); process.send(bytes.length)";
        const started = [busy, busy].map((code) =>
            spawn(process.execPath, ["-e", `${code}; process.on("message", () => {})`], {
                stdio: ["ignore", "ignore", "ignore", "ipc"],
            }),
        );
        await Promise.all(started.map((child) => once(child, "message")));
        await sleep(1000);
        for (const child of started) child.kill();
        await Promise.all(started.map((child) => once(child, "close")));

        expect(children.stop()).to.be.within(400e6, 400e6 + 2 * 150 * megabyte);
        expect(Children.cpuSeconds() - before).to.be.at.least(0.6);
    });
});
