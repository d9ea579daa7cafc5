import { createHash } from "node:crypto";
import { writePolicy } from "./iam/write-policy";
import type { CapturedResource } from "./program";
import { account, region } from "./runtime";

/** What the provider adds to a resource of one type. */
interface ResourceType {
    /** Input that names it. @default "name" */
    nameInput?: string;
    /** Longest name that the service takes. */
    nameLength?: number;
    /** `inert`: it changes nothing on this machine. */
    role: "modelled" | "inert";
    /** The outputs, and its id as `id`. */
    outputs?(resource: NamedResource): Record<string, unknown>;
}

interface NamedResource {
    name: string;
    inputs: Record<string, unknown>;
    /** Differs between resources. */
    hash: string;
    /** The loopback server, which addresses of services point to. */
    endpointUrl: string;
}

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const globalArn = (service: string, resource: string) => `arn:aws:${service}::${account}:${resource}`;

const bucketOutputs = (name: string, bucketRegion: string) => ({
    id: name,
    bucket: name,
    arn: `arn:aws:s3:::${name}`,
    bucketDomainName: `${name}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${name}.s3.${bucketRegion}.amazonaws.com`,
    region: bucketRegion,
});

const bucketType = "aws:s3/bucket:Bucket";

const inert: ResourceType = { role: "inert" };

