import { expect } from "chai";
import { bucketOf, columnTypesOf, reportPrefixes, streamOf, tableStartOf } from "../../local/lookups";
import { resource, testRuntime } from "./support";

describe("the delivery stream of an ingest", () => {
    it("is none that reads a Kinesis stream, whatever the ingest is called", () => {
        const stream = (name: string, inputs = {}) =>
            resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", name, {
                extendedS3Configuration: {},
                ...inputs,
            });
        const kinesisSourceConfiguration = { kinesisStreamArn: "arn", roleArn: "role" };
        const { program } = testRuntime([
            stream("web-click-kinesis", { kinesisSourceConfiguration }),
            stream("web-kinesis"),
            stream("web-click"),
        ]);

        expect(streamOf(program, "kinesis").name).to.equal("web-kinesis");
        expect(() => streamOf(program, "other")).to.throw(
            'There is no ingest "other": there is `web-kinesis`, `web-click`',
        );
    });

    it("is called after its table where that is missed", () => {
        const { program } = testRuntime([
            resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "web-click", {
                extendedS3Configuration: { prefix: "raw/v0/click/!{timestamp:yyyy}/" },
            }),
            resource("aws:glue/catalogTable:CatalogTable", "click", {
                name: "click",
                storageDescriptor: { location: "s3://lake/raw/v0/click/" },
            }),
        ]);

        expect(() => streamOf(program, "clicks")).to.throw('There is no ingest "clicks": did you mean `click`?');
        expect(() => streamOf(testRuntime().program, "click")).to.throw(
            'There is no ingest "click": the program has none',
        );
    });
});

describe("the first hour of the table that a delivery stream fills", () => {
    const stream = resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "clicks", {
        extendedS3Configuration: { prefix: "raw/!{timestamp:yyyy}/" },
    });
    const table = (parameters: Record<string, string>) =>
        resource("aws:glue/catalogTable:CatalogTable", "clicks", {
            storageDescriptor: { location: "s3://lake/raw/" },
            parameters,
        });

    const starts: [string, Record<string, string>, string | undefined][] = [
        ["an hour", { "projection.arrival_hour.range": "2026/03/05/07,NOW" }, "2026-03-05T07:00:00.000Z"],
        ["a year", { "projection.year.range": "2025,NOW" }, "2025-01-01T00:00:00.000Z"],
        ["nothing", {}, undefined],
    ];
    for (const [what, parameters, start] of starts) {
        it(`is what its projection begins with: ${what}`, () => {
            const { program } = testRuntime([stream, table(parameters)]);

            const found = tableStartOf(program, stream);

            expect(found && new Date(found).toISOString()).to.equal(start);
        });
    }
});

describe("the tables of a program", () => {
    const table = (name: string, location: string) =>
        resource("aws:glue/catalogTable:CatalogTable", name, { storageDescriptor: { location } });
    const policy = (statement: object) =>
        resource("aws:iam/rolePolicy:RolePolicy", "policy", { policy: JSON.stringify({ Statement: statement }) });
    const tables = [table("exports", "s3://theirs/exports/"), table("totals", "s3://lake/reports/totals/")];

    it("are reports but for those that no role may write", () => {
        const write = { Effect: "Allow", Action: ["s3:PutObject"], Resource: "arn:aws:s3:::lake/reports/*" };
        const read = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::theirs/*" };

        expect(reportPrefixes(testRuntime([...tables, policy([write, read])]).program)).to.deep.equal([
            "reports/totals/",
        ]);
        expect(reportPrefixes(testRuntime([...tables, policy({ ...write, Resource: "*" })]).program)).to.have.length(2);
        expect(reportPrefixes(testRuntime(tables).program)).to.have.length(2);
    });

    it("say which bucket an object goes to", () => {
        const { program } = testRuntime(tables);

        expect(bucketOf(program, "exports/a.json")).to.equal("theirs");
        expect(bucketOf(testRuntime(tables.slice(1)).program, "elsewhere/a.json")).to.equal("lake");
        expect(() => bucketOf(program, "elsewhere/a.json")).to.throw(
            "put: elsewhere/a.json lies in no table's bucket for sure, which are theirs, lake: name the bucket",
        );
        expect(() => bucketOf(testRuntime().program, "a.json")).to.throw("which are none: name the bucket");
    });
});

describe("the table that a delivery stream fills", () => {
    for (const prefix of ["raw/", "raw/!{timestamp:yyyy}/", "raw/year=!{timestamp:yyyy}/month=!{timestamp:MM}/"]) {
        it(`lies in the folder before the expressions of ${prefix}, and is no report`, () => {
            const stream = resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "clicks", {
                extendedS3Configuration: { prefix },
            });
            const table = (name: string, location: string) =>
                resource("aws:glue/catalogTable:CatalogTable", name, {
                    storageDescriptor: { location, columns: [{ name: "page", type: "string" }] },
                });
            const { program } = testRuntime([stream, table("a", "s3://lake/raw/"), table("b", "s3://lake/reports/")]);

            expect(columnTypesOf(program, stream)).to.deep.equal({ page: "string" });
            expect(reportPrefixes(program)).to.deep.equal(["reports/"]);
        });
    }
});
