import { type IotSql, parseIotSql } from "../../../plan";
import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { refuseOthers } from "../refusal";
import { checkTemplate } from "./template";

/** A topic rule as far as it is modelled. */
export interface Rule {
    name: string;
    /** Logical name in the program. */
    logicalName: string;
    sql: IotSql;
    firehoses: FirehoseAction[];
    /** Where messages go that an action refused. */
    errors?: ErrorAction;
}

/** An object for each message, or an SQS message. */
export type ErrorAction = { bucket: string; key: string } | { queueUrl: string; useBase64: boolean };

export interface FirehoseAction {
    stream: string;
    batchMode: boolean;
    /** Ends every record. */
    separator: string;
}

interface FirehoseInputs {
    deliveryStreamName: string;
    batchMode?: boolean;
    separator?: string;
}

interface ErrorInputs {
    s3?: { bucketName: string; key: string };
    sqs?: { queueUrl: string; useBase64: boolean };
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
        logicalName,
        sql: parseIotSql(String(inputs.sql)),
        firehoses: ((inputs.firehoses ?? []) as FirehoseInputs[]).map(readFirehose),
        ...(errors && { errors }),
    };
}

function readFirehose(action: FirehoseInputs, index: number): FirehoseAction {
    refuseOthers(`firehoses[${index}].`, action, ["deliveryStreamName", "roleArn", "batchMode", "separator"]);
    const { deliveryStreamName: stream, batchMode = false, separator = "" } = action;
    return { stream, batchMode, separator };
}

function readErrorAction(action: ErrorInputs): ErrorAction | undefined {
    refuseOthers("errorAction.", action, ["s3", "sqs"]);
    if (action.sqs) {
        refuseOthers("errorAction.sqs.", action.sqs, ["queueUrl", "roleArn", "useBase64"]);
        return { queueUrl: action.sqs.queueUrl, useBase64: action.sqs.useBase64 };
    }
    if (!action.s3) return undefined;
    refuseOthers("errorAction.s3.", action.s3, ["bucketName", "key", "roleArn"]);
    checkTemplate(action.s3.key);
    return { bucket: action.s3.bucketName, key: action.s3.key };
}
