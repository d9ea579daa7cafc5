import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { Access, type Permission } from "../../local/iam/access";
import { Journal } from "../../local/journal";
import type { CapturedProgram } from "../../local/program";
import { kindsOf } from "./kinds";
import { captured, programs } from "./programs";
import { waivers } from "./waivers";

const program = "test/programs/permissions";

describe("least privilege", function () {
    this.timeout(240_000);
    let local: LocalPipeline;
    const granted = new Set<string>();
    const used = new Set<string>();

    before(async () => {
        for (const each of programs) {
            const resources = ofComponents(await captured(each));
            for (const text of actionsOf(resources, new Access(resources, new Journal()).permissions()))
                granted.add(text);
        }
        // What is lost is found an hour later.
        const lost = { notifications: [{ fault: "drop" as const, target: "one-pings", nth: 2 }] };
        local = await LocalPipeline.start({ program, at: "2026-11-21T04:00:00Z", faults: lost });
        await useEverything(local);
        const inUse = local.permissions().filter((permission) => permission.used);
        for (const text of actionsOf(await captured(program), inUse)) used.add(text);
    });
    after(() => local?.stop());

    it("lets every function and service do what it does", async () => {
        const { denied } = await local.report();

        expect(denied).to.deep.equal([]);
    });

    it("allows nothing that nobody makes use of", () => {
        const waived = waivers.map(({ whose, action }) => `${whose}: ${action}`);

        expect([...granted].filter((text) => !used.has(text) && !waived.includes(text)).sort()).to.deep.equal([]);
    });

    it("says in docs/security.md what each function and service may", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "security.md"), "utf8");
        const rows = page.split("\n").filter((line) => /^\| `/.test(line));

        expect(rows.map((row) => row.replace(/ +/g, " "))).to.deep.equal(rowsOf([...granted]));
    });

    it("waives nothing that is not allowed, or that is made use of", () => {
        const idle = waivers.filter(({ whose, action }) => {
            const text = `${whose}: ${action}`;
            return !granted.has(text) || used.has(text);
        });

        expect(idle).to.deep.equal([]);
    });
});

/** A row for each role, with its actions by service. */
function rowsOf(actions: string[]): string[] {
    const roles = new Map<string, Map<string, string[]>>();
    for (const text of actions.filter((each) => !each.includes(",")).sort()) {
        const [whose = "", service = "", action = ""] = text.split(/: |:/);
        const services = roles.get(whose) ?? new Map<string, string[]>();
        roles.set(whose, services.set(service, [...(services.get(service) ?? []), action]));
    }
    const everywhere = ["logs", "xray"];
    return [...roles].map(([whose, services]) => {
        const texts = [...services].flatMap(([service, names]) =>
            everywhere.includes(service) && !whose.includes(".") ? [] : `${service}: ${names.join(", ")}`,
        );
        return `| \`${whose}\` | ${texts.join("; ")} |`;
    });
}

/** Without what a program registers by itself. */
function ofComponents(program: CapturedProgram): CapturedProgram {
    return { ...program, resources: program.resources.filter(({ urn }) => urn.includes("eventpipeline:index:")) };
}

/** Whose they are, in words that are the same in all programs, and which. */
function actionsOf(resources: CapturedProgram, permissions: Permission[]): string[] {
    const kinds = kindsOf(resources);
    return permissions.map(({ place, role, action }) => {
        const whose = role === undefined ? place.replace(/ "[^"]*"/, "") : kinds.get(role)!;
        return `${whose}: ${action}`;
    });
}

/** Sends events by every way, good ones and bad ones, and lets things fail that may. */
async function useEverything(local: LocalPipeline): Promise<void> {
    const event = (id: string, value = 1) => ({ id, value, sent_at: "2026-11-21 04:00:00" });
    const json = { "content-type": "application/json" };
    const api = local.urls["one-stream-api"];
    const withKey = { "x-api-key": "another-key-for-tests", ...json };

    await fetch(`${local.urls["one-ping-http"]}/ping`, {
        method: "POST",
        headers: { "x-api-key": "a key for tests only" },
        body: JSON.stringify([event("a"), event("b", 2)]),
    });
    await local.send("ping", [event("c"), "no event"]);
    await local.send("tick", [event("d")]);
    await local.publish("pings/1", [event("e")]);
    await local.publish("pings/1", { ...event("f"), reason: "no array" });
    await local.publish("tocks/1", event("g"));
    await local.publish("ticks/1", event("h"));
    await fetch(`${api}/streams/ping`, { headers: withKey });
    await fetch(`${api}/streams/ping/record`, { method: "PUT", headers: withKey, body: JSON.stringify(event("i")) });
    await fetch(`${api}/streams/ping/records`, { method: "PUT", headers: withKey, body: JSON.stringify([event("j")]) });
    await fetch(`${local.urls["one-ping-pixel"]}/pixel?id=k&value=1&sent_at=2026-11-21%2004:00:00`);
    await fetch(`${local.urls["one-ping-pixel"]}/pixel?id=l&value=none`);
    await local.settle();

    // A query with a minimum interval waits for the second, and nobody can count what has no time.
    await local.advanceTo("2026-11-21T06:30:00Z");
    await local.put("raw/v0/ping/2026/11/21/04/1.json", JSON.stringify(event("m")));
    await local.advanceTo("2026-11-21T06:30:10Z");
    await local.put("raw/v0/ping/2026/11/21/04/2.json", JSON.stringify({ id: "n" }));
    await announce(local, "raw/v0/ping/2026/11/21/04/gone.json");
    await local.settle();
    await local.advanceTo("2026-11-21T09:00:01Z");
    await local.settle();
}

/** Tells the rollup of an object, as if it had been there. */
async function announce(local: LocalPipeline, key: string): Promise<void> {
    const authorization = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sqs/aws4_request";
    const bucket = { name: local.outputs.bucket };
    const object = { key, size: 1, eTag: "0", sequencer: "0", versionId: "0" };
    const record = { eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { bucket, object } };
    const sent = { QueueUrl: "one-pings", MessageBody: JSON.stringify({ Records: [record] }) };
    const response = await fetch(local.endpointUrl, {
        method: "POST",
        headers: { authorization, "x-amz-target": "AmazonSQS.SendMessage" },
        body: JSON.stringify(sent),
    });
    expect(response.status).to.equal(200);
}
