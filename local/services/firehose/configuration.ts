import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { account, region } from "../../runtime";
import { refuseOthers } from "../refusal";
import { checkPrefixes } from "./prefix";

/** When a buffer is full: whichever comes first. */
export interface BufferingHints {
    bytes: number;
    milliseconds: number;
}

/** Where and how objects are written. */
export interface Destination {
    bucket: string;
    /** ARN of the role that writes. */
    role?: string;
    prefix: string;
    errorOutputPrefix?: string;
    timeZone: string;
    buffering: BufferingHints;
    gzip: boolean;
    /** Ends every object's name. */
    extension: string;
}

/** The function that records pass through. */
export interface Transformation {
    lambdaArn: string;
    retries: number;
    buffering: BufferingHints;
}

/** A delivery stream as far as it is modelled. */
export interface StreamConfiguration {
    name: string;
    arn: string;
    /** Logical name in the program. */
    logicalName: string;
    destination: Destination;
    /** Where the records go as they came in. */
    backup?: Destination;
    transformation?: Transformation;
    /** Whether newlines stand between records. */
    delimiter: boolean;
    /** The table that records are converted to Parquet by; absent where they are kept as they are. */
    conversion?: Conversion;
    /** The Kinesis stream that it reads; absent where records are put on it. */
    source?: KinesisSource;
}

/** The Glue table that says how JSON becomes Parquet. */
export interface Conversion {
    databaseName: string;
    tableName: string;
    roleArn: string;
}

/** A Kinesis stream as a source. */
export interface KinesisSource {
    kinesisStreamArn: string;
    roleArn: string;
}

interface S3Inputs {
    bucketArn: string;
    roleArn?: string;
    prefix?: string;
    errorOutputPrefix?: string;
    bufferingSize?: number;
    bufferingInterval?: number;
    compressionFormat?: string;
    customTimeZone?: string;
    fileExtension?: string;
}

interface ExtendedS3Inputs extends S3Inputs {
    dataFormatConversionConfiguration?: ConversionInputs;
    processingConfiguration?: { enabled?: boolean; processors?: Processor[] };
    s3BackupMode?: string;
    s3BackupConfiguration?: S3Inputs;
}

interface ConversionInputs {
    enabled?: boolean;
    inputFormatConfiguration?: { deserializer?: { openXJsonSerDe?: { caseInsensitive?: boolean } } };
    outputFormatConfiguration?: { serializer?: { parquetSerDe?: { compression?: string } } };
    schemaConfiguration?: Conversion;
}

interface Processor {
    type: string;
    parameters?: { parameterName: string; parameterValue: string }[];
}

const megabyte = 1024 * 1024;
/** Inputs that change nothing on this machine: encryption, logs; and who writes. */
const irrelevant = ["roleArn", "kmsKeyArn", "cloudwatchLoggingOptions"];
const s3Inputs = [
    "bucketArn",
    "prefix",
    "errorOutputPrefix",
    "bufferingSize",
    "bufferingInterval",
    "compressionFormat",
];
const extendedInputs = [
    ...["customTimeZone", "fileExtension", "processingConfiguration", "s3BackupMode", "s3BackupConfiguration"],
    "dataFormatConversionConfiguration",
    ...s3Inputs,
    ...irrelevant,
];
const streamInputs = [
    ...["name", "destination", "extendedS3Configuration", "kinesisSourceConfiguration", "serverSideEncryption"],
    ...["tags", "region"],
];

/** Reads the program's delivery streams; what is not modelled is refused by name. */
export function readStreams(program: CapturedProgram): StreamConfiguration[] {
    return ofType(program, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream").map((resource) => {
        try {
            return readStream(resource);
        } catch (error) {
            throw new Error(`delivery stream "${resource.name}": ${(error as Error).message}`);
        }
    });
}

