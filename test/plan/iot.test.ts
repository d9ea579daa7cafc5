import { expect } from "chai";
import { columns, ingest, problemsOf, untyped } from "./factories";

const problemsOfIot = (iot: unknown, ...declared: string[]) =>
    problemsOf({
        ingest: { pings: ingest({ iot: untyped(iot), ...(declared.length > 0 && { columns: columns(...declared) }) }) },
    });

describe("an IoT source", () => {
    for (const [title, iot, problem] of [
        ["that is no object", "SELECT * FROM 't'", "iot: must be an object"],
        ["without SQL", {}, "iot.sql: is missing"],
        [
            "with SQL known at deploy time only",
            { sql: Promise.resolve("SELECT * FROM 't'") },
            "iot.sql: must be a plain string, known before deployment",
        ],
        [
            "with an unsupported function",
            { sql: "SELECT upper(device_id) AS device_id FROM 't'" },
            "iot.sql: the function `upper` at character 8 is not supported: there is `topic`, `timestamp`, `clientid`",
        ],
        [
            "that selects what is no column",
            { sql: "SELECT *, device_id, device FROM 't'" },
            "iot.sql: selects `device`, which is no column of the ingest: " +
                "there is `device_id`, `event_id`, `received_at`",
        ],
        [
            "that nearly selects a column",
            { sql: "SELECT topic(2) AS deviceid FROM 'devices/+'" },
            "iot.sql: selects `deviceid`, which is no column of the ingest: did you mean `device_id`?",
        ],
        [
            "that stamps a timestamp with milliseconds",
            { sql: "SELECT timestamp() AS received_at FROM 't'" },
            "iot.sql: selects `timestamp()` as `received_at`, a `timestamp`: declare the column `bigint`",
        ],
        [
            "whose dead-letter queue is an ARN",
            { sql: "SELECT * FROM 't'", deadLetterQueue: "arn:aws:sqs:eu-west-1:123456789012:errors" },
            "iot.deadLetterQueue: must be true or false",
        ],
        [
            "in batch mode, of single events",
            { sql: "SELECT device_id FROM 't'", batchMode: true },
            "iot.batchMode: is true, but the SQL makes one event of each message: write `SELECT *`, or leave it out",
        ],
        [
            "in batch mode, of all fields and one more",
            { sql: "SELECT *, topic() AS device_id FROM 't'", batchMode: true },
            "iot.batchMode: is true, but the SQL makes one event of each message: write `SELECT *`, or leave it out",
        ],
    ] as const) {
        it(`${title}, is refused`, () => {
            expect(problemsOfIot(iot)).to.deep.equal([`ingest.pings.${problem}`]);
        });
    }

    it("whose topic fills a number, is refused", () => {
        expect(
            problemsOfIot({ sql: "SELECT topic(1) AS n, clientid() AS m FROM 't'" }, "n int", "m int"),
        ).to.deep.equal([
            "ingest.pings.iot.sql: selects `topic()` as `n`, a `int`: declare the column `string`",
            "ingest.pings.iot.sql: selects `clientid()` as `m`, a `int`: declare the column `string`",
        ]);
    });

    it("is not held against columns that are wrong themselves", () => {
        expect(problemsOfIot({ sql: "SELECT n FROM 't'" }, "n integer")).to.deep.equal([
            "ingest.pings.columns[0].type: unknown type `integer`: did you mean `int`?",
        ]);
    });

    for (const [title, iot] of [
        ["of whole payloads", { sql: "SELECT * FROM 'devices/+/ping'" }],
        ["in batch mode", { sql: "SELECT * FROM 'devices/+/ping' WHERE topic(2) <> 'test'", batchMode: true }],
        ["in a mode known at deploy time", { sql: "SELECT device_id FROM 't'", batchMode: Promise.resolve(true) }],
        ["of columns", { sql: "SELECT topic(2) AS device_id, clientid() AS event_id, timestamp() AS at FROM 'd/#'" }],
    ] as const) {
        it(`${title}, is accepted`, () => {
            expect(problemsOfIot(iot, "device_id string", "at bigint")).to.deep.equal([]);
        });
    }
});
