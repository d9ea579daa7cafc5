import { AwsError, type AwsResponse } from "../../runtime";

const longestStatement = 262_144;

/** What StartQueryExecution was asked. */
export interface StartInput {
    QueryString: string;
    ClientRequestToken?: string;
    QueryExecutionContext?: { Database?: string; Catalog?: string };
    ResultConfiguration?: { OutputLocation?: string };
    WorkGroup?: string;
    ExecutionParameters?: string[];
}

export function invalid(message: string): AwsError {
    return new AwsError("InvalidRequestException", message);
}

/** Refuses what StartQueryExecution does not take. */
export function checkStart({
    QueryString,
    ClientRequestToken,
    ExecutionParameters,
    QueryExecutionContext,
}: StartInput) {
    checkStatement(QueryString, "QueryString");
    if (ClientRequestToken !== undefined && (ClientRequestToken.length < 32 || ClientRequestToken.length > 128))
        throw invalid("ClientRequestToken must have 32 to 128 characters");
    const wrong = ExecutionParameters?.find((parameter) => parameter.length < 1 || parameter.length > 1024);
    if (wrong !== undefined) throw invalid("Each of ExecutionParameters must have 1 to 1024 characters");
    const catalog = QueryExecutionContext?.Catalog ?? "AwsDataCatalog";
    if (catalog.toLowerCase() !== "awsdatacatalog")
        throw invalid(`the catalog ${catalog} is not modelled on this machine`);
}

/** Refuses an empty statement and one that is too long. */
export function checkStatement(text: unknown, name: string): asserts text is string {
    if (typeof text !== "string" || text.trim() === "") throw invalid(`${name} is required and can't be empty`);
    if (Buffer.byteLength(text) > longestStatement) throw invalid(`${name} is longer than ${longestStatement} bytes`);
}

export function parseInput(body: Buffer): Record<string, unknown> {
    try {
        return JSON.parse(body.toString());
    } catch {
        throw new AwsError("SerializationException", "the request's body is not JSON");
    }
}

export function answer(status: number, body: object): AwsResponse {
    return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}
