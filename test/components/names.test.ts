import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { databaseName } from "../../components/internal/names";
import { EventPipeline, Failures, FanOut, GlueTables, PlanError } from "../../index";
import { recordPreview, recordResources } from "./record";

describe("names", () => {
    it("have only the characters that the service takes", async () => {
        const { inputs } = await recordResources(() => {
            const bucketName = "bucket";
            new GlueTables("tables", { databaseName: databaseName("My.Fleet-2"), bucketName, tables: [] });
            return new FanOut("My.Fleet", { bucketName, folders: [{ prefix: "raw/" }] }).topicArn;
        });

        expect(inputs["CatalogDatabase tables"]).to.deep.equal({ name: "my_fleet_2_dev" });
        expect(inputs["Alias My.Fleet-alias"]).to.include({ name: "alias/My-Fleet-dev" });
    });

    describe("that come to the same in one program are refused", () => {
        const cases: Record<string, [program: () => unknown, message: string]> = {
            "of two pipelines' databases": [
                () => [pipeline("Web"), pipeline("web")],
                '"Web" and "web" would both create the Glue database `web_dev`: ' +
                    "give one of them another `databaseName`, or a name that differs in its letters and digits",
            ],
            "of a database that was named, and one that was not": [
                () => [pipeline("a", "web_dev"), pipeline("web")],
                '"a" and "web" would both create the Glue database `web_dev`',
            ],
            "of keys": [
                () => [new Failures("web-failures"), new FanOut("web-failures", { bucketName: "bucket", folders: [] })],
                'the Failures "web-failures" and the FanOut "web-failures" would both create the key alias ' +
                    "`alias/web-failures-dev`: rename one of them, or its pipeline",
            ],
        };
        for (const [what, [program, message]] of Object.entries(cases)) {
            for (const [when, record] of [
                ["an update", recordResources],
                ["a preview", recordPreview],
            ] as const) {
                it(`${what}, in ${when}`, async () => {
                    const error: unknown = await record(program).then(nothing, (reason) => reason);

                    expect(error).to.be.instanceOf(PlanError);
                    expect((error as PlanError).message).to.include(message);
                });
            }
        }
    });

    it("are those of one program where each component has a client of its own, at one address", async () => {
        const first = await registeredAt("dns:127.0.0.1:1", "Web");
        const second = await registeredAt("dns:127.0.0.1:1", "web");
        const another = await registeredAt("dns:127.0.0.1:2", "web");

        expect([first, another]).to.deep.equal([undefined, undefined]);
        expect(second).to.include("would both create the Glue database `web_dev`");
    });

    it("may be the same in another program of the same process, and differ where they can", async () => {
        await recordResources(() => pipeline("Web").databaseName);

        const { inputs } = await recordResources(() => [
            pipeline("web").databaseName,
            pipeline("Web", "web_old").databaseName,
            pipeline("web-2", pulumi.output("web_2")).databaseName,
        ]);

        expect(inputs["CatalogDatabase web"]).to.deep.equal({ name: "web_dev" });
        expect(inputs["CatalogDatabase Web"]).to.deep.equal({ name: "web_old" });
    });
});

/** As programs in other languages register: by a new client for each component. */
function registeredAt(address: string, name: string) {
    return recordResources(() => {
        Object.assign(pulumi.runtime.getMonitor()!, { getChannel: () => ({ getTarget: () => address }) });
        return pipeline(name).databaseName;
    }).then(nothing, (error: Error) => error.message);
}

function pipeline(name: string, databaseName?: pulumi.Input<string>): EventPipeline {
    return new EventPipeline(name, {
        databaseName,
        ingest: { click: { columns: [{ name: "page", type: "string" }] } },
    });
}

function nothing(): undefined {}
