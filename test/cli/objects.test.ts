import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { arrivals, readObjects, refuseUnread } from "../../cli/objects";
import { run } from "../../cli/run";
import { afterTest } from "../setup";

/** A folder with empty files. */
function folderOf(...names: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), "objects-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    for (const name of names) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), "");
    }
    return folder;
}

describe("files that arrive as objects", () => {
    it("have the keys of their paths, and the time at which their folder's hour or day is over", () => {
        const folder = folderOf(
            ...["a b=c+.json", "2026/11/21/04/h.json", "x/2026/11/21/d.json", "2026/11/h.json"],
            ...["year=2026/month=11/day=21/hour=23/h.json", "year=2026/month=11/day=21/d.json"],
        );

        const objects = readObjects({ prefix: "in/", folder });

        const times = objects.map(({ key, time }) => [key, time && new Date(time).toISOString()]);
        expect(times).to.deep.equal([
            ["in/2026/11/21/04/h.json", "2026-11-21T05:00:00.000Z"],
            ["in/2026/11/h.json", undefined],
            ["in/a b=c+.json", undefined],
            ["in/x/2026/11/21/d.json", "2026-11-22T00:00:00.000Z"],
            ["in/year=2026/month=11/day=21/d.json", "2026-11-22T00:00:00.000Z"],
            ["in/year=2026/month=11/day=21/hour=23/h.json", "2026-11-22T00:00:00.000Z"],
        ]);
        expect(objects[0]!.file).to.equal(join(folder, "2026/11/21/04/h.json"));
    });

    it("arrive together where their time is the same", () => {
        const object = (key: string, time?: number) => ({ key, file: "", time });

        const found = arrivals([object("a", 2), object("b"), object("c", 2), object("d")]);

        expect(found.map(({ at, objects }) => [at, objects!.map(({ key }) => key).join()])).to.deep.equal([
            [2, "a,c"],
            [undefined, "b,d"],
        ]);
    });

    it("are named where they can't be read", () => {
        expect(() => readObjects({ prefix: "in/", folder: "nowhere" })).to.throw(
            "--objects in/=nowhere: the folder can't be read (ENOENT)",
        );
    });

    it("may lie inside of a prefix that is read, or above it, or anywhere where all may be read", () => {
        const read = ["exports/days/", "processed/days/"];

        for (const prefix of ["exports/", "exports/days/", "exports/days/2026/"]) {
            expect(() => refuseUnread({ prefix, folder: "a" }, read), prefix).not.to.throw();
        }
        expect(() => refuseUnread({ prefix: "any/", folder: "a" }, undefined)).not.to.throw();
    });

    it("are refused where nobody reads, with what is read and what was probably meant", () => {
        const read = ["exports/days/", "processed/days/"];
        const messageOf = (prefix: string, prefixes = read) => {
            try {
                return refuseUnread({ prefix, folder: "a" }, prefixes);
            } catch (error) {
                return (error as Error).message;
            }
        };

        const start = (prefix: string) => `--objects ${prefix}=a: the program reads nothing below \`${prefix}\`; `;
        const known = "it reads `exports/days/`, `processed/days/`";
        expect(messageOf("export/")).to.equal(`${start("export/")}${known}: did you mean \`exports/\`?`);
        expect(messageOf("exports/day/")).to.equal(`${start("exports/day/")}${known}: did you mean \`exports/days/\`?`);
        expect(messageOf("unlike/")).to.equal(`${start("unlike/")}${known}`);
        expect(messageOf("unlike/", [])).to.equal(`${start("unlike/")}it reads no objects`);
    });

    it("stop a run where nobody would read them", async function () {
        this.timeout(60_000);

        const running = run("test/programs/adopted", {
            objects: [{ prefix: "export/days/", folder: folderOf("a.json") }],
            ...{ step: 1, config: {} },
        });

        const message = await running.then(String, (error: Error) => error.message);
        expect(message).to.match(/^--objects export\/days\/=.*: the program reads nothing below `export\/days\/`; /);
        expect(message).to.match(/it reads `alb-logs\/.*: did you mean `exports\/days\/`\?$/);
    });

    it("go through a pipeline as they arrive, hour by hour", async function () {
        this.timeout(60_000);
        const folder = folderOf("days/year=2026/month=11/day=19/a.json", "hours/2026/11/20/04/b.json");
        writeFileSync(join(folder, "days/year=2026/month=11/day=19/a.json"), '{"name":"a","amount":1}');
        writeFileSync(join(folder, "hours/2026/11/20/04/b.json"), '{"name":"b","amount":2}');
        let printed = "";
        const out = { write: (text: string) => (printed += text) } as unknown as NodeJS.WritableStream;

        const exitCode = await run(
            "test/programs/adopted",
            { objects: [{ prefix: "exports/", folder }], step: 1, json: true, config: {} },
            out,
        );

        const { reports } = JSON.parse(printed);
        expect(exitCode).to.equal(0);
        expect(reports["processed/days/"].map(({ name }: { name: string }) => name)).to.deep.equal(["a"]);
        expect(reports["processed/hours/"].map(({ name }: { name: string }) => name)).to.deep.equal(["b"]);
    });
});
