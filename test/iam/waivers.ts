interface Waiver {
    /** A bundled function, a service with a role, or a kind of policy. */
    whose: string;
    action: string;
    why: string;
}

const parts = "takes back the parts of an upload that failed midway";
const athena = "Athena does with the caller's role what the machine's own needs no permission for: ";

/** Actions that are allowed though no run on one machine makes use of them. */
export const waivers: Waiver[] = [
    ...["a processor", "convert-result", "parse-access-log"].map((whose) => ({
        ...{ whose, action: "s3:AbortMultipartUpload" },
        why: `${whose} ${parts}`,
    })),
    ...["compact", "run-query"].flatMap((whose) => [
        { whose, action: "s3:AbortMultipartUpload", why: `${athena}it ${parts}` },
        { whose, action: "glue:GetPartitions", why: `${athena}its documentation asks for it wherever tables are read` },
    ]),
    {
        ...{ whose: "convert-result", action: "s3:GetBucketLocation" },
        why: `${athena}it finds the bucket that it reads results from`,
    },
    {
        ...{ whose: "count-events", action: "dynamodb:DeleteItem" },
        why: "rows of the ledger are joined when an object has been replaced many times",
    },
    {
        ...{ whose: "firehose.amazonaws.com", action: "logs:PutLogEvents" },
        why: "Firehose writes its log only when it can't deliver",
    },
    ...["firehose.amazonaws.com: kms:Decrypt", "apigateway.amazonaws.com: kms:GenerateDataKey"].map((text) => {
        const [whose = "", action = ""] = text.split(": ");
        return { whose, action, why: "for Kinesis streams of others that are encrypted with a key of theirs" };
    }),
    ...["kms:Decrypt", "kms:GenerateDataKey*"].map((action) => ({
        ...{ whose: "policy of, LetAlarmsUse", action },
        why: "there are no alarms on one machine",
    })),
    { whose: "topic policy, TakeAlarms", action: "sns:Publish", why: "there are no alarms on one machine" },
    { whose: "bucket policy, TakeAccessLogs", action: "s3:PutObject", why: "S3 logs no access on one machine" },
];
