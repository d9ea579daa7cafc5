import { suggestion } from "../plan/suggestion";
import { type CapturedProgram, type CapturedResource, ofType } from "./program";

/** A route of an HTTP API. */
export interface Route {
    /** `ANY` where all methods are answered. */
    method: string;
    url: string;
}

const streamType = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

/**
 * The delivery stream of an ingest: its logical name is the ingest's, or ends with it after a hyphen. One that reads a
 * Kinesis stream takes no records itself.
 */
export function streamOf(program: CapturedProgram, ingest: string): CapturedResource {
    const streams = ofType(program, streamType).filter(({ inputs }) => !inputs.kinesisSourceConfiguration);
    const found =
        streams.find(({ name }) => name === ingest) ?? streams.find(({ name }) => name.endsWith(`-${ingest}`));
    if (found) return found;
    const names = streams.map((stream) => ingestOf(program, stream));
    throw new Error(
        `There is no ingest "${ingest}": ${names.length > 0 ? suggestion(ingest, names) : "the program has none"}`,
    );
}

/** The name of a stream's ingest: its table's, if the stream is called after it. */
function ingestOf(program: CapturedProgram, stream: CapturedResource): string {
    const table = tablesOf(program).find(({ prefix }) => prefix === prefixOf(stream));
    return table && stream.name.endsWith(`-${table.name}`) ? table.name : stream.name;
}

/** Logical name of a DynamoDB table: the name itself, or what ends with it after a hyphen. */
export function tableNamed(program: CapturedProgram, name: string): string {
    const names = ofType(program, "aws:dynamodb/table:Table").map((table) => table.name);
    return names.find((each) => each === name) ?? names.find((each) => each.endsWith(`-${name}`)) ?? name;
}

/** The function of this logical name, or whose name ends with it after a hyphen. */
export function functionNamed(program: CapturedProgram, name: string): CapturedResource {
    const functions = ofType(program, "aws:lambda/function:Function");
    const found =
        functions.find((each) => each.name === name) ?? functions.find((each) => each.name.endsWith(`-${name}`));
    if (found) return found;
    const names = functions.map((each) => each.name);
    throw new Error(
        `There is no function "${name}": ${names.length > 0 ? suggestion(name, names) : "the program has none"}`,
    );
}

/** Types of the columns of the table that a delivery stream fills, by name. */
export function columnTypesOf(program: CapturedProgram, stream: CapturedResource): Record<string, string> {
    const table = tablesOf(program).find(({ prefix }) => prefix === prefixOf(stream));
    return Object.fromEntries(table?.columns.map(({ name, type }) => [name, type]) ?? []);
}

/** When the first hour of the table begins that a delivery stream fills, in milliseconds: queries see nothing earlier. */
export function tableStartOf(program: CapturedProgram, stream: CapturedResource): number | undefined {
    const table = tablesOf(program).find(({ prefix }) => prefix === prefixOf(stream));
    const [, year, month = 1, day = 1, hour = 0] =
        /^(\d{4})(?:\/(\d\d)\/(\d\d)\/(\d\d))?,/.exec(table?.range ?? "") ?? [];
    return year === undefined ? undefined : Date.UTC(+year, +month - 1, +day, +hour);
}

/**
 * The prefixes of the program's reports: of all tables but those that delivery streams fill, and those that no role of
 * the program may write, since others do.
 */
export function reportPrefixes(program: CapturedProgram): string[] {
    const ingested = ofType(program, streamType).map(prefixOf);
    const writable = writableObjects(program);
    const own = tablesOf(program).filter(
        ({ bucket, prefix }) => !writable || writable.test(`arn:aws:s3:::${bucket}/${prefix}object`),
    );
    return [...new Set(own.map(({ prefix }) => prefix))].filter((prefix) => !ingested.includes(prefix)).sort();
}

/** The bucket that an object with this key goes to: that of the table that it lies in, or the only one with tables. */
export function bucketOf(program: CapturedProgram, key: string): string {
    const tables = tablesOf(program);
    const covering = tables.filter(({ prefix }) => key.startsWith(prefix));
    const buckets = new Set((covering.length > 0 ? covering : tables).map(({ bucket }) => bucket));
    const [bucket, ...others] = buckets;
    if (bucket !== undefined && others.length === 0) return bucket;
    const names = [...buckets].join(", ") || "none";
    throw new Error(`put: ${key} lies in no table's bucket for sure, which are ${names}: name the bucket`);
}

/** The routes of all HTTP APIs; `urls` has the APIs' addresses by logical name. */
export function routesOf(program: CapturedProgram, urls: Record<string, string>): Route[] {
    const apis = new Map(ofType(program, "aws:apigatewayv2/api:Api").map(({ id, name }) => [id, name]));
    return ofType(program, "aws:apigatewayv2/route:Route").map(({ inputs }) => {
        const [method, path = ""] = String(inputs.routeKey).split(" ");
        return {
            method: method === "$default" ? "ANY" : method!,
            url: `${urls[apis.get(String(inputs.apiId))!]}${path}`,
        };
    });
}

/** ARNs of the objects that the program's roles may write; undefined where it has no roles with policies of their own. */
function writableObjects(program: CapturedProgram): RegExp | undefined {
    const documents = ofType(program, "aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => String(inputs.policy));
    const statements = documents.flatMap((document) =>
        [JSON.parse(document).Statement as Statement | Statement[]].flat(),
    );
    const resources = statements
        .filter(({ Effect, Action }) => Effect === "Allow" && [Action].flat().some((action) => writes.has(action)))
        .flatMap(({ Resource }) => Resource ?? []);
    const patterns = resources.map((resource) => resource.split("*").map(literally).join(".*"));
    return documents.length > 0 ? new RegExp(`^(?:${patterns.join("|")})$`) : undefined;
}

const writes = new Set<string | undefined>(["s3:PutObject", "s3:Put*", "s3:*", "*"]);

interface Statement {
    Effect: string;
    Action?: string | string[];
    Resource?: string | string[];
}

function literally(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

interface Table {
    name: string;
    bucket: string;
    prefix: string;
    /** Of the hours or years that it covers, if it is partitioned by them. */
    range?: string;
    columns: { name: string; type: string }[];
}

function tablesOf(program: CapturedProgram): Table[] {
    return ofType(program, "aws:glue/catalogTable:CatalogTable").flatMap(({ inputs, outputs }) => {
        const { location = "", columns = [] } = (inputs.storageDescriptor ?? {}) as {
            location?: string;
            columns?: Table["columns"];
        };
        const [, bucket = "", prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
        const parameters = (inputs.parameters ?? {}) as Record<string, string>;
        const range = parameters["projection.arrival_hour.range"] ?? parameters["projection.year.range"];
        return prefix === undefined ? [] : [{ name: String(outputs.name), bucket, prefix, columns, range }];
    });
}

/** The folder that a delivery stream's prefix names before its expressions, such as `raw/` of `raw/year=!{…}/`. */
export function prefixOf({ inputs }: CapturedResource): string {
    const { prefix = "" } = inputs.extendedS3Configuration as { prefix?: string };
    return prefix.replace(/[^/]*!\{.*$/, "");
}
