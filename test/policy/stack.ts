import { capture } from "../../local/capture";
import type { ControlledResource } from "../../policy/control";

/** Properties that a test may change as it likes. */
// biome-ignore lint/suspicious/noExplicitAny: a mistake may be of any type
export type Mutable = Record<string, any>;

/** The resources of a program as a policy pack sees them once they are made. */
export async function controlledResources(program: string): Promise<ControlledResource[]> {
    const { resources } = await capture({ program });
    return resources.map(({ type, urn, name, id, outputs }) => ({ type, urn, name, props: { ...outputs, id } }));
}

/** The same resources after a mistake; `of` gives the properties of the first resource of a type, with that name if one is given. */
export function mutated(
    resources: ControlledResource[],
    mistake: (of: (type: string, name?: string) => Mutable, resources: ControlledResource[]) => void,
): ControlledResource[] {
    const copies = structuredClone(resources);
    mistake(of, copies);
    return copies;

    function of(type: string, name?: string): Mutable {
        const found = copies.find(
            (each) => each.type.endsWith(`:${type}`) && (name === undefined || each.name === name),
        );
        if (!found) throw new Error(`there is no ${type} ${name ?? ""}`);
        return found.props;
    }
}

/** Takes the first resource of a type away. */
export function without(type: string, name?: string) {
    return (_: unknown, resources: ControlledResource[]): void => {
        const index = resources.findIndex(
            (each) => each.type.endsWith(`:${type}`) && (name === undefined || each.name === name),
        );
        if (index < 0) throw new Error(`there is no ${type} ${name ?? ""}`);
        resources.splice(index, 1);
    };
}

/** Changes the text of a policy document in the properties of a resource. */
export function reworded(props: Mutable, change: (statements: Mutable[]) => void, key = "policy"): void {
    const document = JSON.parse(props[key]) as { Statement: Mutable[] };
    change(document.Statement);
    props[key] = JSON.stringify(document);
}
