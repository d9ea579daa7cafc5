import { type IotSql, parseIotSql } from "../../../plan";
import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { refuseOthers } from "../refusal";
import { checkTemplate } from "./template";

/** A topic rule as far as it is modelled. */
export interface Rule {
    name: string;
    arn: string;
    /** Logical name in the program. */
    logicalName: string;
    sql: IotSql;
    firehoses: FirehoseAction[];
    /** Where messages go that an action refused. */
    errors?: ErrorAction;
}

/** An object for each message, or an SQS message. */
export type ErrorAction = { role?: string } & (
    | { bucket: string; key: string }
    | { queueUrl: string; useBase64: boolean }
);

export interface FirehoseAction {
    /** ARN of the role that puts. */
    role?: string;
    stream: string;
    batchMode: boolean;
    /** Ends every record. */
    separator: string;
}

interface FirehoseInputs {
    roleArn?: string;
    deliveryStreamName: string;
    batchMode?: boolean;
    separator?: string;
}

interface ErrorInputs {
    s3?: { bucketName: string; key: string; roleArn?: string };
    sqs?: { queueUrl: string; useBase64: boolean; roleArn?: string };
}

const ruleInputs = [
    "name",
    "enabled",
    "sql",
    "sqlVersion",
    "firehoses",
    "errorAction",
    "description",
    "tags",
    "region",
];
const sqlVersion = "2016-03-23";

/** Reads the program's topic rules, without those that are switched off; what is not modelled is refused by name. */
export function readRules(program: CapturedProgram): Rule[] {
    return ofType(program, "aws:iot/topicRule:TopicRule")
        .filter(({ inputs }) => inputs.enabled === true)
        .map((resource) => {
            try {
                return readRule(resource);
            } catch (error) {
                throw new Error(`topic rule "${resource.name}": ${(error as Error).message}`);
            }
        });
}

function readRule({ name: logicalName, inputs, outputs }: CapturedResource): Rule {
    refuseOthers("", inputs, ruleInputs);
    if (inputs.sqlVersion !== sqlVersion) {
        throw new Error(`sqlVersion "${inputs.sqlVersion}" is not modelled on this machine, only "${sqlVersion}" is`);
    }
    const errors = readErrorAction((inputs.errorAction ?? {}) as ErrorInputs);
    return {
        name: String(outputs.name),
        arn: String(outputs.arn),
        logicalName,
        sql: parseIotSql(String(inputs.sql)),
        firehoses: ((inputs.firehoses ?? []) as FirehoseInputs[]).map(readFirehose),
        ...(errors && { errors }),
    };
}

function readFirehose(action: FirehoseInputs, index: number): FirehoseAction {
    refuseOthers(`firehoses[${index}].`, action, ["deliveryStreamName", "roleArn", "batchMode", "separator"]);
    const { deliveryStreamName: stream, roleArn: role, batchMode = false, separator = "" } = action;
    return { stream, batchMode, separator, ...(role && { role }) };
}

function readErrorAction(action: ErrorInputs): ErrorAction | undefined {
    refuseOthers("errorAction.", action, ["s3", "sqs"]);
    if (action.sqs) {
        refuseOthers("errorAction.sqs.", action.sqs, ["queueUrl", "roleArn", "useBase64"]);
        const { queueUrl, useBase64, roleArn: role } = action.sqs;
        return { queueUrl, useBase64, ...(role && { role }) };
    }
    if (!action.s3) return undefined;
    refuseOthers("errorAction.s3.", action.s3, ["bucketName", "key", "roleArn"]);
    checkTemplate(action.s3.key);
    const { bucketName: bucket, key, roleArn: role } = action.s3;
    return { bucket, key, ...(role && { role }) };
}
