import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { GlueTables, PlanError, type TableArgs, TableFormat, TablePartition } from "../../index";
import { recordResources } from "./record";

describe("GlueTables", () => {
    it("creates a database with a table over Firehose's hour folders", async () => {
        const { inputs } = await recordResources(
            () =>
                tablesOf("lake", [table({ partition: TablePartition.ArrivalHour, since: "2026-03-05" })]).databaseName,
        );

        expect(inputs).to.deep.equal({
            "CatalogDatabase lake": { name: "lake_db" },
            "CatalogTable lake-clicks": {
                name: "clicks",
                databaseName: "lake_db",
                tableType: "EXTERNAL_TABLE",
                partitionKeys: [{ name: "arrival_hour", type: "string" }],
                parameters: {
                    classification: "json",
                    "projection.enabled": "true",
                    "projection.arrival_hour.type": "date",
                    "projection.arrival_hour.format": "yyyy/MM/dd/HH",
                    "projection.arrival_hour.range": "2026/03/05/00,NOW",
                    "projection.arrival_hour.interval": "1",
                    "projection.arrival_hour.interval.unit": "HOURS",
                    "storage.location.template": "s3://bucket/raw/v0/clicks/${arrival_hour}/",
                },
                storageDescriptor: {
                    location: "s3://bucket/raw/v0/clicks/",
                    columns: [
                        { name: "page", type: "string", comment: "its path" },
                        { name: "price", type: "decimal(9,2)" },
                    ],
                    inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
                    outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    serDeInfo: {
                        serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
                        parameters: { "ignore.malformed.json": "false" },
                    },
                },
            },
        });
    });

    it("projects the days of results from the default first day", async () => {
        const { find } = await recordResources(
            () => tablesOf("lake", [table({ partition: TablePartition.RunDate })]).databaseName,
        );

        const { inputs } = find("CatalogTable", "lake-clicks");
        expect(inputs.partitionKeys).to.deep.equal([{ name: "run_date", type: "string" }]);
        expect(inputs.parameters).to.deep.equal({
            classification: "json",
            "projection.enabled": "true",
            "projection.run_date.type": "date",
            "projection.run_date.format": "yyyy-MM-dd",
            "projection.run_date.range": "2026-01-01,NOW",
            "projection.run_date.interval": "1",
            "projection.run_date.interval.unit": "DAYS",
            "storage.location.template": "s3://bucket/raw/v0/clicks/run_date=${run_date}/",
        });
    });

    it("projects Hive's folders from the first day's year, in as many digits as they have", async () => {
        const { find } = await recordResources(
            () => tablesOf("lake", [table({ partition: TablePartition.HiveHour, since: "2025-03-05" })]).databaseName,
        );

        const { inputs } = find("CatalogTable", "lake-clicks");
        expect(inputs.partitionKeys).to.deep.equal([
            { name: "year", type: "string" },
            { name: "month", type: "string" },
            { name: "day", type: "string" },
            { name: "hour", type: "string" },
        ]);
        expect(inputs.parameters).to.deep.equal({
            classification: "json",
            "projection.enabled": "true",
            "projection.year.type": "date",
            "projection.year.format": "yyyy",
            "projection.year.range": "2025,NOW",
            "projection.year.interval": "1",
            "projection.year.interval.unit": "YEARS",
            "projection.month.type": "integer",
            "projection.month.range": "1,12",
            "projection.month.digits": "2",
            "projection.day.type": "integer",
            "projection.day.range": "1,31",
            "projection.day.digits": "2",
            "projection.hour.type": "integer",
            "projection.hour.range": "0,23",
            "projection.hour.digits": "2",
            "storage.location.template":
                "s3://bucket/raw/v0/clicks/year=${year}/month=${month}/day=${day}/hour=${hour}/",
        });
    });

    it("projects Hive's days without hours", async () => {
        const { find } = await recordResources(
            () => tablesOf("lake", [table({ partition: TablePartition.HiveDay })]).databaseName,
        );

        const { inputs } = find("CatalogTable", "lake-clicks");
        expect(inputs.partitionKeys).to.have.length(3);
        expect(inputs.parameters).to.not.have.property("projection.hour.type");
        expect((inputs.parameters as Record<string, string>)["storage.location.template"]).to.equal(
            "s3://bucket/raw/v0/clicks/year=${year}/month=${month}/day=${day}/",
        );
    });

    it("reads Parquet", async () => {
        const { find } = await recordResources(
            () => tablesOf("lake", [table({ format: TableFormat.Parquet })]).databaseName,
        );

        const { parameters, storageDescriptor } = find("CatalogTable", "lake-clicks").inputs;
        expect(parameters).to.deep.equal({ classification: "parquet" });
        expect(storageDescriptor).to.deep.include({
            inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            serDeInfo: {
                serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                parameters: { "serialization.format": "1" },
            },
        });
    });

    it("has no partitions where all objects lie together", async () => {
        const { find } = await recordResources(() => tablesOf("lake", [table()]).databaseName);

        const { inputs } = find("CatalogTable", "lake-clicks");
        expect(inputs.partitionKeys).to.deep.equal([]);
        expect(inputs.parameters).to.deep.equal({ classification: "json" });
    });

    it("says the database's name, and whoever needs it waits for the tables", async () => {
        const { result, find } = await recordResources(() => {
            const { databaseName } = tablesOf("lake", [table()]);
            return new GlueTables("next", { databaseName, bucketName: "bucket", tables: [] }).databaseName;
        });

        expect(result).to.equal("lake_db");
        expect(find("CatalogDatabase", "next").dependencies).to.include("CatalogTable lake-clicks");
    });

    it("says the database's name in previews, too, where new tables have no ids yet", async () => {
        const newResource = ({ inputs }: pulumi.runtime.MockResourceArgs) => ({ id: undefined, state: inputs });
        await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "project", "dev", true);
        let known: string | undefined;

        tablesOf("lake", [table()]).databaseName.apply((name) => {
            known = name;
        });
        await pulumi.runtime.disconnect();

        expect(known).to.equal("lake_db");
    });

    it("refuses wrong tables, all at once and by their place", async () => {
        const wrong = [table(), table({ name: "Clicks", columns: [{ name: "page", type: "text" }] })];

        const failure = await recordResources(() => tablesOf("lake", wrong).databaseName).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.problems.map(({ path }: { path: string }) => path)).to.deep.equal([
            "tables[1].name",
            "tables[1].columns[0].type",
        ]);
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [
            tablesOf("one", [table()], "lake_one").databaseName,
            tablesOf("two", [table()], "lake_two").databaseName,
        ]);

        expect(inputs).to.have.all.keys(
            "CatalogDatabase one",
            "CatalogTable one-clicks",
            "CatalogDatabase two",
            "CatalogTable two-clicks",
        );
    });
});

function tablesOf(name: string, tables: TableArgs[], databaseName = "lake_db") {
    return new GlueTables(name, { databaseName, bucketName: "bucket", tables });
}

function table(args: Partial<TableArgs> = {}): TableArgs {
    return {
        name: "clicks",
        prefix: "raw/v0/clicks/",
        columns: [
            { name: "page", type: "string", comment: "its path" },
            { name: "price", type: "DECIMAL(9, 2)" },
        ],
        ...args,
    };
}
