import { account, region } from "../aws";
import { type CapturedProgram, type CapturedResource, ofType } from "../program";
import type { Need } from "./requirements";

/** A customer's key, or one of AWS's own for a service, which every role of the account may use through that service. */
type KeyReference = { arn: string } | "AWS managed";

interface Encrypted {
    key: KeyReference;
    /** Encryption context: what of the resource the key is told. */
    about: string;
    service: string;
}

const names: [type: string, input: string, service: string][] = [
    ["aws:sns/topic:Topic", "kmsMasterKeyId", "sns"],
    ["aws:sqs/queue:Queue", "kmsMasterKeyId", "sqs"],
    ["aws:kinesis/stream:Stream", "kmsKeyId", "kinesis"],
];

/** Which resources are encrypted with a key of KMS, and what that asks of who uses them. */
export class Keys {
    private readonly encrypted = new Map<string, Encrypted>();

    constructor(private readonly program: CapturedProgram) {
        for (const [type, input, service] of names) {
            for (const { inputs, outputs } of ofType(program, type)) {
                this.add(
                    String(outputs.arn),
                    inputs[input],
                    service,
                    service === "sqs" ? "aws:sqs:arn" : `aws:${service}:${service === "sns" ? "topicArn" : "arn"}`,
                );
            }
        }
        for (const { inputs } of ofType(program, encryptionType)) {
            const rules = (inputs.rules ?? []) as { applyServerSideEncryptionByDefault?: BucketEncryption }[];
            const { sseAlgorithm, kmsMasterKeyId } = rules[0]?.applyServerSideEncryptionByDefault ?? {};
            if (sseAlgorithm?.startsWith("aws:kms")) {
                this.add(`arn:aws:s3:::${inputs.bucket}`, kmsMasterKeyId ?? "alias/aws/s3", "s3", "aws:s3:arn");
            }
        }
    }

    /** What it asks to write to a resource, beside the right to do so. */
    toWrite(arn: string): Need[] {
        return this.needs(arn, ["kms:GenerateDataKey", ...(/:(sns|sqs):/.test(arn) ? ["kms:Decrypt"] : [])]);
    }

    /** What it asks to read from it. */
    toRead(arn: string): Need[] {
        return this.needs(arn, ["kms:Decrypt"]);
    }

    private needs(arn: string, actions: string[]): Need[] {
        const found = this.encrypted.get(arn.startsWith("arn:aws:s3:::") ? arn.replace(/\/.*/s, "") : arn);
        if (!found) return [];
        const { key, about, service } = found;
        const context = {
            [`kms:encryptioncontext:${about}`.toLowerCase()]: arn,
            "kms:viaservice": `${service}.${region}.amazonaws.com`,
            "kms:calleraccount": account,
        };
        const resource = key === "AWS managed" ? `arn:aws:kms:${region}:${account}:alias/aws/${service}` : key.arn;
        return actions.map((action) => ({
            action,
            resource,
            context,
            ...(key === "AWS managed" && { freeForRoles: true }),
        }));
    }

    private add(arn: string, reference: unknown, service: string, about: string): void {
        if (typeof reference === "string" && reference !== "") {
            this.encrypted.set(arn, { key: this.find(reference), about, service });
        }
    }

    /** By ARN, id or alias; a key that the program doesn't register is taken at its word. */
    private find(reference: string): KeyReference {
        if (/(^|:)alias\/aws\//.test(reference)) return "AWS managed";
        const alias = ofType(this.program, "aws:kms/alias:Alias").find(
            ({ inputs, outputs }) => inputs.name === reference || outputs.arn === reference,
        );
        const id = alias?.inputs.targetKeyId ?? reference;
        const key = ofType(this.program, "aws:kms/key:Key").find((each) => isCalled(each, id));
        if (key) return { arn: String(key.outputs.arn) };
        return { arn: reference.startsWith("arn:") ? reference : `arn:aws:kms:${region}:${account}:key/${reference}` };
    }
}

interface BucketEncryption {
    sseAlgorithm?: string;
    kmsMasterKeyId?: string;
}

const encryptionType = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";

function isCalled({ outputs }: CapturedResource, id: unknown): boolean {
    return outputs.arn === id || outputs.keyId === id;
}
