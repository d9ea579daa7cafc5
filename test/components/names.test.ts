import { expect } from "chai";
import { databaseName } from "../../components/internal/names";
import { FanOut, GlueTables } from "../../index";
import { recordResources } from "./record";

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
});
