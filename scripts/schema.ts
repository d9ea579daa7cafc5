import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ComponentProvider, getPulumiComponents } from "@pulumi/pulumi/provider/experimental/provider";
import * as eventpipeline from "../index";

/** What is read of a Pulumi schema here. */
export interface Schema {
    name: string;
    version: string;
    resources: Record<string, Component>;
    types: Record<string, { enum?: { value: string }[]; properties?: Properties; required?: string[] }>;
}

export interface Component {
    inputProperties: Properties;
    requiredInputs: string[];
    properties: Properties;
    required: string[];
}

export interface Properties {
    [name: string]: { description?: string };
}

const root = join(__dirname, "..");
const prefix = "eventpipeline:index:";
/** Go makes a type `QueryOutput` of every type `Query`. */
const otherNames: Record<string, string> = { QueryOutputArgs: "QueryResult", ProcessorOutputArgs: "ProcessorResult" };

/** The file that SDKs of other languages are generated from. */
export const schemaFile = join(root, "schema.json");

/** What Pulumi derives from the sources: every component. */
export async function readSchema(): Promise<Schema> {
    const provider = new ComponentProvider({
        components: getPulumiComponents(eventpipeline) as ConstructorParameters<
            typeof ComponentProvider
        >[0]["components"],
        dirname: root,
        name: "eventpipeline",
    });
    return JSON.parse(await provider.getSchema());
}

/**
 * The schema of `EventPipeline` and its types alone. Types lose the `Args` of their TypeScript names, which generators put
 * behind them themselves: what Pulumi's makes of the whole schema is no Go that compiles.
 */
export function sdkSchema(schema: Schema): Schema {
    const token = `${prefix}EventPipeline`;
    const resources = { [token]: schema.resources[token]! };
    const reached = reachedFrom(resources, schema.types);
    const types = Object.fromEntries(Object.entries(schema.types).filter(([type]) => reached.has(type)));
    const text = [...reached].reduce(
        (text, type) => text.replaceAll(`${type}"`, `${prefix}${renamed(type.slice(prefix.length))}"`),
        JSON.stringify({ ...schema, resources, types }),
    );
    return JSON.parse(text);
}

function reachedFrom(start: unknown, types: Schema["types"]): Set<string> {
    const reached = new Set<string>();
    visit(start);
    return reached;

    function visit(part: unknown): void {
        for (const [, type] of JSON.stringify(part).matchAll(/"\$ref":"#\/types\/([^"]+)"/g)) {
            if (reached.has(type!)) continue;
            reached.add(type!);
            visit(types[type!]);
        }
    }
}

function renamed(name: string): string {
    return otherNames[name] ?? name.replace(/Args$/, "");
}

if (require.main === module) {
    readSchema().then((schema) => writeFileSync(schemaFile, `${JSON.stringify(sdkSchema(schema), null, 2)}\n`));
}
