import type { Lake } from "./lake";

/** Something that has to hold, and in how many cases it does not. */
export interface Check {
    what: string;
    /** How many things were looked at. */
    of: number;
    differences: number;
    examples: Record<string, unknown>[];
}

/** Each selects what differs; `of` selects the number of what was looked at. */
const checks: { what: string; of: string; differs: string }[] = [
    {
        what: "what was sent is stored or in the failed store",
        of: "SELECT count(DISTINCT coalesce(id, broken)) FROM sent",
        differs: `(SELECT id, broken FROM sent) EXCEPT (SELECT event_id, NULL FROM raw UNION ALL SELECT id, broken FROM failed)`,
    },
    {
        what: "what is stored is as it was sent",
        of: "SELECT count(*) FROM raw",
        differs: `SELECT raw.* FROM raw ANTI JOIN sent ON (raw.event_id, raw.device_id, raw.battery, raw.sent_at)
                  = (sent.id, sent.device_id, sent.battery, sent.sent_at)`,
    },
    {
        what: "what is in the failed store was sent",
        of: "SELECT count(*) FROM failed",
        differs: "(SELECT id, broken FROM failed) EXCEPT (SELECT id, broken FROM sent)",
    },
    {
        what: "what was sent was accepted as often, or more often where a sender had to repeat it",
        of: "SELECT count(*) FROM accepted",
        differs: `SELECT line, sent, accepted FROM lines WHERE accepted < sent OR (accepted > sent AND broken)`,
    },
    {
        what: "what was accepted is stored or failed as often, or more often where Firehose repeats a record",
        of: "SELECT sum(stored + failed) FROM lines",
        differs: `SELECT line, accepted, stored, failed FROM lines
                  WHERE stored + failed < accepted OR stored + failed > 2 * accepted OR (stored > 0 AND broken)`,
    },
    {
        what: "counters are the number of events of the objects",
        of: "SELECT count(*) FROM counters",
        differs: `SELECT * FROM (SELECT name, timestamp, count FROM counters WHERE count <> 0) FULL JOIN (
                      SELECT device_id AS name, strftime(date_trunc('hour', sent_at), '%Y-%m-%dT%H:%M:%SZ') AS timestamp,
                             count(*) AS events FROM raw GROUP BY ALL
                  ) USING (name, timestamp) WHERE count IS DISTINCT FROM events`,
    },
    {
        what: "reports of devices are the last states in the objects of their runs",
        of: "SELECT count(*) FROM batteries",
        differs: `SELECT * FROM (SELECT key AS result, * EXCLUDE (key) FROM batteries) AS batteries FULL JOIN (
                      SELECT result, device_id, max(sent_at) AS last,
                             list(battery) FILTER (sent_at = latest) AS among FROM (
                          SELECT runs.result, raw.*, max(sent_at) OVER (PARTITION BY runs.result, device_id) AS latest
                          FROM raw JOIN accounts ON accounts.name = raw.key AND subscriber = 'query/devicebattery'
                          JOIN runs ON runs.name = accounts.executionId
                      ) GROUP BY ALL
                  ) AS expected USING (result, device_id)
                  WHERE sent_at IS DISTINCT FROM last OR list_contains(among, battery) IS DISTINCT FROM true`,
    },
    {
        what: "forecasts are those of the reports of devices",
        of: "SELECT count(*) FROM forecasts",
        differs: `SELECT * FROM (SELECT regexp_extract(key, '[^/]*$') AS name, * EXCLUDE (key) FROM batteries) AS reports
                  FULL JOIN (SELECT regexp_extract(key, '[^/]*$') AS name, * EXCLUDE (key) FROM forecasts) AS forecasts
                  USING (name, device_id, battery)
                  WHERE coalesce(abs(epoch_ms(sent_at) + battery * 864000000 - epoch_ms(empty_at)) > 1, true)`,
    },
    {
        what: "the week's series is that of the reports of devices",
        of: "SELECT count(*) FROM week",
        differs: `SELECT * FROM week FULL JOIN (
                      SELECT date_trunc('hour', sent_at) AS hour, avg(battery) AS average FROM batteries GROUP BY 1
                  ) USING (hour) WHERE coalesce(abs(battery - average) > 1e-12, true)`,
    },
    {
        what: "the ledger has an outcome for every object and subscriber",
        of: "SELECT count(*) FROM accounts",
        differs: `SELECT key, expected.subscriber, outcome, state FROM (
                      SELECT key, unnest(['query/devicebattery', 'rollup/pings']) AS subscriber FROM raw_files UNION ALL
                      SELECT key, unnest(['query/batteryweek', 'processor/forecast']) FROM batteries_files
                  ) AS expected
                  LEFT JOIN accounts ON accounts.name = key AND accounts.subscriber = expected.subscriber
                  LEFT JOIN runs ON runs.name = accounts.executionId
                  WHERE coalesce(outcome <> 'done', true) AND coalesce(state <> 'succeeded', true)`,
    },
    {
        what: "every run has ended, and each result is that of one run",
        of: "SELECT count(*) FROM runs",
        differs: `SELECT name, query, state, result FROM runs WHERE state NOT IN ('succeeded', 'failed') UNION ALL
                  SELECT NULL, NULL, NULL, key FROM batteries_files ANTI JOIN runs ON result = key UNION ALL
                  SELECT min(name), query, state, result FROM runs WHERE query = 'devicebattery' AND state = 'succeeded'
                  GROUP BY ALL HAVING count(*) > 1`,
    },
];

