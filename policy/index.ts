/** What a stack's policies may be made of: `new PolicyPack("ours", { policies: [...policies, …] })`. */
import type { Policies, ReportViolation } from "@pulumi/policy";
import { bucketControls } from "./buckets";
import { type Control, violationsOf } from "./control";
import { functionControls } from "./functions";
import { messageControls } from "./messages";
import { serviceControls } from "./services";
import { streamControls } from "./streams";

export {
    type Control,
    type ControlledResource,
    type ResourceControl,
    Stack,
    type StackControl,
    type Violation,
    violationsOf,
} from "./control";

/** What the resources of `EventPipeline` keep to, without Pulumi: for tests over resources of one's own. */
export const controls: Control[] = [
    ...bucketControls,
    ...messageControls,
    ...functionControls,
    ...streamControls,
    ...serviceControls,
];

/** The same as policies of a pack. */
export const policies: Policies = controls.map(policyOf);

/** What concerns a single resource is checked before it is made; what concerns several, once all are known. */
function policyOf(control: Control): Policies[number] {
    const { name, description } = control;
    if ("checkStack" in control) {
        return {
            name,
            description,
            validateStack: ({ resources }, report) => reportAll(control, resources, report),
        };
    }
    return { name, description, validateResource: (resource, report) => reportAll(control, [resource], report) };
}

function reportAll(control: Control, resources: Parameters<typeof violationsOf>[1], report: ReportViolation): void {
    for (const { message, urn } of violationsOf(control, resources)) report(message, urn);
}
