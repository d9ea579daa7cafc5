import { relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { deserializeProperties } from "@pulumi/pulumi/runtime/rpc";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

/** A resource as a program registered it. */
export interface RecordedResource {
    type: string;
    name: string;
    /** `<type> <name>` of its parent. */
    parent?: string;
    /** `<type> <name>` of each resource that must exist before it. */
    dependencies: string[];
    /** Resolved; secrets unwrapped, assets as plain objects. */
    inputs: Record<string, unknown>;
    /** Inputs that hold a secret. */
    secrets: string[];
}

/** What a program registered, and what it returned. */
export interface Recording<Result> {
    resources: RecordedResource[];
    /** The one resource of this type (its last part) and name. */
    find(type: string, name: string): RecordedResource;
    /** Inputs of all AWS resources by `<type> <name>`; texts in JSON are parsed, as `json()` has them. */
    inputs: Record<string, Inputs>;
    result: Result;
}

export const account = "123456789012";
export const region = "eu-west-1";
export const project = "project";
export const stack = "dev";

type Inputs = Record<string, unknown>;

/** What AWS adds to the inputs, by type; a type that is not here is unknown. */
const added: Record<string, (name: string, inputs: Inputs) => Inputs> = {
    "aws:apigateway/account:Account": () => ({}),
    "aws:apigateway/apiKey:ApiKey": () => ({}),
    "aws:apigateway/deployment:Deployment": () => ({}),
    "aws:apigateway/integration:Integration": () => ({}),
    "aws:apigateway/integrationResponse:IntegrationResponse": () => ({}),
    "aws:apigateway/method:Method": () => ({}),
    "aws:apigateway/methodResponse:MethodResponse": () => ({}),
    "aws:apigateway/methodSettings:MethodSettings": () => ({}),
    "aws:apigateway/model:Model": () => ({}),
    "aws:apigateway/requestValidator:RequestValidator": () => ({}),
    "aws:apigateway/resource:Resource": () => ({}),
    "aws:apigateway/response:Response": () => ({}),
    "aws:apigateway/restApi:RestApi": (name) => ({ rootResourceId: `${name}-root` }),
    "aws:apigateway/stage:Stage": (_, { restApi, stageName }) => ({
        invokeUrl: `https://${restApi}.execute-api.${region}.amazonaws.com/${stageName}`,
    }),
    "aws:apigateway/usagePlan:UsagePlan": () => ({}),
    "aws:apigateway/usagePlanKey:UsagePlanKey": () => ({}),
    "aws:apigatewayv2/api:Api": (name) => ({
        apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`,
        executionArn: `arn:aws:execute-api:${region}:${account}:${name}`,
    }),
    "aws:apigatewayv2/integration:Integration": () => ({}),
    "aws:apigatewayv2/route:Route": () => ({}),
    "aws:apigatewayv2/stage:Stage": () => ({}),
    "aws:athena/workgroup:Workgroup": (_, { name }) => ({ arn: arn("athena", `workgroup/${name}`) }),
    "aws:cloudwatch/eventRule:EventRule": (name) => ({ name, arn: arn("events", `rule/${name}`) }),
    "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
    "aws:cloudwatch/logGroup:LogGroup": (name) => ({ name, arn: arn("logs", `log-group:${name}`) }),
    "aws:cloudwatch/logStream:LogStream": (_, { logGroupName, name }) => ({
        arn: arn("logs", `log-group:${logGroupName}:log-stream:${name}`),
    }),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (name) => ({ name }),
    "aws:glue/catalogDatabase:CatalogDatabase": () => ({}),
    "aws:glue/catalogTable:CatalogTable": () => ({}),
    "aws:iam/role:Role": (name) => ({ name, arn: `arn:aws:iam::${account}:role/${name}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": () => ({}),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (name) => ({
        name,
        arn: arn("firehose", `deliverystream/${name}`),
    }),
    "aws:iot/topicRule:TopicRule": (name) => ({ name, arn: arn("iot", `rule/${name}`) }),
    "aws:kinesis/stream:Stream": (name) => ({ name, arn: arn("kinesis", `stream/${name}`) }),
    "aws:kms/alias:Alias": () => ({}),
    "aws:kms/key:Key": (name) => ({ keyId: `${name}-key`, arn: arn("kms", `key/${name}-key`) }),
    "aws:lambda/eventSourceMapping:EventSourceMapping": () => ({}),
    "aws:lambda/function:Function": (name) => ({ name, arn: arn("lambda", `function:${name}`) }),
    "aws:lambda/permission:Permission": () => ({}),
    "aws:dynamodb/table:Table": (name) => ({ name, arn: arn("dynamodb", `table/${name}`) }),
    "aws:ec2/securityGroup:SecurityGroup": () => ({}),
    "aws:lb/listener:Listener": () => ({}),
    "aws:lb/loadBalancer:LoadBalancer": (name) => ({
        arn: arn("elasticloadbalancing", `loadbalancer/app/${name}/1`),
        dnsName: `${name}.elb.amazonaws.com`,
        zoneId: "Z1",
    }),
    "aws:s3/bucket:Bucket": (name) => ({ bucket: name, arn: `arn:aws:s3:::${name}` }),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": () => ({}),
    "aws:s3/bucketLogging:BucketLogging": () => ({}),
    "aws:s3/bucketNotification:BucketNotification": () => ({}),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": () => ({}),
    "aws:s3/bucketPolicy:BucketPolicy": () => ({}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": () => ({}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": () => ({}),
    "aws:s3/bucketVersioning:BucketVersioning": () => ({}),
    "aws:sns/topic:Topic": (name) => ({ arn: arn("sns", name) }),
    "aws:sns/topicPolicy:TopicPolicy": () => ({}),
    "aws:sns/topicSubscription:TopicSubscription": () => ({}),
    "aws:sqs/queue:Queue": (name) => ({ arn: arn("sqs", name), url: `https://sqs/${name}` }),
    "aws:sqs/queuePolicy:QueuePolicy": () => ({}),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": () => ({}),
};

/** What AWS answers to a lookup; a bucket is in the region that its name begins with. */
const lookups: Record<string, Inputs | ((inputs: Inputs) => Inputs)> = {
    "aws:ec2/getSubnets:getSubnets": { ids: ["subnet-default-1", "subnet-default-2"] },
    "aws:ec2/getVpc:getVpc": { id: "vpc-default" },
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: account },
    "aws:index/getPartition:getPartition": { partition: "aws" },
    "aws:index/getRegion:getRegion": { region },
    "aws:s3/getBucket:getBucket": ({ bucket }) => ({
        bucketRegion: /^(?:eu|us|ap)-[a-z]+-\d/.exec(String(bucket))?.[0] ?? region,
    }),
};

/**
 * Runs a program that creates resources, waits until nothing is left to register, and returns what was registered.
 * Rejects if anything in the program throws, also while its values become known; if it asks for a type or a lookup that
 * is unknown here; and if two resources have the same URN.
 */
export async function recordResources<Result>(program: () => Result): Promise<Recording<pulumi.Unwrap<Result>>> {
    const { resources, output } = await register(program, false);
    const result = await new Promise<pulumi.Unwrap<Result>>((resolve) => output.apply(resolve));
    return { resources, find, inputs: inputsByName(resources), result };

    function find(type: string, name: string): RecordedResource {
        const found = resources.filter((each) => each.type.endsWith(`:${type}`) && each.name === name);
        if (found.length !== 1) throw new Error(`${found.length} resources ${type} ${name}`);
        return found[0]!;
    }
}

/** The same in a preview, where values may be unknown (`pulumi.unknown`); returns what was registered. */
export async function recordPreview(program: () => unknown): Promise<RecordedResource[]> {
    return (await register(program, true)).resources;
}

async function register<Result>(program: () => Result, preview: boolean) {
    const resources: RecordedResource[] = [];
    const urns = new Set<string>();
    const failures: unknown[] = [];
    await pulumi.runtime.setMocks({ newResource, call }, project, stack, preview);
    watchRegistrations();

    const restore = catchRejections(failures);
    try {
        const output = pulumi.output(program()) as pulumi.Output<pulumi.Unwrap<Result>>;
        await pulumi.runtime.disconnect();
        await setImmediate(); // Node reports rejections that nobody handles one turn later
        if (failures.length > 0) throw failures[0];
        return { resources, output };
    } finally {
        restore();
    }

    async function newResource({ type, name, inputs, custom }: pulumi.runtime.MockResourceArgs) {
        const plain = (await withoutMarkers(inputs)) as Inputs;
        if (!custom) return { id: undefined, state: {} };
        const outputs = added[type];
        if (!outputs) throw new Error(`unknown type ${type}`);
        return {
            id: type === "aws:s3/bucket:Bucket" ? name : `${name}-id`,
            state: { ...inputs, ...outputs(name, plain) },
        };
    }

    function call({ token, inputs }: pulumi.runtime.MockCallArgs) {
        const lookup = lookups[token];
        const result = typeof lookup === "function" ? lookup(inputs) : lookup;
        if (!result) failures.push(new Error(`unknown lookup ${token}`)); // thrown, its message would get lost
        return result ?? {};
    }

    /** The mocks see no parents and no dependencies; what is sent to the engine has them. */
    function watchRegistrations() {
        // biome-ignore lint/suspicious/noExplicitAny: the engine's protocol is generated without types
        const monitor = getMonitor() as any;
        const register = monitor.registerResource.bind(monitor);
        // biome-ignore lint/suspicious/noExplicitAny: as above
        monitor.registerResource = (request: any, callback: (error: unknown, response: any) => void) =>
            // biome-ignore lint/suspicious/noExplicitAny: as above
            register(request, (error: unknown, response: any) => {
                if (error) failures.push(error);
                else void keep(request, response.getUrn());
                callback(error, response);
            });
    }

    // biome-ignore lint/suspicious/noExplicitAny: as above
    async function keep(request: any, urn: string) {
        if (urns.has(urn)) failures.push(new Error(`registered twice: ${urn}`));
        urns.add(urn);
        const [type, name]: [string, string] = [request.getType(), request.getName()];
        const inputs: Inputs = deserializeProperties(request.getObject());
        const parent = shortName(request.getParent());
        resources.push({
            type,
            name,
            ...(parent && { parent }),
            dependencies: [...request.getDependenciesList()].map(shortName).sort(),
            inputs: (await withoutMarkers(inputs)) as Inputs,
            secrets: Object.keys(inputs).filter((key) => isSecret(inputs[key])),
        });
    }
}

function arn(service: string, resource: string): string {
    return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** `aws:sqs/queue:Queue` → `Queue`. */
export function shortType(type: string): string {
    return type.slice(type.lastIndexOf(":") + 1);
}

/** `<type> <name>` of a URN. */
function shortName(urn: string): string {
    const [type, name] = urn.split("::").slice(2);
    return type === undefined ? "" : `${shortType(type)} ${name}`;
}

function inputsByName(resources: RecordedResource[]): Record<string, Inputs> {
    const own = resources.filter(({ type }) => type.startsWith("aws:"));
    const names = own.map(({ type, name }) => `${shortType(type)} ${name}`);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice) throw new Error(`two resources are called ${twice}`);
    return Object.fromEntries(own.map(({ inputs }, index) => [names[index], withParsedTexts(inputs) as Inputs]));
}

/** What a text in JSON is compared with. */
export function json(value: unknown): { json: unknown } {
    return { json: value };
}

/** A policy document as text. */
export function policy(...Statement: unknown[]): { json: unknown } {
    return json({ Version: "2012-10-17", Statement });
}

function withParsedTexts(value: unknown): unknown {
    if (typeof value === "string") return parsedText(value);
    if (Array.isArray(value)) return value.map(withParsedTexts);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withParsedTexts(each)]));
}

