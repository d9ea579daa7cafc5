import { expect } from "chai";
import { type AlarmsShape, planAlarms } from "../../plan";
import { columns, ingest, problemsIn, problemsOf, untyped } from "./factories";

const problems = (alarms: unknown) =>
    problemsOf({
        ingest: { ping: ingest({ columns: columns("device string") }) },
        alarms: untyped<AlarmsShape>(alarms),
    });

describe("alarms", () => {
    it("are on unless switched off", () => {
        expect(planAlarms({})).to.deep.equal({ enabled: true });
        expect(planAlarms({ enabled: false })).to.deep.equal({ enabled: false });
    });

    it("take a topic of any partition, or one that is known at deploy time only", () => {
        expect(problems(undefined)).to.deep.equal([]);
        for (const place of ["aws-cn:sns:cn-north-1", "aws-us-gov:sns:us-gov-west-1", "aws-iso:sns:us-iso-east-1"]) {
            expect(problems({ topicArn: `arn:${place}:123456789012:alarms` })).to.deep.equal([]);
        }
        expect(problems({ enabled: false, topicArn: {} })).to.deep.equal([]);
    });

    for (const [what, alarms, expected] of [
        ["no object", true, "alarms: must be an object"],
        ["another switch", { enabled: "off" }, "alarms.enabled: must be true or false"],
        [
            "a topic's name",
            { topicArn: "alarms" },
            "alarms.topicArn: must be the ARN of an SNS topic, such as `arn:aws:sns:eu-west-1:123456789012:alarms`",
        ],
        [
            "a queue",
            { topicArn: "arn:aws:sqs:eu-west-1:123456789012:alarms" },
            "alarms.topicArn: must be the ARN of an SNS topic, such as `arn:aws:sns:eu-west-1:123456789012:alarms`",
        ],
        ...["eu:123456789012", "eu-west:123456789012", "eu-west-1:1", "eu-west-1:12345678901", ":123456789012"].map(
            (place) =>
                [
                    `a topic of ${place}`,
                    { topicArn: `arn:aws:sns:${place}:alarms` },
                    "alarms.topicArn: must be the ARN of an SNS topic, such as `arn:aws:sns:eu-west-1:123456789012:alarms`",
                ] as const,
        ),
    ] as const) {
        it(`refuse ${what}`, () => {
            expect(problems(alarms)).to.deep.equal([expected]);
        });
    }

    it("are refused by themselves, too", () => {
        expect(problemsIn(() => planAlarms({ topicArn: 1 }))).to.have.length(1);
    });
});
