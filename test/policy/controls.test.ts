import { readdirSync } from "node:fs";
import { expect } from "chai";
import { type ControlledResource, violationsOf } from "../../policy/control";
import { controls } from "../../policy/index";
import { controlledResources, type Mutable, mutated, reworded, without } from "./stack";

type Mistake = Parameters<typeof mutated>[1];

const bucketPolicy = (of: (type: string, name?: string) => Mutable) => of("BucketPolicy", "all-policy");
const drop = (sid: string) => (statements: Mutable[]) => {
    statements.splice(
        statements.findIndex(({ Sid }) => Sid === sid),
        1,
    );
};

/** Control → mistakes that it alone notices. */
const mistakes: Record<string, Record<string, Mistake>> = {
    "bucket-not-public": {
        "one flag is missing": (of) => {
            of("BucketPublicAccessBlock").restrictPublicBuckets = false;
        },
        "there is no block": without("BucketPublicAccessBlock"),
    },
    "bucket-without-acls": {
        "writers own": (of) => {
            of("BucketOwnershipControls").rule.objectOwnership = "ObjectWriter";
        },
    },
    "bucket-encrypted": { "there is no configuration": without("BucketServerSideEncryptionConfiguration") },
    "bucket-versioned": {
        "versions are suspended": (of) => {
            of("BucketVersioning").versioningConfiguration.status = "Suspended";
        },
    },
    "bucket-forgets-versions": {
        "the rule is disabled": (of) => {
            lifecycleRule(of, "old-versions").status = "Disabled";
        },
    },
    "bucket-aborts-uploads": {
        "the rule says nothing": (of) =>
            void delete lifecycleRule(of, "incomplete-uploads").abortIncompleteMultipartUpload,
    },
    "bucket-logs-access": {
        "only the log bucket is logged": (of) => {
            const logging = of("BucketLogging");
            logging.bucket = logging.targetBucket;
        },
    },
    "bucket-takes-tls-only": {
        "nothing is denied": (of) => reworded(bucketPolicy(of), drop("DenyPlainHttp")),
        "only the bucket is meant, not its objects": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                const { Resource } = statements.find(({ Sid }) => Sid === "DenyPlainHttp")!;
                Resource.pop();
            }),
        "only reading is denied": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                statements.find(({ Sid }) => Sid === "DenyPlainHttp")!.Action = "s3:GetObject";
            }),
        "a second condition narrows it": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                const { Condition } = statements.find(({ Sid }) => Sid === "DenyPlainHttp")!;
                Condition.StringEquals = { "aws:PrincipalAccount": "1" };
            }),
        "only some are denied": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                statements.find(({ Sid }) => Sid === "DenyPlainHttp")!.Principal = { Service: "sns.amazonaws.com" };
            }),
    },
    "bucket-takes-new-tls-only": {
        "TLS 1.0 is taken": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                statements.find(({ Sid }) => Sid === "DenyOldTls")!.Condition = {
                    NumericLessThan: { "s3:TlsVersion": "1.0" },
                };
            }),
    },
    "bucket-policy-names-who": {
        "everybody reads": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                statements.push({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" });
            }),
        "everybody reads, in other words": (of) =>
            reworded(bucketPolicy(of), (statements) => {
                statements.push({ Effect: "Allow", Principal: { AWS: ["*"] }, Action: "s3:GetObject", Resource: "*" });
            }),
    },
    "topic-encrypted": {
        "it is not": (of) => void delete of("Topic").kmsMasterKeyId,
        "it is with AWS's own key": (of) => {
            of("Topic").kmsMasterKeyId = "alias/aws/sns";
        },
    },
    "topic-publishers-known": {
        "any bucket of the account publishes": (of) =>
            reworded(of("TopicPolicy", "all-policy"), ([announce]) => void delete announce!.Condition.ArnEquals),
        "any account's bucket of that name publishes": (of) =>
            reworded(of("TopicPolicy", "all-policy"), ([announce]) => void delete announce!.Condition.StringEquals),
        "any account's alarms publish": (of) =>
            reworded(of("TopicPolicy", "all-failures-policy"), ([alarms]) => void delete alarms!.Condition),
        "everybody publishes": (of) =>
            reworded(of("TopicPolicy", "all-policy"), ([announce]) => {
                announce!.Principal = "*";
            }),
    },
    "topic-takes-tls-only": { "nothing is denied": (of) => reworded(of("TopicPolicy"), drop("DenyPlainHttp")) },
    "subscription-keeps-undelivered": {
        "there is no queue": (of) => void delete of("TopicSubscription").redrivePolicy,
    },
    "queue-encrypted": {
        "it is not": (of) => {
            of("Queue").sqsManagedSseEnabled = false;
        },
    },
    "queue-senders-known": {
        "any topic sends": (of) =>
            reworded(of("QueuePolicy", "all-run-query-policy"), ([send]) => void delete send!.Condition),
        "everybody sends": (of) =>
            reworded(of("QueuePolicy", "all-run-query-policy"), ([send]) => {
                send!.Principal = { AWS: "*" };
            }),
    },
    "queue-takes-tls-only": { "nothing is denied": (of) => reworded(of("QueuePolicy"), drop("DenyPlainHttp")) },
    "queue-gives-up": {
        "after one delivery": (of) => {
            const queue = of("Queue", "all-run-query");
            queue.redrivePolicy = JSON.stringify({ ...JSON.parse(queue.redrivePolicy), maxReceiveCount: 1 });
        },
        // Of the fan-out's subscription it stays the dead-letter queue.
        never: (of) => void delete of("Queue", "all-run-query").redrivePolicy,
    },
    "queue-hides-long-enough": {
        "for one timeout only": (of) => {
            of("Queue", "all-run-query").visibilityTimeoutSeconds = 60;
        },
        "for SQS's default": (of) => void delete of("Queue", "all-run-query").visibilityTimeoutSeconds,
    },
    "dead-letters-kept-long": {
        "for four days": (of) => {
            of("Queue", "all-run-query-dead-letters").messageRetentionSeconds = 345_600;
        },
    },
    "dead-letters-of-known-queues": {
        "every queue": (of) => {
            of("RedriveAllowPolicy").redriveAllowPolicy = '{"redrivePermission":"allowAll"}';
        },
        "there is no rule": without("RedriveAllowPolicy"),
    },
    "function-traced": {
        "it is not": (of) => {
            of("Function").tracingConfig.mode = "PassThrough";
        },
    },
    "function-runtime-supported": {
        "an old Node": (of) => {
            of("Function").runtime = "nodejs18.x";
        },
        "an old Python": (of) => {
            of("Function").runtime = "python3.8";
        },
    },
    "function-sized": {
        "no memory": (of) => void delete of("Function").memorySize,
        "no timeout": (of) => void delete of("Function", "all-event-http").timeout,
    },
    "function-without-credentials": {
        "an access key": (of) => {
            of("Function").environment.variables.KEY = `AKIA${"A".repeat(16)}`;
        },
        "a private key": (of) => {
            of("Function").environment.variables.KEY = "-----BEGIN RSA PRIVATE KEY-----";
        },
    },
    "permission-source-known": {
        "any API": (of) => void delete of("Permission").sourceArn,
        "a bucket of whichever account": (of) => {
            of("Permission").principal = "s3.amazonaws.com";
        },
        everybody: (of) => {
            of("Permission").principal = "*";
        },
    },
    "role-of-one-function": {
        "two share one": (of) => {
            of("Function", "all-run-query").role = of("Function", "all-convert-result").role;
        },
    },
    "policy-names-actions": {
        "all of S3": (of) =>
            reworded(of("RolePolicy"), ([first]) => {
                first!.Action = "s3:*";
            }),
        everything: (of) =>
            reworded(of("RolePolicy"), ([first]) => {
                first!.Action = "*";
            }),
        "passing roles": (of) =>
            reworded(of("RolePolicy"), ([first]) => {
                first!.Action = ["iam:PassRole"];
            }),
    },
    "role-trust-conditional": {
        "Firehose for whichever account": (of) =>
            reworded(of("Role", "all-event-role"), ([trust]) => void delete trust!.Condition, "assumeRolePolicy"),
    },
    "key-rotates": {
        "it does not": (of) => {
            of("Key").enableKeyRotation = false;
        },
    },
    "key-used-for-known-sources": {
        "S3 does everything": (of) =>
            reworded(of("Key", "all"), (statements) => {
                statements[1]!.Action = "kms:*";
            }),
        "S3 for whichever bucket": (of) =>
            reworded(of("Key", "all"), (statements) => void delete statements[1]!.Condition),
    },
    "delivery-stream-encrypted": {
        "it is not": (of) => void delete of("FirehoseDeliveryStream", "all-event").serverSideEncryption,
        "it is, though it reads Kinesis": (of) => {
            of("FirehoseDeliveryStream", "all-event-kinesis").serverSideEncryption = { enabled: true };
        },
    },
    "delivery-stream-logs-errors": {
        "it does not": (of) =>
            void delete of("FirehoseDeliveryStream").extendedS3Configuration.cloudwatchLoggingOptions,
    },
    "delivery-stream-keeps-originals": {
        "it does not": (of) => {
            of("FirehoseDeliveryStream").extendedS3Configuration.s3BackupMode = "Disabled";
        },
    },
    "delivery-stream-transforms-small-batches": {
        "5 MB": (of) => {
            const { processingConfiguration } = of("FirehoseDeliveryStream").extendedS3Configuration;
            const parameter = { parameterName: "BufferSizeInMBs", parameterValue: "5" };
            processingConfiguration.processors[0].parameters.push(parameter);
        },
    },
    "delivery-stream-errors-announced-to-nobody": {
        "below the data": (of) => {
            of("FirehoseDeliveryStream").extendedS3Configuration.errorOutputPrefix = "raw/v0/errors/";
        },
    },
    "kinesis-encrypted": {
        "it is not": (of) => {
            of("Stream").encryptionType = "NONE";
        },
    },
    "kinesis-kept-for-a-week": {
        "for a day": (of) => {
            of("Stream").retentionPeriod = 24;
        },
        "for Kinesis's default": (of) => void delete of("Stream").retentionPeriod,
    },
    "iot-rule-keeps-failures": { "it does not": (of) => void delete of("TopicRule").errorAction },
    "iot-rule-names-topics": {
        "all topics": (of) => {
            of("TopicRule").sql = "SELECT * FROM '#'";
        },
        "all topics of two levels": (of) => {
            of("TopicRule").sql = "select * from '+/ping'";
        },
    },
    "api-logs-access": {
        "an HTTP API does not": (of) => void delete of("Stage", "all-event-http-stage").accessLogSettings,
        "a REST API does not": (of) => void delete of("Stage", "all-stream-api-stage").accessLogSettings,
    },
    "http-api-throttled": {
        "no rate": (of) => void delete of("Stage", "all-event-http-stage").defaultRouteSettings.throttlingRateLimit,
        "no settings": (of) => void delete of("Stage", "all-event-http-stage").defaultRouteSettings,
    },
    "rest-api-throttled": { "no rate": (of) => void delete of("MethodSettings").settings.throttlingRateLimit },
    "http-api-origins-named": {
        "all pages": (of) => {
            of("Api").corsConfiguration = { allowOrigins: ["*"] };
        },
    },
    "http-api-routes-readable": {
        "a path without a slash": (of) => {
            of("Route").routeKey = "POST event";
        },
    },
    "workgroup-enforced": {
        "callers choose": (of) => {
            of("Workgroup").configuration.enforceWorkgroupConfiguration = false;
        },
    },
    "workgroup-encrypts": {
        "it does not": (of) => void delete of("Workgroup").configuration.resultConfiguration.encryptionConfiguration,
    },
    "workgroup-checks-owner": {
        "it does not": (of) => void delete of("Workgroup").configuration.resultConfiguration.expectedBucketOwner,
    },
    "workgroup-measures": {
        "it does not": (of) => {
            of("Workgroup").configuration.publishCloudwatchMetricsEnabled = false;
        },
    },
    "workgroup-limits-scans": {
        "there is no limit": (of) => void delete of("Workgroup").configuration.bytesScannedCutoffPerQuery,
    },
    "workgroup-engine-pinned": {
        "Athena chooses": (of) => void delete of("Workgroup").configuration.engineVersion,
    },
    "table-restorable": {
        "it is not": (of) => {
            of("Table").pointInTimeRecovery.enabled = false;
        },
    },
    "table-protected": {
        "it is not": (of) => {
            of("Table").deletionProtectionEnabled = false;
        },
    },
    "table-scales": {
        "its capacity is fixed": (of) => {
            of("Table").billingMode = "PROVISIONED";
        },
    },
    "table-encrypted-with-kms": { "it is not": (of) => void delete of("Table").serverSideEncryption },
    "schedule-readable": {
        "five fields": (of) => {
            of("EventRule", "all-reconcile").scheduleExpression = "cron(0 * * * *)";
        },
        "a rate of nothing": (of) => {
            of("EventRule", "all-reconcile").scheduleExpression = "rate(0 hours)";
        },
    },
    "log-forgets": { "it never does": (of) => void delete of("LogGroup").retentionInDays },
};