function readStream({ name: logicalName, inputs, outputs }: CapturedResource): StreamConfiguration {
    if (inputs.destination !== "extended_s3") {
        throw new Error(`destination "${inputs.destination}" is not modelled on this machine, only "extended_s3" is`);
    }
    refuseOthers("", inputs, streamInputs);
    const s3 = inputs.extendedS3Configuration as ExtendedS3Inputs;
    refuseOthers("extendedS3Configuration.", s3, extendedInputs);
    const name = String(outputs.name ?? inputs.name ?? logicalName);
    return {
        name,
        logicalName,
        arn: String(outputs.arn ?? `arn:aws:firehose:${region}:${account}:deliverystream/${name}`),
        destination: readDestination(s3),
        backup: readBackup(s3),
        ...readProcessors(s3.processingConfiguration),
        ...readConversion(s3),
        ...readSource(inputs),
    };
}

function readDestination(inputs: ExtendedS3Inputs): Destination {
    const { prefix = "", errorOutputPrefix, customTimeZone: timeZone = "UTC" } = inputs;
    const compression = inputs.compressionFormat ?? "UNCOMPRESSED";
    if (compression !== "GZIP" && compression !== "UNCOMPRESSED") {
        throw new Error(`compressionFormat "${compression}" is not modelled on this machine: use GZIP or UNCOMPRESSED`);
    }
    checkPrefixes(prefix, errorOutputPrefix, timeZone);
    return {
        bucket: inputs.bucketArn.replace(/^arn:[^:]+:s3:::/, ""),
        ...(inputs.roleArn && { role: inputs.roleArn }),
        prefix,
        errorOutputPrefix,
        timeZone,
        buffering: {
            bytes: (inputs.bufferingSize ?? (isConverted(inputs) ? 128 : 5)) * megabyte,
            milliseconds: (inputs.bufferingInterval ?? 300) * 1000,
        },
        gzip: compression === "GZIP",
        extension: inputs.fileExtension || extensionOf(inputs),
    };
}

function extensionOf(inputs: ExtendedS3Inputs): string {
    if (inputs.compressionFormat === "GZIP") return ".gz";
    return isConverted(inputs) ? ".parquet" : "";
}

/** Whether JSON becomes Parquet; a configuration that does not say whether it is on is on. */
function isConverted({ dataFormatConversionConfiguration: conversion }: ExtendedS3Inputs): boolean {
    return conversion !== undefined && conversion.enabled !== false;
}

/** Kinesis keeps and encrypts what Firehose reads from it, so AWS refuses to do it twice. */
function readSource(inputs: Record<string, unknown>): Pick<StreamConfiguration, "source"> {
    const source = inputs.kinesisSourceConfiguration as KinesisSource | undefined;
    if (!source) return {};
    refuseOthers("kinesisSourceConfiguration.", source, ["kinesisStreamArn", "roleArn"]);
    if (!source.kinesisStreamArn) throw new Error("kinesisSourceConfiguration needs a kinesisStreamArn: add it");
    if ((inputs.serverSideEncryption as { enabled?: boolean } | undefined)?.enabled) {
        throw new Error("serverSideEncryption is not for a delivery stream that reads a Kinesis stream: leave it out");
    }
    return { source };
}

