import {
    AthenaClient,
    CreatePreparedStatementCommand,
    DeletePreparedStatementCommand,
    GetPreparedStatementCommand,
    ListPreparedStatementsCommand,
    UpdatePreparedStatementCommand,
} from "@aws-sdk/client-athena";
import { expect } from "chai";
import { Athena } from "../../local/services/athena";
import { Glue } from "../../local/services/glue";
import { S3 } from "../../local/services/s3";
import { lake } from "./athena-support";
import { afterTest, start, testRuntime, testServer } from "./support";

describe("Prepared statements", () => {
    it("run with values behind USING, or with an execution's parameters", async () => {
        const { result } = await lake();
        expect(await result("PREPARE one FROM SELECT s, i8 FROM clicks WHERE i8 = ? OR s = ?;")).to.equal("");

        const using = await result("EXECUTE one USING -128, 'it''s'");
        const parameters = await result("execute one", ["0", "''"]);

        expect(using).to.equal('"s","i8"\n"ü "" \n","-128"\n');
        expect(parameters).to.equal('"s","i8"\n"",\n');
    });

    it("may be UNLOAD, INSERT and CREATE TABLE AS, too", async () => {
        const { run, result } = await lake();
        await result(
            "PREPARE files FROM UNLOAD (SELECT * FROM clicks WHERE i8 = ?) TO 's3://lake/copy/' WITH (format = 'PARQUET')",
        );

        const { execution } = await run("EXECUTE files USING -128");

        expect(execution).to.deep.include({ SubstatementType: "UNLOAD", Query: "EXECUTE files USING -128" });
        expect(await result("SELECT i8 FROM copy")).to.equal('"i8"\n"-128"\n');
    });

    for (const [what, sql, parameters, reason] of [
        [
            "too few values",
            "EXECUTE one USING 1",
            undefined,
            "INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected 2 but found 1",
        ],
        [
            "values in both places",
            "EXECUTE one USING 1, 'a'",
            ["1", "'a'"],
            "INVALID_PARAMETER_USAGE: EXECUTE takes values behind USING or as parameters, not both",
        ],
        [
            "a parameter that is no literal",
            "EXECUTE one",
            ["1", "i8"],
            "INVALID_PARAMETER_USAGE: Execution parameter 2 is not a literal: i8",
        ],
        [
            "a name that nobody prepared",
            "EXECUTE two USING 1, 'a'",
            undefined,
            "PreparedStatement two was not found in WorkGroup w",
        ],
        [
            "a name of another workgroup",
            "EXECUTE elsewhere",
            undefined,
            "PreparedStatement elsewhere was not found in WorkGroup w",
        ],
        [
            "a name prepared twice",
            "PREPARE one FROM SELECT 1",
            undefined,
            "PreparedStatement one already exists in WorkGroup w",
        ],
        [
            "a name to forget that nobody prepared",
            "DEALLOCATE PREPARE two",
            undefined,
            "PreparedStatement two was not found in WorkGroup w",
        ],
    ] as const) {
        it(`fail of ${what}`, async () => {
            const { run } = await lake();
            await run("PREPARE one FROM SELECT s FROM clicks WHERE i8 = ? OR s = ?");
            await run("PREPARE elsewhere FROM SELECT 1", undefined, { WorkGroup: "free" });

            const failed = await run(sql, parameters && [...parameters]);

            expect(failed.reason).to.equal(reason);
        });
    }

    it("are forgotten by DEALLOCATE", async () => {
        const { run, result } = await lake();
        await result("PREPARE one FROM SELECT 1");

        expect(await result("DEALLOCATE PREPARE one")).to.equal("");

        expect((await run("EXECUTE one")).reason).to.include("PreparedStatement one was not found");
        expect(await result("PREPARE one FROM SELECT 2 AS n")).to.equal("");
        expect(await result("EXECUTE one")).to.equal('"n"\n"2"\n');
    });

    it("are made, read, listed, changed and forgotten through the API", async () => {
        const { client } = await api();
        const WorkGroup = "primary";
        const StatementName = "daily";
        const list = async (MaxResults?: number, NextToken?: string) =>
            await client.send(new ListPreparedStatementsCommand({ WorkGroup, MaxResults, NextToken }));

        await client.send(
            new CreatePreparedStatementCommand({
                WorkGroup,
                StatementName,
                QueryStatement: "SELECT ?",
                Description: "a day",
            }),
        );
        await client.send(
            new CreatePreparedStatementCommand({ WorkGroup, StatementName: "hourly", QueryStatement: "SELECT 1" }),
        );
        const { PreparedStatement: first } = await client.send(
            new GetPreparedStatementCommand({ WorkGroup, StatementName }),
        );
        await client.send(new UpdatePreparedStatementCommand({ WorkGroup, StatementName, QueryStatement: "SELECT 2" }));
        const { PreparedStatement: second } = await client.send(
            new GetPreparedStatementCommand({ WorkGroup, StatementName }),
        );
        const page = await list(1);
        const rest = await list(1, page.NextToken);
        await client.send(new DeletePreparedStatementCommand({ WorkGroup, StatementName }));

        expect(first).to.deep.equal({
            ...{ StatementName, WorkGroupName: WorkGroup, QueryStatement: "SELECT ?", Description: "a day" },
            LastModifiedTime: new Date(start),
        });
        expect(second).to.include({ QueryStatement: "SELECT 2" });
        expect(page.PreparedStatements).to.deep.equal([{ StatementName, LastModifiedTime: new Date(start) }]);
        expect(rest.PreparedStatements!.map((one) => one.StatementName)).to.deep.equal(["hourly"]);
        expect(rest.NextToken).to.equal(undefined);
        expect((await list()).PreparedStatements).to.have.length(1);
    });

    const wrong: [string, object, string][] = [
        [
            "GetPreparedStatement",
            { StatementName: "x" },
            "ResourceNotFoundException: PreparedStatement x was not found in WorkGroup primary",
        ],
        [
            "UpdatePreparedStatement",
            { StatementName: "x", QueryStatement: "SELECT 1" },
            "ResourceNotFoundException: PreparedStatement x was not found",
        ],
        [
            "DeletePreparedStatement",
            { StatementName: "x" },
            "ResourceNotFoundException: PreparedStatement x was not found",
        ],
        [
            "CreatePreparedStatement",
            { StatementName: "a-b", QueryStatement: "SELECT 1" },
            "InvalidRequestException: 'a-b' is not a name of a prepared statement",
        ],
        ["CreatePreparedStatement", { StatementName: "x" }, "InvalidRequestException: QueryStatement is required"],
        [
            "CreatePreparedStatement",
            { StatementName: "x", QueryStatement: "x".repeat(262_145) },
            "InvalidRequestException: QueryStatement is longer than 262144 bytes",
        ],
        [
            "CreatePreparedStatement",
            { StatementName: "x", QueryStatement: "SELECT FROM" },
            "InvalidRequestException: line 1:8: mismatched input 'FROM'",
        ],
        ["ListPreparedStatements", { MaxResults: 51 }, "InvalidRequestException: MaxResults must be 1 to 50"],
        ["ListPreparedStatements", { WorkGroup: "none" }, "InvalidRequestException: WorkGroup none is not found."],
    ];
    for (const [operation, input, message] of wrong)
        it(`refuse ${operation} of ${JSON.stringify(input).slice(0, 60)}`, async () => {
            const { call } = await lake();

            const { __type, Message } = await call(operation, { WorkGroup: "primary", ...input });

            expect(`${__type}: ${Message}`).to.include(message);
        });
});

async function api() {
    const runtime = testRuntime([]);
    const athena = await Athena.start(runtime, new S3(runtime), new Glue(runtime));
    afterTest(() => athena.stop());
    const { server } = await testServer(runtime, () => [athena]);
    const client = new AthenaClient({
        ...{ endpoint: server.url, region: "eu-west-1" },
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    afterTest(() => client.destroy());
    return { client };
}