function lifecycleRule(of: (type: string) => Mutable, id: string): Mutable {
    return of("BucketLifecycleConfiguration").rules.find((rule: Mutable) => rule.id === id);
}

describe("the controls", () => {
    const examples = readdirSync("examples").map((name) => `examples/${name}`);
    let everySource: ControlledResource[];

    before(async () => {
        everySource = await controlledResources("test/programs/every-source");
    });

    for (const program of [...examples, "test/programs/every-source", "test/programs/adopted"]) {
        it(`find nothing in ${program}`, async () => {
            const resources = await controlledResources(program);

            const found = controls.flatMap((control) => violationsOf(control, resources));

            expect(found).to.deep.equal([]);
        });
    }

    it("have names and mistakes of their own", () => {
        const names = controls.map(({ name }) => name);

        expect([...new Set(names)]).to.deep.equal(names);
        expect(Object.keys(mistakes)).to.have.members(names);
    });

    for (const [name, variants] of Object.entries(mistakes)) {
        for (const [what, mistake] of Object.entries(variants)) {
            it(`${name} alone notices: ${what}`, () => {
                const resources = mutated(everySource, mistake);

                const violations = controls.flatMap((control) =>
                    violationsOf(control, resources).map(({ message }) => ({ control: control.name, message })),
                );

                expect(new Set(violations.map(({ control }) => control))).to.deep.equal(new Set([name]));
                for (const { message } of violations) expect(message).to.match(/\S/).and.not.to.include("undefined");
            });
        }
    }
});
