/**
 * The mapping templates, in API Gateway's Velocity: between the API's requests and answers and Kinesis's. A template sets
 * the status and each header once at most, as API Gateway demands. `${…}` fills in what is known at deploy time: ARNs and
 * ingests' names, whose characters mean nothing to Velocity or JSON.
 */

/**
 * `?partitionKey=…`; escaped for JSON, which knows no escaped apostrophe. Requests without one are spread over the shards.
 */
const partitionKey = `#set($given = $util.escapeJavaScript($input.params('partitionKey')).replaceAll("\\\\'", "'"))`;

/** One record of the body as it was sent, digit for digit, on one line: `normalize` reads a record's lines. */
export function putRecordRequest(streamArn: string): string {
    return `${partitionKey}
#if("$!given" == "")#set($given = $context.requestId)#end
{
    "StreamARN": "${streamArn}",
    "PartitionKey": "$given",
    "Data": "$util.base64Encode($input.body.replaceAll("[\\r\\n]", " "))"
}`;
}

/** A record for each event of the body's array. */
export function putRecordsRequest(streamArn: string): string {
    return `${partitionKey}
{
    "StreamARN": "${streamArn}",
    "Records": [
#foreach($event in $input.path('$'))
        {
            "PartitionKey": #if("$!given" == "")"$context.requestId/$foreach.index"#else"$given"#end,
            "Data": "$util.base64Encode($input.json("$[$foreach.index]"))"
        }#if($foreach.hasNext),#end

#end
    ]
}`;
}

/** What Kinesis is asked of a stream. */
export function describeRequest(streamArn: string): string {
    return `{"StreamARN": "${streamArn}"}`;
}

/** Where the record lies, or why it does not. */
export const putRecordResponse = `#set($sequenceNumber = $input.path('$.SequenceNumber'))
#if("$!sequenceNumber" != "")
{"shardId": "$input.path('$.ShardId')", "sequenceNumber": "$sequenceNumber"}
#else
${failure()}
#end`;

/** How many events are stored. Kinesis answers 200 also where it took a part only: then the answer says which to resend. */
export const putRecordsResponse = `#set($failed = $input.path('$.FailedRecordCount'))
#if("$!failed" == "0")
{"stored": $input.path('$.Records').size()}
#elseif("$!failed" != "")
#set($context.responseOverride.status = 503)
#set($comma = "")
{"message": "not all events are stored: send again those that failed", "failed": [#foreach($record in $input.path('$.Records'))
#if("$!record.ErrorCode" != "")
\${comma}{"index": $foreach.index, "error": "$record.ErrorCode"}#set($comma = ", ")
#end
#end]}
#else
${failure()}
#end`;

/** What a stream is like, under the ingest's name. */
export function describeResponse(name: string): string {
    return `#set($stream = $input.path('$.StreamDescriptionSummary'))
#if("$!stream.StreamStatus" != "")
{
    "name": "${name}",
    "status": "$stream.StreamStatus",
    "mode": "$stream.StreamModeDetails.StreamMode",
    "openShards": $stream.OpenShardCount,
    "retentionHours": $stream.RetentionPeriodHours,
    "encryption": "$stream.EncryptionType"
}
#else
${failure()}
#end`;
}

/** The ingests' names. */
export function listResponse(names: string[]): string {
    return JSON.stringify({ streams: names });
}

/** Gives the answer of a mock integration this status. */
export function mockRequest(status: number): string {
    return JSON.stringify({ statusCode: status });
}

/** Kinesis's errors in the API's own words: its messages name streams and accounts. */
function failure(): string {
    return `#set($error = $input.path('$.__type'))
#set($error = "$!error")
#if($error.contains("Throughput") || $error.contains("Throttling") || $error.contains("LimitExceeded"))
#set($context.responseOverride.status = 429)
{"message": "the stream takes no more at the moment: send again later"}
#elseif($error.contains("Validation") || $error.contains("InvalidArgument"))
#set($context.responseOverride.status = 400)
{"message": "Kinesis takes events of at most 1 MiB with their partition key, which has at most 256 characters, and 10 MiB at once"}
#else
#set($context.responseOverride.status = 503)
{"message": "the stream can't be reached: send again later"}
#end`;
}

/** Tells a page of one of the origins that it may read the answer, and others nothing. */
export function corsHeaders(origins: string[], more: Record<string, string> = {}): string {
    if (origins.length === 0) return "";
    const headers = Object.entries(more).map(([name, value]) => setHeader(name, `"${value}"`));
    return `#set($origin = $input.params('Origin'))
#if("$!origin" == "")#set($origin = $input.params('origin'))#end
#if(${origins.map((origin) => `$origin == "${origin}"`).join(" || ")})
${[setHeader("Access-Control-Allow-Origin", "$origin"), ...headers].join("\n")}
#end
${setHeader("Vary", '"Origin"')}
`;
}

function setHeader(name: string, value: string): string {
    return `#set($context.responseOverride.header.${name} = ${value})`;
}