/** Every type that a program may register here; others are refused. */
const types: Record<string, ResourceType> = {
    [bucketType]: {
        role: "modelled",
        nameInput: "bucket",
        nameLength: 63,
        outputs: ({ name, inputs }) => bucketOutputs(name, String(inputs.region ?? region)),
    },
    "aws:s3/bucketVersioning:BucketVersioning": { role: "modelled" },
    "aws:s3/bucketNotification:BucketNotification": { role: "modelled" },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": inert,
    "aws:s3/bucketLogging:BucketLogging": inert,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": inert,
    "aws:s3/bucketPolicy:BucketPolicy": inert,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": inert,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": inert,

    "aws:sns/topic:Topic": {
        role: "modelled",
        nameLength: 256,
        outputs: ({ name }) => ({ id: arn("sns", name), name, arn: arn("sns", name) }),
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        role: "modelled",
        outputs: ({ inputs, hash }) => ({ id: `${inputs.topic}:${hash}`, arn: `${inputs.topic}:${hash}` }),
    },
    "aws:sns/topicPolicy:TopicPolicy": inert,

    "aws:sqs/queue:Queue": {
        role: "modelled",
        nameLength: 80,
        outputs: ({ name, endpointUrl }) => {
            const url = `${endpointUrl}/${account}/${name}`;
            return { id: url, name, url, arn: arn("sqs", name) };
        },
    },
    "aws:sqs/queuePolicy:QueuePolicy": inert,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": inert,

    "aws:lambda/function:Function": {
        role: "modelled",
        nameLength: 64,
        outputs: ({ name }) => {
            const functionArn = arn("lambda", `function:${name}`);
            const invocations = `path/2015-03-31/functions/${functionArn}/invocations`;
            return {
                id: name,
                name,
                arn: functionArn,
                qualifiedArn: `${functionArn}:$LATEST`,
                invokeArn: `arn:aws:apigateway:${region}:lambda:${invocations}`,
                version: "$LATEST",
            };
        },
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        role: "modelled",
        outputs: ({ hash }) => ({ id: hash, uuid: hash, arn: arn("lambda", `event-source-mapping:${hash}`) }),
    },
    "aws:lambda/permission:Permission": inert,

    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
        role: "modelled",
        nameLength: 64,
        outputs: ({ name }) => {
            const streamArn = arn("firehose", `deliverystream/${name}`);
            return { id: streamArn, name, arn: streamArn };
        },
    },

    "aws:kinesis/stream:Stream": {
        role: "modelled",
        nameLength: 128,
        outputs: ({ name }) => {
            const streamArn = arn("kinesis", `stream/${name}`);
            return { id: streamArn, name, arn: streamArn };
        },
    },

    "aws:dynamodb/table:Table": {
        role: "modelled",
        nameLength: 255,
        outputs: ({ name }) => ({ id: name, name, arn: arn("dynamodb", `table/${name}`) }),
    },

    "aws:glue/catalogDatabase:CatalogDatabase": {
        role: "modelled",
        nameLength: 255,
        outputs: ({ name }) => ({
            id: `${account}:${name}`,
            name,
            catalogId: account,
            arn: arn("glue", `database/${name}`),
        }),
    },
    "aws:glue/catalogTable:CatalogTable": {
        role: "modelled",
        nameLength: 255,
        outputs: ({ name, inputs }) => ({
            id: `${account}:${inputs.databaseName}:${name}`,
            name,
            catalogId: account,
            arn: arn("glue", `table/${inputs.databaseName}/${name}`),
        }),
    },

    "aws:athena/workgroup:Workgroup": {
        role: "modelled",
        nameLength: 128,
        outputs: ({ name }) => ({ id: name, name, arn: arn("athena", `workgroup/${name}`) }),
    },
    "aws:athena/namedQuery:NamedQuery": inert,

    "aws:apigatewayv2/api:Api": {
        role: "modelled",
        outputs: ({ name, hash }) => {
            const id = hash.slice(0, 10);
            return {
                id,
                name,
                apiEndpoint: `https://${id}.execute-api.${region}.amazonaws.com`,
                executionArn: arn("execute-api", id),
                arn: `arn:aws:apigateway:${region}::/apis/${id}`,
            };
        },
    },
    "aws:apigatewayv2/integration:Integration": { role: "modelled", outputs: ({ hash }) => ({ id: hash.slice(0, 7) }) },
    "aws:apigatewayv2/route:Route": { role: "modelled", outputs: ({ hash }) => ({ id: hash.slice(0, 7) }) },
    "aws:apigatewayv2/stage:Stage": {
        role: "modelled",
        outputs: ({ name, inputs }) => ({
            id: name,
            name,
            executionArn: arn("execute-api", `${inputs.apiId}/${name}`),
            arn: `arn:aws:apigateway:${region}::/apis/${inputs.apiId}/stages/${name}`,
            invokeUrl: `https://${inputs.apiId}.execute-api.${region}.amazonaws.com/${name === "$default" ? "" : name}`,
        }),
    },

    "aws:apigateway/account:Account": inert,
    "aws:apigateway/apiKey:ApiKey": {
        role: "modelled",
        outputs: ({ name, inputs, hash }) => ({ id: hash.slice(0, 10), name, value: inputs.value ?? hash }),
    },
    "aws:apigateway/deployment:Deployment": { role: "inert", outputs: ({ hash }) => ({ id: hash.slice(0, 6) }) },
    "aws:apigateway/integration:Integration": { role: "modelled" },
    "aws:apigateway/integrationResponse:IntegrationResponse": { role: "modelled" },
    "aws:apigateway/method:Method": { role: "modelled" },
    "aws:apigateway/methodResponse:MethodResponse": { role: "modelled" },
    "aws:apigateway/methodSettings:MethodSettings": { role: "modelled" },
    "aws:apigateway/model:Model": { role: "modelled", outputs: ({ name }) => ({ name }) },
    "aws:apigateway/requestValidator:RequestValidator": { role: "modelled" },
    "aws:apigateway/resource:Resource": { role: "modelled", outputs: ({ hash }) => ({ id: hash.slice(0, 6) }) },
    "aws:apigateway/response:Response": { role: "modelled" },
    "aws:apigateway/restApi:RestApi": {
        role: "modelled",
        outputs: ({ name, hash }) => {
            const id = hash.slice(0, 10);
            return {
                id,
                name,
                rootResourceId: hash.slice(10, 20),
                executionArn: arn("execute-api", id),
                arn: `arn:aws:apigateway:${region}::/restapis/${id}`,
            };
        },
    },
    "aws:apigateway/stage:Stage": {
        role: "modelled",
        outputs: ({ inputs }) => ({
            id: `ags-${inputs.restApi}-${inputs.stageName}`,
            executionArn: arn("execute-api", `${inputs.restApi}/${inputs.stageName}`),
            arn: `arn:aws:apigateway:${region}::/restapis/${inputs.restApi}/stages/${inputs.stageName}`,
            invokeUrl: `https://${inputs.restApi}.execute-api.${region}.amazonaws.com/${inputs.stageName}`,
        }),
    },
    "aws:apigateway/usagePlan:UsagePlan": { role: "modelled", outputs: ({ hash }) => ({ id: hash.slice(0, 6) }) },
    "aws:apigateway/usagePlanKey:UsagePlanKey": { role: "modelled" },

    "aws:lb/loadBalancer:LoadBalancer": {
        role: "modelled",
        nameLength: 32,
        outputs: ({ name, hash }) => {
            const id = hash.slice(0, 16);
            return {
                id: arn("elasticloadbalancing", `loadbalancer/app/${name}/${id}`),
                name,
                arn: arn("elasticloadbalancing", `loadbalancer/app/${name}/${id}`),
                arnSuffix: `app/${name}/${id}`,
                dnsName: `${name}.${region}.elb.amazonaws.com`,
                zoneId: "Z35SXDOTRQ7X7K",
            };
        },
    },
    "aws:lb/listener:Listener": {
        role: "modelled",
        outputs: ({ hash }) => {
            const listenerArn = arn("elasticloadbalancing", `listener/${hash}`);
            return { id: listenerArn, arn: listenerArn };
        },
    },
    "aws:ec2/securityGroup:SecurityGroup": {
        role: "inert",
        nameLength: 255,
        outputs: ({ name, hash }) => {
            const id = `sg-${hash.slice(0, 17)}`;
            return { id, name, arn: arn("ec2", `security-group/${id}`) };
        },
    },

    "aws:cloudwatch/eventRule:EventRule": {
        role: "modelled",
        nameLength: 64,
        outputs: ({ name }) => ({ id: name, name, arn: arn("events", `rule/${name}`) }),
    },
    "aws:cloudwatch/eventTarget:EventTarget": { role: "modelled" },
    "aws:cloudwatch/dashboard:Dashboard": inert,
    "aws:cloudwatch/logGroup:LogGroup": {
        role: "inert",
        nameLength: 512,
        outputs: ({ name }) => ({ id: name, name, arn: arn("logs", `log-group:${name}`) }),
    },
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": inert,
    "aws:cloudwatch/logStream:LogStream": {
        role: "inert",
        outputs: ({ name, inputs }) => ({
            id: name,
            name,
            arn: arn("logs", `log-group:${inputs.logGroupName}:log-stream:${name}`),
        }),
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        role: "inert",
        nameLength: 255,
        outputs: ({ name }) => ({ id: name, name, arn: arn("cloudwatch", `alarm:${name}`) }),
    },

    "aws:iam/policy:Policy": {
        role: "inert",
        nameLength: 128,
        outputs: ({ name }) => ({
            id: globalArn("iam", `policy/${name}`),
            name,
            arn: globalArn("iam", `policy/${name}`),
        }),
    },
    "aws:iam/role:Role": {
        role: "inert",
        nameLength: 64,
        outputs: ({ name, hash }) => ({ id: name, name, uniqueId: hash, arn: globalArn("iam", `role/${name}`) }),
    },
    "aws:iam/rolePolicy:RolePolicy": inert,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": inert,

    "aws:iot/topicRule:TopicRule": {
        role: "modelled",
        nameLength: 128,
        outputs: ({ name }) => ({ id: name, name, arn: arn("iot", `rule/${name}`) }),
    },

    "aws:kms/alias:Alias": inert,
    "aws:kms/key:Key": {
        role: "inert",
        outputs: ({ hash }) => ({ id: hash, keyId: hash, arn: arn("kms", `key/${hash}`) }),
    },
};

