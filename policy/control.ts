import type { Unwrap } from "@pulumi/pulumi";

/** A resource as a control sees it. */
export interface ControlledResource {
    /** Type token, e.g. `aws:s3/bucket:Bucket`. */
    type: string;
    urn: string;
    name: string;
    /** Its inputs, and of a whole stack its outputs too. */
    props: object;
}

/** Something that must not be so. */
export interface Violation {
    /** What is wrong, and what to do. */
    message: string;
    urn: string;
}

interface Named {
    /** Names it in the pack's configuration. */
    name: string;
    /** What must be so. */
    description: string;
}

/** What each resource of some types must be like, whatever stands beside it. */
export interface ResourceControl extends Named {
    types: string[];
    /** What is wrong with it; nothing if it is as it should be. */
    check(resource: ControlledResource): string | undefined;
}

/** What the resources of a stack must be like together. */
export interface StackControl extends Named {
    checkStack(stack: Stack): Violation[];
}

export type Control = ResourceControl | StackControl;

/** Properties of a resource by the arguments that it was made of, and what AWS added. */
export type Props<Args> = Unwrap<Args> & { id: string; arn: string; name: string; url: string };

/** A resource whose type is known. */
export interface Typed<Args> extends ControlledResource {
    props: Props<Args>;
}

/** All resources of a stack. */
export class Stack {
    constructor(private readonly resources: ControlledResource[]) {}

    ofType<Args>(...types: string[]): Typed<Args>[] {
        return this.resources.filter(({ type }) => types.includes(type)) as Typed<Args>[];
    }
}

/** A control of single resources of a type, or of types that are alike. */
export function each<Args>(
    type: string | string[],
    name: string,
    description: string,
    check: (props: Unwrap<Args>) => string | false | undefined,
): ResourceControl {
    return { name, description, types: [type].flat(), check: ({ props }) => check(props as Unwrap<Args>) || undefined };
}

/** A control that looks at the resources of a type and at what stands beside them. */
export function among<Args>(
    type: string,
    name: string,
    description: string,
    check: (props: Props<Args>, stack: Stack) => string | false | undefined,
): StackControl {
    return {
        name,
        description,
        checkStack: (stack) =>
            stack.ofType<Args>(type).flatMap(({ urn, props }) => {
                const message = check(props, stack);
                return message ? [{ message, urn }] : [];
            }),
    };
}

/** What is wrong with some resources, as the control says. */
export function violationsOf(control: Control, resources: ControlledResource[]): Violation[] {
    if ("checkStack" in control) return control.checkStack(new Stack(resources));
    return resources
        .filter(({ type }) => control.types.includes(type))
        .flatMap((resource) => {
            const message = control.check(resource);
            return message === undefined ? [] : [{ message, urn: resource.urn }];
        });
}
