import type { CapturedProgram, CapturedResource } from "../../../local/program";
import { type Difference, differenceOf } from "./differences";
import { type Block, type ProviderSchema, terraformName, terraformType } from "./schema";

/** A Terraform configuration in JSON. */
export interface Configuration {
    terraform: object;
    provider: object;
    /** Type → name → arguments. */
    resource: Record<string, Record<string, Arguments>>;
}

type Arguments = Record<string, unknown>;

/** A configuration, and what Pulumi's provider knows and this one does not. */
export interface Translation {
    configuration: Configuration;
    /** Listed differences that were met. */
    met: Difference[];
    /** What has no place in the provider's schema and is not listed: `<type>.<argument>`. */
    unplaced: string[];
}

export const providerVersion = "5.100.0";

export const settings = {
    terraform: { required_providers: { aws: { source: "hashicorp/aws", version: providerVersion } } },
    provider: {
        aws: {
            region: "us-east-1",
            access_key: "none",
            secret_key: "none",
            skip_credentials_validation: true,
            skip_metadata_api_check: true,
            skip_requesting_account_id: true,
        },
    },
};

/** Says in Terraform's words what a program registered. */
export function translate(
    { resources }: Pick<CapturedProgram, "resources">,
    schema: ProviderSchema,
    options: { asIs?: boolean } = {},
): Translation {
    const met = new Set<Difference>();
    const unplaced = new Set<string>();
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const resource: Configuration["resource"] = {};
    for (const each of resources.filter(({ type }) => type.startsWith("aws:"))) {
        const type = terraformType(schema, each.type);
        resource[type] ??= {};
        resource[type][labelOf(each)] = translateResource(each, type);
    }
    return { configuration: { ...settings, resource }, met: [...met], unplaced: [...unplaced].sort() };

    function translateResource(captured: CapturedResource, type: string): Arguments {
        const { block } = schema[type]!;
        const needed = captured.dependencies.flatMap((urn) => byUrn.get(urn) ?? []);
        const { name } = captured;
        const given = translateBlock(captured.inputs, block, type);
        const named = terraformName(block, "name", type);
        return named !== undefined && takesMadeUpName(named)
            ? { ...given, [named]: madeUp(name, captured.type) }
            : given;

        /** Pulumi makes names where the provider wants one, or would make it of a prefix. */
        function takesMadeUpName(named: string): boolean {
            const prefix = `${named}_prefix`;
            const { required } = block.attributes![named]!;
            return (
                given[named] === undefined && given[prefix] === undefined && (required || prefix in block.attributes!)
            );
        }

        function translateBlock(inputs: object, block: Block, path: string): Arguments {
            const entries = Object.entries(inputs).flatMap(([key, value]): [string, unknown][] => {
                if (value === undefined || value === null) return [];
                if (isAsset(value)) return [["filename", "code.zip"]];
                const name = terraformName(block, key, type);
                const difference = options.asIs ? undefined : differenceOf(`${path}.${name ?? key}`, value);
                if (difference) met.add(difference);
                if (difference?.instead !== undefined) return [[name!, difference.instead]];
                if (difference) return [];
                if (name === undefined) {
                    unplaced.add(`${path}.${key}`);
                    return [];
                }
                const nested = block.block_types?.[name];
                if (!nested) return [[name, translateValue(value, block.attributes![name]!.type, `${path}.${name}`)]];
                const blocks = [value].flat() as object[];
                return [[name, blocks.map((each) => translateBlock(each, nested.block, `${path}.${name}`))]];
            });
            return Object.fromEntries(entries);
        }

        function translateValue(value: unknown, type: unknown, path: string): unknown {
            const [kind, members] = Array.isArray(type) ? (type as [string, unknown]) : [];
            if (kind === "list" || kind === "set") {
                // Pulumi has no lists where there is one element at most.
                return [value].flat().map((each) => translateValue(each, members, path));
            }
            if (typeof value === "string") return referenceTo(value, path) ?? literal(value);
            if (typeof value !== "object" || value === null) return value;
            if (kind === "object") return everyMember(value, members as Record<string, unknown>, path);
            const element = kind === "map" ? members : undefined;
            const entries = Object.entries(value).map(([key, each]) => [
                literal(key),
                translateValue(each, element, path),
            ]);
            return Object.fromEntries(entries);
        }

        /** Attributes that are objects need every member. */
        function everyMember(value: object, members: Record<string, unknown>, path: string): Arguments {
            const attributes = Object.fromEntries(Object.entries(members).map(([name, type]) => [name, { type }]));
            const given = translateBlock(value, { attributes }, path);
            return { ...Object.fromEntries(Object.keys(members).map((name) => [name, null])), ...given };
        }

        /** What is another resource's output is said to be that. */
        function referenceTo(value: string, path: string): string | undefined {
            const argument = path.slice(path.lastIndexOf(".") + 1);
            const kind = argument.split("_")[0]!;
            // Several may have one name: the argument says which is meant.
            const others = needed.toSorted(
                (a, b) => +b.type.toLowerCase().includes(kind) - +a.type.toLowerCase().includes(kind),
            );
            for (const attributeOf of [ownAttribute, sharedAttribute]) {
                for (const other of others) {
                    const attribute = attributeOf(other, value, argument);
                    if (attribute) return `\${${terraformType(schema, other.type)}.${labelOf(other)}.${attribute}}`;
                }
            }
            return undefined;
        }

        /** The attribute that has the value because of this resource. */
        function ownAttribute(other: CapturedResource, value: string): string | undefined {
            const { id, inputs, outputs } = other;
            const made = Object.entries({ arn: outputs.arn, id, ...outputs }).filter(
                ([key]) => inputs[key] === undefined || ["arn", "name"].includes(key),
            );
            return attributeWith(other, value, made)[0];
        }

        /** The argument of the same name that this resource was given, such as the name of its stage. */
        function sharedAttribute(other: CapturedResource, value: string, argument: string): string | undefined {
            return attributeWith(other, value, Object.entries(other.inputs)).find((name) => name === argument);
        }

        function attributeWith({ type }: CapturedResource, value: string, among: [string, unknown][]): string[] {
            const ownType = terraformType(schema, type);
            const { attributes } = schema[ownType]!.block;
            return among
                .filter(([, output]) => output === value)
                .flatMap(([key]) => terraformName({ attributes }, key, ownType) ?? []);
        }
    }
}

/** Terraform's name of a resource. */
export function labelOf({ name }: Pick<CapturedResource, "name">): string {
    return name.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^(?=\d)/, "_");
}

/** As Pulumi does where a resource needs a name and the program gives none. */
function madeUp(name: string, type: string): string {
    return `${name}${type.startsWith("aws:iot/") ? "_" : "-"}0a1b2c3`;
}

function isAsset(value: unknown): boolean {
    return typeof value === "object" && value !== null && "asset" in value;
}

/** Terraform reads `${` and `%{` as its own. */
function literal(text: string): string {
    return text.replace(/[$%](?=\{)/g, "$&$&");
}
