import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { afterTest } from "./support";

describe("what Athena's statements write", function () {
    this.timeout(120_000);

    it("starts the queries of a pipeline, as what others write does", async () => {
        const local = await LocalPipeline.start({ program: "examples/fleet", at: "2026-11-21T04:30:00Z" });
        afterTest(() => local.stop());
        const bucket = String(local.outputs.bucket);
        const statement = `
            UNLOAD (
                SELECT * FROM (VALUES ('d1', 0.5e0, TIMESTAMP '2026-11-21 04:00:00'), ('d2', 0.25e0, TIMESTAMP '2026-11-21 04:10:00'))
                AS t(device_id, battery, sent_at)
            ) TO 's3://${bucket}/raw/v0/deviceping/2026/11/21/04/' WITH (format = 'JSON')`;

        const state = await run(local, statement, bucket);
        await local.settle();

        expect(state).to.equal("SUCCEEDED");
        const report = await local.report();
        expect(report.failed).to.deep.equal([]);
        expect(report.runs.filter(({ query }) => query === "devicebattery")).to.have.length(1);
        expect((await local.rows("processed/v0/devicebattery/")).map(({ device_id }) => device_id)).to.have.members([
            "d1",
            "d2",
        ]);
    });
});

/** Runs a statement in the workgroup that every account has. */
async function run(local: LocalPipeline, QueryString: string, bucket: string): Promise<string | undefined> {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new AthenaClient({ endpoint: local.endpointUrl, region: "us-east-1", credentials });
    afterTest(() => client.destroy());
    const ResultConfiguration = { OutputLocation: `s3://${bucket}/logs/` };
    const { QueryExecutionId } = await client.send(
        new StartQueryExecutionCommand({ QueryString, ResultConfiguration }),
    );
    for (;;) {
        const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
        const { State, StateChangeReason } = QueryExecution!.Status!;
        if (State === "FAILED") throw new Error(StateChangeReason);
        if (State !== "QUEUED" && State !== "RUNNING") return State;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
