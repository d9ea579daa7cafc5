/**
 * Which inputs the AWS provider cannot change in place. Neither the declarations of @pulumi/aws nor the provider's published
 * schema say it; these are the ones that the provider's plans replace a resource for.
 */

/** What there is only one of in an account and region, or in its parent: creating it again fails, or overwrites. */
export interface TypeRules {
    /** Inputs that tell two of them apart. */
    identity: string[];
    /** Further inputs that replace it, and why that is so. */
    replaces?: string[];
    /** Whether it holds what cannot be made again. */
    holdsData?: true;
}

const named: TypeRules = { identity: ["name"], replaces: ["namePrefix"] };
const ofBucket: TypeRules = { identity: ["bucket"], replaces: ["expectedBucketOwner"] };
const ofMethod = ["restApi", "resourceId", "httpMethod"];
/** Names may be used twice, and change in place. */
const anonymous: TypeRules = { identity: [] };

export const rules: Record<string, TypeRules> = {
    // A name is for good in these services.
    "aws:athena/workgroup:Workgroup": { identity: ["name"] },
    "aws:cloudwatch/eventRule:EventRule": { identity: ["eventBusName", "name"], replaces: ["namePrefix"] },
    "aws:cloudwatch/logGroup:LogGroup": { identity: ["name"], replaces: ["namePrefix", "logGroupClass"] },
    "aws:cloudwatch/logStream:LogStream": { identity: ["logGroupName", "name"] },
    "aws:cloudwatch/metricAlarm:MetricAlarm": { identity: ["name"] },
    "aws:iam/role:Role": { identity: ["name"], replaces: ["namePrefix", "path"] },
    "aws:iam/rolePolicy:RolePolicy": { identity: ["role", "name"], replaces: ["namePrefix"] },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { identity: ["role", "policyArn"] },
    "aws:iot/topicRule:TopicRule": { identity: ["name"] },
    "aws:kms/alias:Alias": named,
    "aws:lambda/function:Function": { identity: ["name"], replaces: ["packageType", "tenancyConfig"] },
    "aws:sns/topic:Topic": { identity: ["name"], replaces: ["namePrefix", "fifoTopic"] },
    "aws:sqs/queue:Queue": { identity: ["name"], replaces: ["namePrefix", "fifoQueue"] },

    // What holds data. A table's keys and a stream's source are for good, too.
    "aws:s3/bucket:Bucket": {
        identity: ["bucket"],
        replaces: ["bucketPrefix", "bucketNamespace", "objectLockEnabled"],
        holdsData: true,
    },
    "aws:kinesis/stream:Stream": { identity: ["name"], holdsData: true },
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
        identity: ["name"],
        replaces: ["destination", "kinesisSourceConfiguration", "mskSourceConfiguration"],
        holdsData: true,
    },
    "aws:dynamodb/table:Table": {
        identity: ["name"],
        replaces: ["hashKey", "rangeKey", "localSecondaryIndexes", "importTable", "restoreSourceName"],
        holdsData: true,
    },
    "aws:glue/catalogDatabase:CatalogDatabase": {
        identity: ["catalogId", "name"],
        replaces: ["targetDatabase"],
        holdsData: true,
    },
    "aws:glue/catalogTable:CatalogTable": {
        identity: ["catalogId", "databaseName", "name"],
        replaces: ["partitionIndices"],
    },

    // A bucket, topic or queue has one of each.
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket,
    "aws:s3/bucketLogging:BucketLogging": ofBucket,
    "aws:s3/bucketNotification:BucketNotification": ofBucket,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket,
    "aws:s3/bucketPolicy:BucketPolicy": ofBucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofBucket,
    "aws:s3/bucketVersioning:BucketVersioning": ofBucket,
    "aws:sns/topicPolicy:TopicPolicy": { identity: ["arn"] },
    "aws:sqs/queuePolicy:QueuePolicy": { identity: ["queueUrl"] },
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": { identity: ["queueUrl"] },

    // What joins two things joins others by being another.
    "aws:cloudwatch/eventTarget:EventTarget": { identity: ["eventBusName", "rule", "targetId"] },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        identity: ["eventSourceArn"],
        replaces: ["startingPosition", "startingPositionTimestamp", "queues", "topics"],
    },
    "aws:lambda/permission:Permission": {
        identity: ["function", "statementId", "qualifier"],
        replaces: [
            ...["action", "eventSourceToken", "functionUrlAuthType", "principal", "principalOrgId", "sourceAccount"],
            ...["sourceArn", "statementIdPrefix"],
        ],
    },
    "aws:sns/topicSubscription:TopicSubscription": { identity: ["topic", "protocol", "endpoint"] },

    // Parts of an API: their place in it is what they are.
    "aws:apigateway/account:Account": anonymous,
    "aws:apigateway/apiKey:ApiKey": { identity: [], replaces: ["value"] },
    "aws:apigateway/deployment:Deployment": { identity: [], replaces: ["restApi", "triggers", "variables"] },
    "aws:apigateway/integration:Integration": {
        identity: ofMethod,
        replaces: ["type", "integrationHttpMethod", "credentials", "passthroughBehavior"],
    },
    "aws:apigateway/integrationResponse:IntegrationResponse": { identity: [...ofMethod, "statusCode"] },
    "aws:apigateway/method:Method": { identity: ofMethod },
    "aws:apigateway/methodResponse:MethodResponse": { identity: [...ofMethod, "statusCode"] },
    "aws:apigateway/methodSettings:MethodSettings": { identity: ["restApi", "stageName", "methodPath"] },
    "aws:apigateway/model:Model": { identity: ["restApi", "name"], replaces: ["contentType"] },
    "aws:apigateway/requestValidator:RequestValidator": { identity: [], replaces: ["restApi"] },
    "aws:apigateway/resource:Resource": { identity: [], replaces: ["restApi"] },
    "aws:apigateway/response:Response": { identity: ["restApiId", "responseType"] },
    "aws:apigateway/restApi:RestApi": anonymous,
    "aws:apigateway/stage:Stage": { identity: ["restApi", "stageName"] },
    "aws:apigateway/usagePlan:UsagePlan": anonymous,
    "aws:apigateway/usagePlanKey:UsagePlanKey": { identity: ["usagePlanId", "keyId"], replaces: ["keyType"] },
    "aws:apigatewayv2/api:Api": { identity: [], replaces: ["protocolType"] },
    "aws:apigatewayv2/integration:Integration": {
        identity: [],
        replaces: ["apiId", "integrationType", "integrationSubtype"],
    },
    "aws:apigatewayv2/route:Route": { identity: [], replaces: ["apiId"] },
    "aws:apigatewayv2/stage:Stage": { identity: ["apiId", "name"] },

    "aws:ec2/securityGroup:SecurityGroup": {
        identity: ["vpcId", "name"],
        replaces: ["namePrefix", "description"],
    },
    "aws:kms/key:Key": {
        identity: [],
        replaces: ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
    },
    "aws:lb/listener:Listener": { identity: [], replaces: ["loadBalancerArn"] },
    "aws:lb/loadBalancer:LoadBalancer": {
        identity: ["name"],
        replaces: ["namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"],
    },
};

/** The rules of a type. What is not listed here is not known to this provider. */
export function rulesOf(type: string): TypeRules {
    const found = rules[type];
    if (!found) throw new Error(`what replaces a ${type} is not known: say it in replacements.ts`);
    return found;
}

/** Inputs that replace a resource of this type; moved to another region, everything is another. */
export function replacingInputs(type: string): string[] {
    const { identity, replaces = [] } = rulesOf(type);
    return [...identity, ...replaces, "region"];
}

/** Whether a resource of this type holds what cannot be made again. */
export function holdsData(type: string): boolean {
    return rulesOf(type).holdsData === true;
}