/** JSON to Parquet; refuses what AWS refuses beside it, and what is not modelled. */
function readConversion(inputs: ExtendedS3Inputs): Pick<StreamConfiguration, "conversion"> {
    const { dataFormatConversionConfiguration: conversion, compressionFormat = "UNCOMPRESSED", bufferingSize } = inputs;
    if (!conversion || !isConverted(inputs)) return {};
    if (compressionFormat !== "UNCOMPRESSED") {
        throw new Error(`compressionFormat "${compressionFormat}" is not for format conversion: use UNCOMPRESSED`);
    }
    if (bufferingSize !== undefined && bufferingSize < 64) {
        throw new Error(`bufferingSize ${bufferingSize} is too small for format conversion: use at least 64`);
    }
    const path = "dataFormatConversionConfiguration.";
    const { deserializer = {} } = conversion.inputFormatConfiguration ?? {};
    const { serializer = {} } = conversion.outputFormatConfiguration ?? {};
    refuseOthers(`${path}inputFormatConfiguration.deserializer.`, deserializer, ["openXJsonSerDe"]);
    refuseOthers(`${path}outputFormatConfiguration.serializer.`, serializer, ["parquetSerDe"]);
    if (!deserializer.openXJsonSerDe || !serializer.parquetSerDe) {
        throw new Error("dataFormatConversionConfiguration needs an openXJsonSerDe and a parquetSerDe: add them");
    }
    const openX = deserializer.openXJsonSerDe;
    refuseOthers(`${path}inputFormatConfiguration.deserializer.openXJsonSerDe.`, openX, ["caseInsensitive"]);
    if (openX.caseInsensitive !== false) {
        throw new Error(
            "openXJsonSerDe.caseInsensitive is true unless it is set, which lowers the keys of maps, and is not modelled " +
                "on this machine: set it to false",
        );
    }
    const parquet = serializer.parquetSerDe;
    refuseOthers(`${path}outputFormatConfiguration.serializer.parquetSerDe.`, parquet, ["compression"]);
    if ((parquet.compression ?? "SNAPPY") !== "SNAPPY") {
        throw new Error(`the compression "${parquet.compression}" is not modelled on this machine: use SNAPPY`);
    }
    if (!conversion.schemaConfiguration) throw new Error(`${path}schemaConfiguration is missing: name a Glue table`);
    refuseOthers(`${path}schemaConfiguration.`, conversion.schemaConfiguration, [
        ...["databaseName", "tableName", "roleArn", "region", "versionId", "catalogId"],
    ]);
    return { conversion: conversion.schemaConfiguration };
}

function readBackup({ s3BackupMode, s3BackupConfiguration }: ExtendedS3Inputs): Destination | undefined {
    if (s3BackupMode !== "Enabled") return undefined;
    if (!s3BackupConfiguration) throw new Error('s3BackupMode "Enabled" needs an s3BackupConfiguration: add one');
    refuseOthers("extendedS3Configuration.s3BackupConfiguration.", s3BackupConfiguration, [...s3Inputs, ...irrelevant]);
    return readDestination(s3BackupConfiguration);
}

function readProcessors(
    processing: ExtendedS3Inputs["processingConfiguration"],
): Pick<StreamConfiguration, "transformation" | "delimiter"> {
    const result: Pick<StreamConfiguration, "transformation" | "delimiter"> = { delimiter: false };
    for (const processor of processing?.enabled ? (processing.processors ?? []) : []) {
        if (processor.type === "Lambda") {
            if (result.transformation) throw new Error("Firehose takes one Lambda processor: join the functions");
            result.transformation = readTransformation(parametersOf(processor));
        } else if (processor.type === "AppendDelimiterToRecord") {
            checkDelimiter(parametersOf(processor));
            result.delimiter = true;
        } else {
            throw new Error(`the processor "${processor.type}" is not modelled on this machine`);
        }
    }
    return result;
}

function parametersOf({ parameters = [] }: Processor): Record<string, string> {
    return Object.fromEntries(parameters.map(({ parameterName, parameterValue }) => [parameterName, parameterValue]));
}

function readTransformation(parameters: Record<string, string>): Transformation {
    const known = ["LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"];
    refuseOthers("the Lambda processor's ", parameters, known);
    if (!parameters.LambdaArn) throw new Error("the Lambda processor needs the parameter LambdaArn: add it");
    return {
        lambdaArn: parameters.LambdaArn,
        retries: Number(parameters.NumberOfRetries ?? 3),
        buffering: {
            bytes: Number(parameters.BufferSizeInMBs ?? 1) * megabyte,
            milliseconds: Number(parameters.BufferIntervalInSeconds ?? 60) * 1000,
        },
    };
}

function checkDelimiter(parameters: Record<string, string>): void {
    refuseOthers("the AppendDelimiterToRecord processor's ", parameters, ["Delimiter"]);
    if (!["\n", "\\n"].includes(parameters.Delimiter ?? "\n")) {
        throw new Error(`the delimiter "${parameters.Delimiter}" is not modelled on this machine: use "\\n"`);
    }
}
