/**
 * What the AWS provider takes and gives for a resource type, read from the declarations of @pulumi/aws, which are made from
 * the provider's own schema.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as ts from "typescript";

/** What a value may be. */
type Shape =
    | { kind: "string" | "number" | "boolean" | "archive" | "any" }
    | { kind: "list" | "map"; of: Shape }
    | { kind: "object"; name: string }
    | { kind: "oneOf"; of: Shape[] };

type Fields = Map<string, { shape: Shape; required: boolean }>;

/** A resource type. */
export interface ResourceSchema {
    inputs: Fields;
    /** Everything that the provider tells of it. */
    outputs: string[];
    /** The input that the provider makes up if it is not given. */
    named?: string;
}

/** How Pulumi's engine writes what is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

const root = dirname(require.resolve("@pulumi/aws/package.json"));
const resources = new Map<string, ResourceSchema>();
const objects = new Map<string, Fields>();
let inputTypes: Map<string, ts.InterfaceDeclaration> | undefined;

/** The schema of a type such as `aws:sqs/queue:Queue`. */
export function schemaOf(type: string): ResourceSchema {
    const known = resources.get(type);
    if (known) return known;
    const [, module, name] = /^aws:([^:]+):(.+)$/.exec(type) ?? [];
    if (module === undefined || name === undefined) throw new Error(`${type} is no type of the AWS provider`);
    const { statements } = parse(`${module}.d.ts`);
    const args = statements.filter(ts.isInterfaceDeclaration).find((each) => each.name.text === `${name}Args`);
    const made = statements.filter(ts.isClassDeclaration).find((each) => each.name?.text === name);
    if (!args || !made) throw new Error(`@pulumi/aws declares no ${type}`);
    const inputs = fieldsOf(args);
    const outputs = made.members.filter(ts.isPropertyDeclaration).filter(isReadonly).map(nameOf);
    const named = ["bucket", "name"].find((input) => inputs.get(input)?.required === false && isNamed(name, input));
    const schema = { inputs, outputs, named };
    resources.set(type, schema);
    return schema;
}

/** A bucket is named by `bucket`, everything else by `name`. */
function isNamed(type: string, input: string): boolean {
    return (type === "Bucket") === (input === "bucket");
}

/** What the provider would refuse of these inputs. */
export function problemsOf(type: string, inputs: Record<string, unknown>): string[] {
    return problemsIn(schemaOf(type).inputs, inputs, "");
}

function problemsIn(fields: Fields, values: Record<string, unknown>, path: string): string[] {
    const given = Object.entries(values).filter(([name]) => name !== "__defaults");
    const missing = [...fields].filter(([name, { required }]) => required && (values[name] ?? null) === null);
    return [
        ...missing.map(([name]) => `${path}${name} is required`),
        ...given.flatMap(([name, value]) => {
            const field = fields.get(name);
            return field ? problemsOfValue(field.shape, value, `${path}${name}`) : [`${path}${name} is not known`];
        }),
    ];
}

function problemsOfValue(shape: Shape, value: unknown, path: string): string[] {
    if (value === null || value === unknown) return [];
    switch (shape.kind) {
        case "any":
            return [];
        case "archive":
            return isArchive(value) ? [] : [`${path} is no archive`];
        case "list":
            if (!Array.isArray(value)) return [`${path} is no list`];
            return value.flatMap((each, index) => problemsOfValue(shape.of, each, `${path}[${index}]`));
        case "map":
            if (!isObject(value)) return [`${path} is no map`];
            return Object.entries(value).flatMap(([key, each]) => problemsOfValue(shape.of, each, `${path}.${key}`));
        case "object":
            if (!isObject(value)) return [`${path} is no object`];
            return problemsIn(objectFields(shape.name), value, `${path}.`);
        case "oneOf": {
            const found = shape.of.map((each) => problemsOfValue(each, value, path));
            return found.some((problems) => problems.length === 0) ? [] : found[0]!;
        }
        default:
            return typeof value === shape.kind ? [] : [`${path} is no ${shape.kind}`];
    }
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArchive(value: unknown): boolean {
    return isObject(value) && value[signature] === archiveSignature;
}

/** Whether a value is a file, or an archive of files. */
export function isAsset(value: unknown): boolean {
    return isArchive(value) || (isObject(value) && value[signature] === assetSignature);
}

function parse(file: string): ts.SourceFile {
    return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest);
}

