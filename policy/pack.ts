/** The policy pack that `pulumi up --policy-pack node_modules/eventpipeline/policy` starts. */
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./index";

new PolicyPack("eventpipeline", { policies, enforcementLevel: "mandatory" });
