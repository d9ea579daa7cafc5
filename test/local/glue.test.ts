import { expect } from "chai";
import { typeName } from "../../local/athena-sql/types";
import { Glue } from "../../local/services/glue";
import { resource, testRuntime } from "./support";

const database = resource("aws:glue/catalogDatabase:CatalogDatabase", "lake", { name: "lake" });

function table(inputs: Record<string, unknown> = {}, storage: Record<string, unknown> = {}) {
    return resource("aws:glue/catalogTable:CatalogTable", "pings", {
        ...{ name: "pings", databaseName: "lake", tableType: "EXTERNAL_TABLE" },
        storageDescriptor: {
            location: "s3://lake/raw/pings/",
            columns: [
                { name: "Device_ID", type: "string" },
                { name: "sizes", type: "array<decimal(4,1)>" },
            ],
            inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
            serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
            ...storage,
        },
        ...inputs,
    });
}

const serDe = (parameters: Record<string, string>) => ({
    serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe", parameters },
});

const glue = (...tables: ReturnType<typeof table>[]) => new Glue(testRuntime([database, ...tables]));

describe("Glue", () => {
    it("knows the databases and tables that a program registers", () => {
        const catalog = glue(table());

        const { columns, ...rest } = catalog.table("LAKE", "Pings")!;

        expect(rest).to.deep.equal({
            database: "lake",
            name: "pings",
            location: "s3://lake/raw/pings/",
            format: { kind: "json", ignoreMalformed: false },
        });
        expect(columns.map(({ name, type }) => [name, typeName(type)])).to.deep.equal([
            ["device_id", "varchar"],
            ["sizes", "array(decimal(4,1))"],
        ]);
        expect([catalog.hasDatabase("Lake"), catalog.hasDatabase("other")]).to.deep.equal([true, false]);
        expect(catalog.tables("lake")).to.have.length(1);
        expect([catalog.table("lake", "other"), catalog.table("other", "pings")]).to.deep.equal([undefined, undefined]);
    });

    it("reads the SerDe's option for malformed lines", () => {
        expect(
            glue(table({}, serDe({ "ignore.malformed.json": "TRUE", "case.insensitive": "TRUE" }))).table(
                "lake",
                "pings",
            )!.format,
        ).to.deep.equal({ kind: "json", ignoreMalformed: true });
    });

    it("reads partition projection", () => {
        const { columns, partitions } = glue(
            table({
                partitionKeys: [{ name: "arrival_hour", type: "string" }],
                parameters: {
                    ...{ "projection.enabled": "true", "projection.arrival_hour.type": "date" },
                    ...{
                        "projection.arrival_hour.format": "yyyy/MM/dd/HH",
                        "projection.arrival_hour.range": "2026/01/01/00,NOW",
                    },
                    "storage.location.template": "s3://lake/raw/pings/${arrival_hour}/",
                },
            }),
        ).table("lake", "pings")!;

        expect(columns.at(-1)).to.deep.include({ name: "arrival_hour", partition: true });
        expect(partitions!.template).to.equal("s3://lake/raw/pings/${arrival_hour}/");
        expect(partitions!.projections.get("arrival_hour")).to.deep.equal({
            ...{ type: "date", range: "2026/01/01/00,NOW", format: "yyyy/MM/dd/HH" },
            ...{ interval: 1, unit: "HOURS" },
        });
    });

    const refusals: [string, ReturnType<typeof table>, string][] = [
        [
            "a view",
            table({ tableType: "VIRTUAL_VIEW" }),
            "tables of type VIRTUAL_VIEW are not modelled on this machine",
        ],
        [
            "another SerDe",
            table({}, { serDeInfo: { serializationLibrary: "org.example.Csv" } }),
            "the SerDe org.example.Csv is not modelled on this machine",
        ],
        ["no SerDe", table({}, { serDeInfo: undefined }), "the SerDe undefined is not modelled"],
        [
            "another input format",
            table({}, { inputFormat: "org.example.Parquet" }),
            "the input format org.example.Parquet is not modelled",
        ],
        ["no location", table({}, { location: undefined }), "storageDescriptor.location is missing"],
        ["a location elsewhere", table({}, { location: "hdfs://lake/" }), "'hdfs://lake/' is not a location in S3"],
        [
            "partitions of the catalog",
            table({ partitionKeys: [{ name: "day", type: "string" }] }),
            "partitions without partition projection are not modelled",
        ],
        [
            "an unknown type",
            table({}, { columns: [{ name: "x", type: "binary" }] }),
            "column x: columns of type 'binary' are not modelled on this machine",
        ],
        [
            "renamed keys of other columns",
            table({}, serDe({ "mapping.ts": "timestamp" })),
            "the SerDe's parameter mapping.ts = timestamp is not modelled",
        ],
    ];
    for (const [what, refused, message] of refusals)
        it(`refuses ${what}, naming the table`, () => {
            expect(() => glue(refused)).to.throw(`Glue table pings: ${message}`);
        });
});

describe("Glue's formats", () => {
    const columns = [{ name: "a", type: "string" }];
    const formatOf = (library: string, parameters: Record<string, string>, storage = {}, inputs = {}) =>
        glue(table(inputs, { columns, serDeInfo: { serializationLibrary: library, parameters }, ...storage })).table(
            "lake",
            "pings",
        )!.format;
    const csv = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
    const regex = "org.apache.hadoop.hive.serde2.RegexSerDe";

    it("have the SerDes' own defaults", () => {
        expect(formatOf(csv, {})).to.deep.equal({
            ...{ kind: "csv", separator: ",", quote: '"', escape: "\\", headerLines: 0 },
        });
        expect(
            formatOf(
                csv,
                { separatorChar: ";", quoteChar: "'", escapeChar: "^" },
                {},
                { parameters: { "skip.header.line.count": "1" } },
            ),
        ).to.deep.equal({ kind: "csv", separator: ";", quote: "'", escape: "^", headerLines: 1 });
    });

    it("match whole lines by the regular expression of the table", () => {
        const format = formatOf(regex, { "input.regex": "(a+)|b", "serialization.format": "1" });

        expect(format).to.deep.equal({ kind: "regex", pattern: /^(?:(a+)|b)$/su });
    });

    for (const source of ["(?i)a", "\\Qa\\E", "[a-z&&[^b]]", "\\p{Alpha}", "a*+", "(a"])
        it(`refuse ${source}, which JavaScript does not read as Java does`, () => {
            expect(() => formatOf(regex, { "input.regex": source })).to.throw(
                `Glue table pings: the regular expression ${source} is not modelled on this machine`,
            );
        });

    it("refuse types that their SerDe may read in other ways", () => {
        expect(() => formatOf(csv, {}, { columns: [{ name: "a", type: "date" }] })).to.throw(
            `column a: date is not modelled on this machine with ${csv}`,
        );
        expect(() => formatOf(regex, {}, { columns: [{ name: "a", type: "timestamp" }] })).to.throw(
            "column a: timestamp",
        );
    });

    it("refuse what else their SerDe is told", () => {
        expect(() => formatOf(regex, { "input.regex": "a", "input.regex.case.insensitive": "true" })).to.throw(
            "the SerDe's parameter input.regex.case.insensitive = true is not modelled",
        );
    });
});