function fieldsOf(declaration: ts.InterfaceDeclaration): Fields {
    const properties = declaration.members.filter(ts.isPropertySignature);
    return new Map(
        properties.map((property) => [
            nameOf(property),
            { shape: shapeOf(property.type!), required: property.questionToken === undefined },
        ]),
    );
}

function objectFields(name: string): Fields {
    const known = objects.get(name);
    if (known) return known;
    inputTypes ??= new Map(parse("types/input.d.ts").statements.flatMap((each) => interfacesIn(each, "")));
    const declaration = inputTypes.get(name);
    if (!declaration) throw new Error(`@pulumi/aws declares no input ${name}`);
    const fields = fieldsOf(declaration);
    objects.set(name, fields);
    return fields;
}

function interfacesIn(statement: ts.Statement, prefix: string): [string, ts.InterfaceDeclaration][] {
    if (ts.isInterfaceDeclaration(statement)) return [[`${prefix}${statement.name.text}`, statement]];
    if (!ts.isModuleDeclaration(statement) || !statement.body || !ts.isModuleBlock(statement.body)) return [];
    const inner = `${prefix}${statement.name.text}.`;
    return statement.body.statements.flatMap((each) => interfacesIn(each, inner));
}

function shapeOf(type: ts.TypeNode): Shape {
    if (ts.isArrayTypeNode(type)) return { kind: "list", of: shapeOf(type.elementType) };
    if (ts.isUnionTypeNode(type)) return unionOf(type.types);
    if (ts.isTypeLiteralNode(type)) return mapOf(type);
    if (ts.isTypeReferenceNode(type)) return referenceOf(type);
    switch (type.kind) {
        case ts.SyntaxKind.StringKeyword:
            return { kind: "string" };
        case ts.SyntaxKind.NumberKeyword:
            return { kind: "number" };
        case ts.SyntaxKind.BooleanKeyword:
            return { kind: "boolean" };
        default:
            return { kind: "any" };
    }
}

function unionOf(types: readonly ts.TypeNode[]): Shape {
    const shapes = types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword).map(shapeOf);
    return shapes.length === 1 ? shapes[0]! : { kind: "oneOf", of: shapes };
}

function mapOf(type: ts.TypeLiteralNode): Shape {
    const signature = type.members.find(ts.isIndexSignatureDeclaration);
    return signature ? { kind: "map", of: shapeOf(signature.type) } : { kind: "any" };
}

/** `pulumi.Input<…>`, `inputs.<module>.<Name>`, `enums.…`, an archive, or a resource that stands for its id. */
function referenceOf({ typeName, typeArguments }: ts.TypeReferenceNode): Shape {
    const name = nameOfEntity(typeName);
    if (name === "pulumi.Input") return shapeOf(typeArguments![0]!);
    if (name.startsWith("inputs.")) return { kind: "object", name: name.slice("inputs.".length) };
    if (name.endsWith("asset.Archive")) return { kind: "archive" };
    return name.startsWith("enums.") || !name.includes(".") ? { kind: "string" } : { kind: "any" };
}

function nameOfEntity(name: ts.EntityName): string {
    return ts.isIdentifier(name) ? name.text : `${nameOfEntity(name.left)}.${name.right.text}`;
}

function nameOf({ name }: ts.PropertySignature | ts.PropertyDeclaration): string {
    if (!ts.isIdentifier(name) && !ts.isStringLiteral(name)) throw new Error("a property is named by an expression");
    return name.text;
}

function isReadonly(property: ts.PropertyDeclaration): boolean {
    const kinds = property.modifiers?.map(({ kind }) => kind) ?? [];
    return kinds.includes(ts.SyntaxKind.ReadonlyKeyword) && !kinds.includes(ts.SyntaxKind.StaticKeyword);
}
