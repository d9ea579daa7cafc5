// #region pack
import { PolicyPack } from "@pulumi/policy";
import { policies } from "eventpipeline/policy";

new PolicyPack("ours", {
    enforcementLevel: "mandatory",
    policies: [
        ...policies,
        {
            name: "queue-tagged",
            description: "A queue says whose it is",
            validateResource: ({ type, props }, reportViolation) => {
                if (type === "aws:sqs/queue:Queue" && !props.tags?.team) reportViolation("has no tag `team`");
            },
        },
    ],
});
// #endregion