/** Whether a program that registers this type can run here. */
export function isKnownType(type: string): boolean {
    return type in types || type.startsWith("pulumi:providers:");
}

/** What AWS would answer to a resource's creation: its id and outputs, with the logical name as its name. */
export function createdResource(
    type: string,
    urn: string,
    logicalName: string,
    inputs: Record<string, unknown>,
    endpointUrl: string,
): { id: string; outputs: Record<string, unknown> } {
    const { nameInput = "name", nameLength = 255, outputs } = types[type] ?? inert;
    const hash = createHash("sha256").update(urn).digest("hex").slice(0, 32);
    const named = inputs[nameInput];
    const name = typeof named === "string" ? named : validName(logicalName, nameLength, hash);
    const { id = name, ...others } = outputs?.({ name, inputs, hash, endpointUrl }) ?? {};
    return { id: String(id), outputs: { ...inputs, ...others } };
}

/** Lower case, letters, digits and hyphens: what all services take. */
function validName(logicalName: string, length: number, hash: string): string {
    const name = logicalName.toLowerCase().replace(/[^a-z0-9_-]/g, "-");
    const valid = length <= 63 ? name.replaceAll("_", "-") : name;
    return valid.length <= length ? valid : `${valid.slice(0, length - 9)}-${hash.slice(0, 8)}`;
}

/** A resource that the program has registered. */
type Registered = Pick<CapturedResource, "type" | "outputs">;

/** Answers of the provider's functions, by token. */
const functions: Record<string, (inputs: Record<string, unknown>, resources: Registered[]) => Record<string, unknown>> =
    {
        "aws:index/getCallerIdentity:getCallerIdentity": () => ({
            id: account,
            accountId: account,
            arn: globalArn("iam", "root"),
            userId: account,
        }),
        "aws:index/getPartition:getPartition": () => ({
            id: "aws",
            partition: "aws",
            dnsSuffix: "amazonaws.com",
            reverseDnsPrefix: "com.amazonaws",
        }),
        "aws:index/getRegion:getRegion": () => ({
            id: region,
            name: region,
            region,
            endpoint: `ec2.${region}.amazonaws.com`,
            description: "US East (N. Virginia)",
        }),
        "aws:ec2/getVpc:getVpc": () => ({ id: "vpc-00000000", default: true, cidrBlock: "172.31.0.0/16" }),
        "aws:ec2/getSubnets:getSubnets": () => ({ id: region, ids: ["subnet-00000001", "subnet-00000002"] }),
        // A bucket that the program doesn't register lies where all else does.
        "aws:s3/getBucket:getBucket": ({ bucket }, resources) => {
            const own = resources.find(({ type, outputs }) => type === bucketType && outputs.bucket === bucket);
            const outputs = bucketOutputs(String(bucket), String(own?.outputs.region ?? region));
            return { ...outputs, bucketRegion: outputs.region };
        },
        "aws:iam/getPolicyDocument:getPolicyDocument": (inputs) => {
            const json = writePolicy(inputs);
            return { id: "local", json, minifiedJson: json };
        },
    };

/** What a function of the provider answers. */
export function callFunction(
    token: string,
    inputs: Record<string, unknown>,
    resources: Registered[] = [],
): Record<string, unknown> {
    const answer = functions[token];
    if (!answer) throw new Error(`the function ${token} is not modelled on this machine`);
    return { ...inputs, ...answer(inputs, resources) };
}
