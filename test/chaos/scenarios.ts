import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Scenario } from "./sweep";

const ping = (device_id: string, battery: number, minute: number) => ({
    device_id,
    battery,
    sent_at: `2026-11-21 04:${String(minute).padStart(2, "0")}:00`,
});

/**
 * Two objects that arrive six minutes apart: the second just when the first comes again after a crash of run-query, so
 * that their batches are cut in another way. No device is in both, so each row is the same in any batch. One line is
 * no event.
 */
export const fleet: Scenario = {
    program: "examples/fleet",
    at: "2026-11-21T04:00:00Z",
    portions: [
        {
            at: "2026-11-21T04:00:00Z",
            ingest: "deviceping",
            events: [ping("a", 0.9, 0), ping("b", 0.8, 1), "no event"],
        },
        { at: "2026-11-21T04:06:03Z", ingest: "deviceping", events: [ping("c", 0.7, 6)] },
    ],
};

/** The same, and hours later one more, so that the books of the first hours are closed. */
export const hours: Scenario = {
    ...fleet,
    portions: [...fleet.portions, { at: "2026-11-21T07:30:00Z", ingest: "deviceping", events: [ping("d", 0.6, 7)] }],
};

const balancerLog = [
    ...["123456789012/elasticloadbalancing/us-east-1/2026/11/22/"],
    ...[
        "123456789012_elasticloadbalancing_us-east-1_app.site.50dc6c495c0c9188_20261122T0005Z_192.0.2.1_1b2c3d4e.log.gz",
    ],
].join("");

/** A load balancer's log; not all of its entries are events. */
export const pageviews: Scenario = {
    program: "examples/load-balancer",
    at: "2026-11-22T00:05:00Z",
    portions: [
        {
            at: "2026-11-22T00:05:00Z",
            key: `alb/pageview/AWSLogs/${balancerLog}`,
            body: gzipSync(readFileSync("examples/load-balancer/access.log")),
        },
    ],
};

/** An object that a query can't name, and one whose query has another result than was declared. */
export const refused: Scenario = {
    program: "test/programs/query-runs",
    at: "2026-11-21T04:00:00Z",
    portions: [
        { at: "2026-11-21T04:00:00Z", key: "raw/v0/ping/late.json", body: '{"device":"late"}\n' },
        { at: "2026-11-21T04:06:03Z", key: "raw/v0/pong/2026/11/21/04/a.json", body: '{"device":"a"}\n' },
    ],
};

const earthquake = (id: string, network: string, magnitude: number, felt: number | null) => ({
    ...{ id, occurred_at: `2026-11-21 03:0${id}:00`, network, magnitude, place: `place ${id}`, felt },
    ...{ sources: [network] },
});

export const earthquakes: Scenario = {
    program: "examples/earthquakes",
    at: "2026-11-21T04:00:00Z",
    portions: [
        {
            at: "2026-11-21T04:00:00Z",
            ingest: "earthquake",
            events: [earthquake("1", "nc", 2.5, null), earthquake("2", "ci", 4.1, 12)],
        },
        { at: "2026-11-21T04:06:03Z", ingest: "earthquake", events: [earthquake("3", "us", 3.5, 2)] },
    ],
};

/** A file of an hour. */
const exported = (at: string, hour: string, ...events: [name: string, time: string][]) => ({
    at: `2026-11-20T${at}Z`,
    key: `exports/year=2026/month=11/day=20/hour=${hour}/events.json.gz`,
    body: gzipSync(
        [...events.map(([name, time]) => JSON.stringify({ name, timestamp: Date.parse(time) / 1000 })), ""].join("\n"),
    ),
});

/** Three hours' files, the second with a late event; then the first is replaced by one with an hour more and one less. */
export const hourlyCounters: Scenario = {
    program: "examples/hourly-counters",
    at: "2026-11-20T01:00:00Z",
    portions: [
        exported("01:00:00", "00", ["login", "2026-11-20T00:10:00Z"], ["login", "2026-11-20T00:20:00Z"]),
        exported("02:00:00", "01", ["logout", "2026-11-20T01:10:00Z"], ["login", "2026-11-20T00:50:00Z"]),
        exported("02:00:01", "00", ["login", "2026-11-20T00:10:00Z"], ["logout", "2026-11-19T23:50:00Z"]),
    ],
};

const login = (user_name: string, minute: string) => ({
    ...{ event: "LOGIN", user_name, occurred_at: `2026-11-21 23:${minute}:00` },
});

/** Logins at the end of a day, which become Parquet when it is over. */
export const collector: Scenario = {
    program: "examples/collector",
    at: "2026-11-21T23:30:00Z",
    portions: [
        { at: "2026-11-21T23:30:00Z", ingest: "track", events: [login("Ada", "29"), login("Zoë", "30")] },
        { at: "2026-11-21T23:50:00Z", ingest: "track", events: [login("Olu", "50")] },
    ],
};
