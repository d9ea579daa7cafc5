import type { AlarmsShape } from "./arguments";
import { checked, inside, type Report } from "./problems";
import { checkObject, checkSwitch, isDeferred } from "./shapes";

/** With a region such as `us-gov-west-1` and an account's twelve digits. */
const topic = /^arn:[^:]+:sns:[a-z]+(-[a-z]+)+-\d+:\d{12}:[^:]+$/;

/** Checks alarms by themselves, and says whether there are any; throws a PlanError that lists all problems. */
export function planAlarms(alarms: AlarmsShape): { enabled: boolean } {
    return checked((report) => ({ enabled: checkAlarms(alarms, "", report) }));
}

/** Checks who is told by alarms; says whether there are any beside those of the reconciliation. */
export function checkAlarms(alarms: AlarmsShape | undefined, path: string, report: Report): boolean {
    if (alarms === undefined || !checkObject(alarms, path, report)) {
        return true;
    }
    const { enabled = true, topicArn } = alarms;
    checkSwitch(enabled, inside(path, "enabled"), report);
    if (topicArn !== undefined && !isDeferred(topicArn) && !topic.test(String(topicArn))) {
        report(
            inside(path, "topicArn"),
            "must be the ARN of an SNS topic, such as `arn:aws:sns:eu-west-1:123456789012:alarms`",
        );
    }
    return enabled;
}
