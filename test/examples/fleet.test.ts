import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { connectAsync } from "mqtt";
import { pings } from "../../examples/fleet/generate";
import { LocalPipeline, type Report } from "../../local";
import { duckdb, runExample } from "./run-example";

const tenDays = 864_000_000;
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** What the fleet's first query makes of the raw events, six hours at a time. */
const reports = `SELECT device_id, arg_max(battery, sent_at) AS battery, max(sent_at) AS sent_at
                 FROM events GROUP BY device_id, floor(epoch(sent_at) / 21600)`;

describe("the fleet example", function () {
    this.timeout(120_000);
    const events = [...pings()].sort((a, b) => (a.sent_at < b.sent_at ? -1 : 1));
    const raw = (sql: string) => duckdb(events, { device_id: "VARCHAR", battery: "DOUBLE", sent_at: "TIMESTAMP" }, sql);
    let report: Report;
    let exitCode: number;
    before(async () => {
        ({ report, exitCode } = await runExample("examples/fleet", "deviceping", events, {
            eventTime: "sent_at",
            step: 6 * 3_600_000,
        }));
    });

    it("succeeds, and stores every event once", () => {
        const stored = report.objects.filter(({ key }) => key.startsWith("raw/v0/deviceping/"));

        expect(report.failed).to.deep.equal([]);
        expect(exitCode).to.equal(0);
        expect(Object.keys(report.reports)).to.have.members([
            "processed/v0/devicebattery/",
            "processed/v0/forecast/",
            "reports/v0/batteryweek/",
        ]);
        expect(stored.reduce((sum, object) => sum + (object.events ?? 0), 0)).to.equal(events.length);
        expect(report.runs.filter((run) => run.query === "devicebattery")).to.have.length(stored.length);
    });

    it("reports every device's battery as plain DuckDB computes it from the raw events", async () => {
        const expected = await raw(
            `SELECT device_id, battery, strftime(sent_at, '%Y-%m-%d %H:%M:%S.%g') AS sent_at FROM (${reports})`,
        );

        expect(report.reports["processed/v0/devicebattery/"]).to.have.deep.members(expected);
    });

    it("makes the week's series of the reports as plain DuckDB computes it from the raw events", async () => {
        const expected = await raw(
            `SELECT strftime(date_trunc('hour', sent_at), '%Y-%m-%d %H:%M:%S.%g') AS hour, avg(battery) AS battery
             FROM (${reports}) GROUP BY 1 ORDER BY 1`,
        );

        const series = report.reports["reports/v0/batteryweek/"]!;
        expect(series.map((row) => row.hour)).to.deep.equal(expected.map((row) => row.hour));
        for (const [index, row] of series.entries())
            expect(row.battery).to.be.closeTo(Number(expected[index]!.battery), 1e-12);
    });

    it("forecasts in Python when each device is empty, as plain DuckDB computes it from the raw events", async function () {
        if (!hasPython) this.skip();
        const expected = await raw(
            `SELECT device_id, battery, epoch_ms(sent_at) + battery * ${tenDays} AS empty_at FROM (${reports})`,
        );

        const forecast = report.reports["processed/v0/forecast/"]!.map(({ device_id, battery, empty_at }) => ({
            device_id,
            battery,
            empty_at: Date.parse(`${empty_at}Z`),
        }));
        expect(forecast).to.have.length(expected.length);
        for (const { device_id, battery, empty_at } of expected) {
            const index = forecast.findIndex(
                (row) =>
                    row.device_id === device_id &&
                    row.battery === battery &&
                    Math.abs(row.empty_at - Number(empty_at)) <= 1,
            );
            expect(index, `${device_id} ${battery} ${empty_at}`).to.be.at.least(0);
            forecast.splice(index, 1);
        }
    });

    it("counts every device's pings by the hour as plain DuckDB does", async () => {
        const expected = await raw(
            `SELECT device_id AS name, strftime(date_trunc('hour', sent_at), '%Y-%m-%dT%H:%M:%SZ') AS timestamp,
                    count(*)::INT AS count FROM events GROUP BY 1, 2 ORDER BY 1, 2`,
        );

        expect(report.counters["fleet-pings"]).to.deep.equal(expected);
    });

    it("counts tiers along the way of the data", () => {
        const tiers = new Set(report.runs.map((run) => `${run.query} ${run.tier}`));

        expect([...tiers].sort()).to.deep.equal(["batteryweek 2", "devicebattery 1"]);
    });
});

describe("the fleet example over MQTT", function () {
    this.timeout(60_000);
    let local: LocalPipeline;
    beforeEach(async () => {
        local = await LocalPipeline.start({ program: "examples/fleet", at: "2026-11-21T04:00:00Z" });
    });
    afterEach(() => local.stop());
    const ping = { device_id: "a", battery: 0.4, sent_at: "2026-11-21 03:59:00" };
    const battery = [{ ...ping, sent_at: "2026-11-21 03:59:00.000" }];

    it("takes a device's ping to the second-tier report, and counts it once", async () => {
        const device = await connectAsync(local.mqttUrl!, { clientId: "a" });
        await device.publishAsync("devices/a/ping", JSON.stringify(ping), { qos: 1 });
        await device.publishAsync("devices/a/status", JSON.stringify(ping), { qos: 1 });
        await device.endAsync();
        await local.settle();

        const report = await local.report();
        const stored = report.objects.filter(({ key }) => key.startsWith("raw/v0/deviceping/"));
        expect(stored.map(({ events }) => events)).to.deep.equal([1]);
        expect(report.reports["processed/v0/devicebattery/"]).to.deep.equal(battery);
        expect(report.reports["reports/v0/batteryweek/"]).to.deep.equal([
            { hour: "2026-11-21 03:00:00.000", battery: 0.4 },
        ]);
        expect(report.failed).to.deep.equal([]);
    });

    it("counts what comes by HTTP, MQTT and directly once each", async () => {
        const at = (minute: number) => ({
            ...ping,
            device_id: `device-${minute}`,
            sent_at: `2026-11-21 03:0${minute}:00`,
        });

        await local.publish("devices/device-1/ping", at(1));
        await local.send("deviceping", [at(2)]);
        await fetch(local.routes[0]!.url, {
            method: "POST",
            headers: { "x-api-key": "development-key-of-fleet" },
            body: JSON.stringify(at(3)),
        });
        await local.settle();

        const devices = (await local.rows("processed/v0/devicebattery/")).map((row) => row.device_id);
        expect(devices.sort()).to.deep.equal(["device-1", "device-2", "device-3"]);
    });

    it("keeps a payload that is no JSON with its bytes and the reason, and lets good ones go on", async () => {
        await local.publish("devices/a/ping", "battery: 40 %");
        await local.publish("devices/a/ping", Buffer.from([0xff, 0x00]));
        await local.publish("devices/a/ping", ping);
        await local.settle();

        const report = await local.report();
        expect(report.reports["processed/v0/devicebattery/"]).to.deep.equal(battery);
        expect(report.failed.reduce((sum, { count }) => sum + count, 0)).to.equal(2);
        expect(await local.rows("failed/deviceping/")).to.have.deep.members([
            { reason: "not valid JSON", line: "battery: 40 %" },
            { reason: "not valid UTF-8", base64: "/wA=" },
        ]);
    });
});
