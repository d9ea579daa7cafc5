import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import type * as pulumi from "@pulumi/pulumi";

const hour = 60 * 60;

/** Has a function called every hour, with `{ hourly: true }`. */
export function callHourly(
    name: string,
    { name: functionName, arn }: lambda.Function,
    description: string,
    parent: pulumi.Resource,
): void {
    const rule = new cloudwatch.EventRule(name, { description, scheduleExpression: "rate(1 hour)" }, { parent });
    const permission = new lambda.Permission(
        name,
        {
            function: functionName,
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            sourceArn: rule.arn,
        },
        { parent },
    );
    new cloudwatch.EventTarget(
        name,
        { rule: rule.name, arn, input: JSON.stringify({ hourly: true }) },
        { parent, dependsOn: [permission] },
    );
}

/** What an alarm watches. */
type Metric = Pick<cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions">;

/** An alarm that is on when a metric was above 0 in an hour. */
export function alarmAboveZero(
    name: string,
    alarmDescription: string,
    metric: Metric,
    topicArn: pulumi.Input<string> | undefined,
    parent: pulumi.Resource,
): cloudwatch.MetricAlarm {
    return new cloudwatch.MetricAlarm(
        name,
        {
            alarmDescription,
            ...metric,
            statistic: "Sum",
            period: hour,
            evaluationPeriods: 1,
            comparisonOperator: "GreaterThanThreshold",
            threshold: 0,
            treatMissingData: "notBreaching",
            ...(topicArn && { alarmActions: [topicArn], okActions: [topicArn] }),
        },
        { parent },
    );
}

/** The metric of a function that fails. */
export function errorsOf({ name }: lambda.Function): Metric {
    return { namespace: "AWS/Lambda", metricName: "Errors", dimensions: { FunctionName: name } };
}
