import * as pulumi from "@pulumi/pulumi";
import { type Account, arnOf } from "./account";

/** A text of a policy, or several; all may be known at deploy time only. */
export type Texts = pulumi.Input<string> | pulumi.Input<string>[];

/** Operator -> condition key -> values. */
export type Condition = Record<string, Record<string, Texts>>;

/** One statement of a policy document. */
export interface Statement {
    Sid?: string;
    Effect: "Allow" | "Deny";
    Principal?: "*" | { Service: string } | { AWS: pulumi.Input<string> };
    Action: string | string[];
    Resource?: Texts;
    Condition?: Condition;
}

/** A policy document as JSON. */
export function policyDocument(...statements: Statement[]): pulumi.Output<string> {
    return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** Lets a role do something; the role is whoever the document is attached to. */
export function allow(Action: string | string[], Resource: Texts, Condition?: Condition): Statement {
    return { Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** Lets an AWS service do something to a resource, as long as the condition holds. */
export function allowService(
    Service: string,
    Action: string | string[],
    Resource: Texts,
    Condition: Condition,
): Statement {
    return { Effect: "Allow", Principal: { Service }, Action, Resource, Condition };
}

/** Trust policy of a role that an AWS service takes on. */
export function trust(Service: string, Condition?: Condition): pulumi.Output<string> {
    return policyDocument({
        Effect: "Allow",
        Principal: { Service },
        Action: "sts:AssumeRole",
        ...(Condition && { Condition }),
    });
}

/** Refuses every call that is not encrypted on its way. */
export function denyPlainHttp(Action: string, Resource: Texts): Statement {
    return {
        Sid: "DenyPlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action,
        Resource,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
}

/** What a bucket's policy needs so that nobody reads or writes it without TLS 1.2 or newer. */
export function tlsOnlyBucket(bucketArn: pulumi.Input<string>): Statement[] {
    const everything = [bucketArn, pulumi.interpolate`${bucketArn}/*`];
    return [
        denyPlainHttp("s3:*", everything),
        {
            Sid: "DenyOldTls",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: everything,
            Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
        },
    ];
}

/** Lets a role read the objects below prefixes of a bucket. */
export function readObjects(bucketArn: pulumi.Input<string>, prefixes: string[]): Statement {
    return allow("s3:GetObject", objects(bucketArn, prefixes));
}

/** Lets a role write objects below prefixes of a bucket, each at once. */
export function putObjects(bucketArn: pulumi.Input<string>, prefixes: string[]): Statement {
    return allow("s3:PutObject", objects(bucketArn, prefixes));
}

/** Lets a role write objects below prefixes of a bucket, in several parts too, which it takes back if one fails. */
export function writeObjects(bucketArn: pulumi.Input<string>, prefixes: string[]): Statement {
    return allow(["s3:PutObject", "s3:AbortMultipartUpload"], objects(bucketArn, prefixes));
}

/** Lets load balancers of an account write their access logs below a prefix; they add the rest of the path themselves. */
export function takeLoadBalancerLogs(
    bucketArn: pulumi.Input<string>,
    prefixes: string[],
    accountId: pulumi.Input<string>,
): Statement {
    return {
        Sid: "TakeLoadBalancerLogs",
        Effect: "Allow",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: prefixes.map((prefix) => pulumi.interpolate`${bucketArn}/${prefix}AWSLogs/${accountId}/*`),
    };
}

/** Lets a role call a function, as Firehose does: it looks at the timeout first. */
export function callFunction(functionArn: pulumi.Input<string>): Statement {
    return allow(["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"], functionArn);
}

/** Policy statement of a key: the account's administrators manage it, and its roles' policies say who uses it. */
export function accountKey({ partition, id }: Account): Statement {
    const root = pulumi.interpolate`arn:${partition}:iam::${id}:root`;
    return { Sid: "Administer", Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" };
}

/** Lets a role publish on a topic that is encrypted with the key. */
export function publishEncrypted(topicArn: pulumi.Input<string>, keyArn: pulumi.Input<string>): Statement[] {
    return [
        allow("sns:Publish", topicArn),
        allow(["kms:GenerateDataKey*", "kms:Decrypt"], keyArn, {
            StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": topicArn },
        }),
    ];
}

/** Lets a role do these things to the rows of a table, in transactions too. */
export function useTable(account: Account, tableName: pulumi.Input<string>, actions: string[]): Statement {
    const table = arnOf(account, "dynamodb", pulumi.interpolate`table/${tableName}`);
    return allow(
        actions.map((action) => `dynamodb:${action}`),
        table,
    );
}

/** Lets a role put records on a delivery stream. */
export function putRecords(streamArn: pulumi.Input<string>): Statement {
    return allow(["firehose:PutRecord", "firehose:PutRecordBatch"], streamArn);
}

/** Lets a role put records on Kinesis streams. */
export function putKinesisRecords(streamArns: Texts): Statement {
    return allow(["kinesis:PutRecord", "kinesis:PutRecords"], streamArns);
}

/** Lets a role ask what Kinesis streams are like. */
export function describeKinesisStreams(streamArns: Texts): Statement {
    return allow("kinesis:DescribeStreamSummary", streamArns);
}

/** Lets a role read a Kinesis stream, also one that is encrypted with a key of `keyArns`. */
export function readKinesisRecords(streamArn: pulumi.Input<string>, keyArns: pulumi.Input<string>): Statement[] {
    return [
        allow(
            ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"],
            streamArn,
        ),
        allow("kms:Decrypt", keyArns, { StringEquals: { "kms:EncryptionContext:aws:kinesis:arn": streamArn } }),
    ];
}

function objects(bucketArn: pulumi.Input<string>, prefixes: string[]): pulumi.Output<string>[] {
    return prefixes.map((prefix) => pulumi.interpolate`${bucketArn}/${prefix}*`);
}
