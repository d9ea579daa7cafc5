const allow = (Action: string[]) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource: "*" }],
});

const logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const messages = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const traces = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
const sampling = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:GetSamplingStatisticSummaries"];

/** Policies of AWS's own that functions' roles are usually given, by ARN. */
export const managedPolicies: Record<string, object> = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": allow(logs),
    "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole": allow([...messages, ...logs]),
    "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess": allow([...traces, ...sampling]),
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess": allow(["s3:Get*", "s3:List*", "s3:Describe*"]),
    "arn:aws:iam::aws:policy/AmazonS3FullAccess": allow(["s3:*"]),
    "arn:aws:iam::aws:policy/AdministratorAccess": allow(["*"]),
};