function parsedText(text: string): unknown {
    try {
        return /^[{[]/.test(text) ? json(JSON.parse(text)) : text;
    } catch {
        return text; // a template
    }
}

const signature = "4dabf18193072939515e22adb298388d";

function isSecret(value: unknown): value is { value: unknown } {
    return (value as Inputs | undefined)?.[signature] === "1b47061264138c4ac30d75fd1eb44270";
}

/** Values without the marks of secrets, assets as plain objects with paths from here. */
async function withoutMarkers(value: unknown): Promise<unknown> {
    if (isSecret(value)) return withoutMarkers(value.value);
    if (Array.isArray(value)) return Promise.all(value.map(withoutMarkers));
    if (value instanceof pulumi.asset.StringAsset) return { text: await value.text };
    if (value instanceof pulumi.asset.FileAsset) return { file: relative(".", await value.path) };
    if (value instanceof pulumi.asset.FileArchive) return { folder: relative(".", await value.path) };
    if (value instanceof pulumi.asset.AssetArchive) return withoutMarkers(await value.assets);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(async ([key, each]) => [key, await withoutMarkers(each)]);
    return Object.fromEntries(await Promise.all(entries));
}

/** Keeps rejections that nobody handles, instead of ending the process; returns how to undo that. */
function catchRejections(failures: unknown[]): () => void {
    const listeners = process.listeners("unhandledRejection");
    const keepFailure = (reason: unknown) => failures.push(reason);
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", keepFailure);
    return () => {
        process.removeListener("unhandledRejection", keepFailure);
        for (const listener of listeners) process.on("unhandledRejection", listener);
    };
}
