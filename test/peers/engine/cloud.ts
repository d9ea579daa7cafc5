/** The account that the provider keeps: nothing but a list, which refuses what AWS would refuse. */
import { createHash } from "node:crypto";
import { createdResource } from "../../../local/aws-resources";
import { rulesOf } from "./replacements";
import { schemaOf } from "./schema";
import type { StoredResource } from "./stack";

export type Properties = Record<string, unknown>;

/** A resource of the account. */
export interface Held {
    type: string;
    urn: string;
    id: string;
    inputs: Properties;
    outputs: Properties;
}

/** An account of AWS without AWS. */
export class Cloud {
    readonly resources: Held[] = [];
    /** ARNs of what others own. */
    readonly foreign = new Set<string>();
    /** Buckets with objects in them. */
    readonly full = new Set<string>();
    /** How many there have been of each URN: a replacement is another resource. */
    readonly #made = new Map<string, number>();
    #creations = 0;
    #failing?: number;

    /** Lets the n-th creation from now on fail, once. */
    failCreation(nth: number): void {
        this.#failing = this.#creations + nth;
    }

    /** Takes what a stack's state says of the account for true. */
    load(stored: StoredResource[]): void {
        for (const { type, urn, id, inputs = {}, outputs = {} } of stored) {
            if (id === undefined || !type.startsWith("aws:")) continue;
            this.#count(urn);
            this.resources.push({ type, urn, id, inputs, outputs });
        }
    }

    find(type: string, id: string): Held | undefined {
        return this.resources.find((each) => each.type === type && each.id === id);
    }

    create(type: string, urn: string, inputs: Properties): Held {
        this.#creations++;
        if (this.#creations === this.#failing) throw new Error("AccessDenied: this creation was to fail");
        this.#refuseTwins(type, inputs);
        this.#refuseDanglingReferences(inputs);
        const held = makeResource(type, urn, inputs, this.#count(urn));
        this.resources.push(held);
        return held;
    }

    update(type: string, id: string, inputs: Properties): Held {
        const held = this.#existing(type, id);
        this.#refuseDanglingReferences(inputs);
        const computed = Object.entries(held.outputs).filter(([name]) => !(name in held.inputs));
        held.outputs = { ...withoutDefaults(inputs), ...Object.fromEntries(computed) };
        held.inputs = inputs;
        return held;
    }

    delete(type: string, id: string): void {
        const held = this.#existing(type, id);
        const { inputs } = held;
        if (inputs.deletionProtectionEnabled || inputs.enableDeletionProtection) {
            throw new Error(`OperationNotPermitted: ${held.urn} is protected from deletion`);
        }
        if (this.full.has(id) && !inputs.forceDestroy) throw new Error(`BucketNotEmpty: ${id} holds objects`);
        const others = this.resources.filter((each) => each !== held && refersTo(each, held));
        if (others.length > 0) throw new Error(`DeleteConflict: ${held.urn} is used by ${others[0]!.urn}`);
        this.resources.splice(this.resources.indexOf(held), 1);
    }

    #count(urn: string): number {
        const nth = (this.#made.get(urn) ?? 0) + 1;
        this.#made.set(urn, nth);
        return nth;
    }

    #existing(type: string, id: string): Held {
        const held = this.find(type, id);
        if (!held) throw new Error(`ResourceNotFound: there is no ${type} ${id}`);
        return held;
    }

    #refuseTwins(type: string, inputs: Properties): void {
        const { identity } = rulesOf(type);
        // What AWS names itself is named after nothing else.
        if (identity.length === 0 || identity.every((input) => inputs[input] === undefined)) return;
        if (identity.includes("targetId") && inputs.targetId === undefined) return;
        if (identity.includes("statementId") && inputs.statementId === undefined) return;
        const key = (values: Properties) => JSON.stringify(identity.map((input) => values[input] ?? null));
        const twin = this.resources.find((each) => each.type === type && key(each.inputs) === key(inputs));
        if (twin) throw new Error(`AlreadyExists: ${twin.urn} is the same as ${key(inputs)}`);
    }

    /** Of this account, a resource must exist before another is told of it. */
    #refuseDanglingReferences(inputs: Properties): void {
        for (const reference of referencesIn(inputs).filter(isOwnArn)) {
            const exists = this.resources.some((each) => handlesOf(each).some((handle) => names(reference, handle)));
            const isForeign = [...this.foreign].some((arn) => names(reference, arn));
            if (!exists && !isForeign) throw new Error(`InvalidParameter: there is no ${reference}`);
        }
    }
}

/** As AWS would make it: `nth` keeps a replacement apart from what it replaces. */
function makeResource(type: string, urn: string, inputs: Properties, nth: number): Held {
    const given = withoutDefaults(inputs);
    const hash = createHash("sha256").update(`${urn} ${nth}`).digest("hex").slice(0, 7);
    const prefix = typeof given.namePrefix === "string" ? given.namePrefix : `${urn.slice(urn.lastIndexOf("::") + 2)}-`;
    const { id, outputs } = createdResource(type, `${urn} ${nth}`, `${prefix}${hash}`, given, "https://aws.example");
    const { outputs: declared } = schemaOf(type);
    const undeclared = Object.keys(outputs).filter((output) => !declared.includes(output));
    if (undeclared.length > 0) throw new Error(`@pulumi/aws declares no ${undeclared.join(", ")} of ${type}`);
    const { identity } = rulesOf(type);
    const place = identity.map((input) => inputs[input]).filter((each) => each !== undefined);
    return { type, urn, id: identity.length > 1 && place.length > 1 ? place.join("/") : id, inputs, outputs };
}

function withoutDefaults({ __defaults, ...inputs }: Properties): Properties {
    return inputs;
}

/** Policies may name what does not exist; so may what is only compared. */
const free = ["policy", "assumeRolePolicy", "sourceArn", "redriveAllowPolicy", "eventPattern"];

function referencesIn(inputs: Properties): string[] {
    return Object.entries(inputs).flatMap(([name, value]) => (free.includes(name) ? [] : textsIn(value)));
}

function textsIn(value: unknown): string[] {
    if (typeof value === "string") return value.startsWith("{") ? (value.match(/arn:aws:[^"]+/g) ?? []) : [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What others know it by: made up by AWS or by Pulumi, so that nothing else is called so. */
function handlesOf({ id, inputs, outputs }: Held): string[] {
    const madeUp = Array.isArray(inputs.__defaults) && inputs.__defaults.length > 0;
    // A target's or a policy's `arn` is that of what it is for.
    const told = ["arn", "url", "executionArn", "invokeArn"].filter((output) => !(output in inputs));
    const handles = told.map((output) => outputs[output]);
    const names = madeUp || id !== outputs.name ? [id, madeUp ? outputs.name : undefined] : [];
    return [...handles, ...names].filter((each): each is string => typeof each === "string" && each.length > 6);
}

function refersTo({ inputs }: Held, to: Held): boolean {
    const handles = handlesOf(to);
    return referencesIn(inputs).some((text) => handles.some((handle) => names(text, handle)));
}

/** Exactly, or with a qualifier or path behind it. */
function names(text: string, handle: string): boolean {
    return text === handle || text.startsWith(`${handle}:`) || text.startsWith(`${handle}/`);
}

function isOwnArn(text: string): boolean {
    return /^arn:aws:[a-z0-9-]+:[a-z0-9-]*:(\d{12}:|:[a-z0-9.-]+$)/.test(text) && !text.startsWith("arn:aws:iam::aws:");
}
