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

/** The prefixes of all tables but those that delivery streams fill: the program's reports. */
export function reportPrefixes(program: CapturedProgram): string[] {
    const ingested = ofType(program, streamType).map(prefixOf);
    const prefixes = tablesOf(program).map(({ prefix }) => prefix);
    return [...new Set(prefixes)].filter((prefix) => !ingested.includes(prefix)).sort();
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

interface Table {
    name: string;
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
        const prefix = /^s3:\/\/[^/]+\/(.*)$/.exec(location)?.[1];
        const parameters = (inputs.parameters ?? {}) as Record<string, string>;
        const range = parameters["projection.arrival_hour.range"] ?? parameters["projection.year.range"];
        return prefix === undefined ? [] : [{ name: String(outputs.name), prefix, columns, range }];
    });
}

/** The part of a delivery stream's prefix before its expressions. */
export function prefixOf({ inputs }: CapturedResource): string {
    const { prefix = "" } = inputs.extendedS3Configuration as { prefix?: string };
    return prefix.split("!{")[0]!;
}
