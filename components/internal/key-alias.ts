import * as kms from "@pulumi/aws/kms";
import type { ComponentResource } from "@pulumi/pulumi";
import { claimName } from "./claims";
import { keyAlias } from "./names";

/** Calls a component's key after it: pipelines called `web` and `web-failures` both come to `web-failures`. */
export function createAlias(name: string, key: kms.Key, kind: string, parent: ComponentResource): void {
    const alias = keyAlias(name);
    claimName("key alias", alias, `the ${kind} "${name}"`, "rename one of them, or its pipeline");
    new kms.Alias(`${name}-alias`, { name: alias, targetKeyId: key.keyId }, { parent });
}