/** How often each line was sent, accepted, stored and kept as failed. */
const lines = `CREATE TABLE lines AS
    SELECT line, bool_or(broken) AS broken, count(*) FILTER (place = 'sent') AS sent,
           count(*) FILTER (place = 'accepted') AS accepted, count(*) FILTER (place = 'stored') AS stored,
           count(*) FILTER (place = 'failed') AS failed
    FROM (
        SELECT 'sent' AS place, coalesce(id, broken) AS line, broken IS NOT NULL AS broken FROM sent UNION ALL
        SELECT 'accepted', coalesce(id, broken), broken IS NOT NULL FROM accepted UNION ALL
        SELECT 'failed', coalesce(id, broken), broken IS NOT NULL FROM failed UNION ALL
        SELECT 'stored', event_id, false FROM raw
    ) GROUP BY line`;

/** Holds everything against everything. */
export async function check(lake: Lake): Promise<Check[]> {
    await lake.rows(lines);
    const found: Check[] = [];
    for (const { what, of, differs } of checks) {
        const differences = await lake.number(`SELECT count(*) FROM (${differs})`);
        const examples = differences === 0 ? [] : await lake.rows(`SELECT * FROM (${differs}) LIMIT 3`);
        found.push({ what, of: await lake.number(of), differences, examples });
    }
    return found;
}

/** Where every accepted line is. */
export interface Books {
    sent: number;
    /** Stored twice since their sender heard of no success. */
    repeatedBySenders: number;
    accepted: number;
    /** Written twice by Firehose, or kept twice in the failed store. */
    repeatedByFirehose: number;
    /** Events that are stored, each once. */
    delivered: number;
    /** Stored lines whose event is stored already. */
    duplicates: number;
    /** Lines in the failed store: broken ones, and those of batches that could not be transformed. */
    broken: number;
    untransformed: number;
    /** Accepted, and nowhere; or somewhere, and not accepted. */
    unaccounted: number;
}

/** The balance: accepted + repeated = delivered + duplicates + failed. */
export async function balance(lake: Lake): Promise<Books> {
    const [books] = await lake.rows(`
        SELECT sum(sent) AS sent, sum(accepted - sent) AS repeatedBySenders, sum(accepted) AS accepted,
               sum(greatest(stored + failed - accepted, 0)) AS repeatedByFirehose,
               count(*) FILTER (stored > 0) AS delivered, sum(greatest(stored - 1, 0)) AS duplicates,
               sum(failed) FILTER (broken) AS broken, coalesce(sum(failed) FILTER (NOT broken), 0) AS untransformed,
               sum(greatest(accepted - stored - failed, 0)) AS unaccounted
        FROM lines`);
    return Object.fromEntries(Object.entries(books!).map(([name, value]) => [name, Number(value)])) as unknown as Books;
}
