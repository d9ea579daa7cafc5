import { expect } from "chai";
import { endpointOf } from "../../../../handlers/shared/aws/endpoint";
import type { Outgoing } from "../../../../handlers/shared/aws/message";
import { requestFor } from "../../../../handlers/shared/aws/s3-address";
import { implementations } from "./both";
import { lambda, setEnvironment } from "./loopback";

const regions = [
    ...["us-east-1", "eu-west-1", "eu-central-2", "ap-southeast-7", "mx-central-1", "il-central-1", "ca-west-1"],
    ...["cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1", "us-iso-east-1", "us-iso-west-1"],
    ...["us-isob-east-1", "us-isob-west-1", "us-isof-south-1", "us-isof-east-1", "eu-isoe-west-1", "eusc-de-east-1"],
];
const endpoints = [
    ...["http://127.0.0.1:4566", "http://localhost:4566", "https://s3.example.org", "http://[::1]:9000"],
    ...["https://example.org/gateway", "http://example.org:80", "https://10.0.0.1"],
];
const dotted = "the.lake.example";
const buckets = [
    ...["lake", dotted, "my.lake", "a-b", "abc", "lake-", "-lake", "Lake_1", "1.2.3.4", "ab", "a".repeat(63)],
    ...["a".repeat(64), "a..b", "a.b-", "lake-s3alias", "lake.-x", "0a9"],
];

describe("the address of a request", () => {
    beforeEach(() => setEnvironment({ ...lambda, AWS_ENDPOINT_URL: undefined }));

    for (const region of regions) {
        it(`is the SDK's in ${region}`, async () => {
            setEnvironment({ AWS_REGION: region });

            await sameEverywhere();
        });
    }

    for (const endpoint of endpoints) {
        it(`is the SDK's at ${endpoint}`, async () => {
            setEnvironment({ AWS_ENDPOINT_URL: endpoint });

            await sameEverywhere();
        });
    }

    it("is the service's own before that of all services", async () => {
        setEnvironment({
            ...{ AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL_S3: "http://127.0.0.1:2" },
            ...{ AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:3", AWS_ENDPOINT_URL_FIREHOSE: "http://127.0.0.1:4" },
        });

        await sameEverywhere();
        expect(endpointOf("firehose").port).to.equal("4");
    });

    for (const bucket of [
        ...["", "a/b", "arn:aws:s3:eu-west-1:123456789012:accesspoint/lake", "lake--euw1-az1--x-s3"],
        ...["lake--op-s3", "lake--xa-s3"],
    ]) {
        it(`is not made up for a bucket of another kind: ${bucket}`, () => {
            const make = () => requestFor({ Bucket: bucket, Key: "a" }, endpointOf("s3"), "GET");

            expect(make).to.throw(`a bucket of a kind that is not known here: ${bucket}`);
        });
    }

    it("is in the path where a number can have no host below it, over which the SDK fails", () => {
        const { hostname, path } = requestFor({ Bucket: dotted, Key: "a" }, new URL("http://127.0.0.1:9000"), "GET");

        expect([hostname, path]).to.deep.equal(["127.0.0.1", `/${dotted}/a`]);
    });

    it("needs a region", () => {
        setEnvironment({ AWS_REGION: undefined });

        expect(() => endpointOf("s3")).to.throw("Region is missing");
    });
});

async function sameEverywhere(): Promise<void> {
    const { protocol, hostname } = endpointOf("s3");
    const isNumber = protocol === "http:" && /^[\d[]/.test(hostname);
    for (const Bucket of buckets.filter((bucket) => !isNumber || bucket !== dotted)) {
        const address = addressOf(requestFor({ Bucket, Key: "raw/a" }, endpointOf("s3"), "GET"));
        expect(address, Bucket).to.deep.equal(await sdks("S3Client", "GetObjectCommand", { Bucket, Key: "raw/a" }));
    }
    for (const [service, client, command] of [
        ["dynamodb", "DynamoDBClient", "GetItemCommand"],
        ["firehose", "FirehoseClient", "PutRecordBatchCommand"],
    ] as const) {
        const request = new implementations.own[command]({} as never).requestTo(endpointOf(service));
        expect(addressOf(request)).to.deep.equal(await sdks(client, command, {}));
    }
}

/** Where the SDK sends a request. */
async function sdks(
    client: "S3Client" | "DynamoDBClient" | "FirehoseClient",
    command: "GetObjectCommand" | "GetItemCommand" | "PutRecordBatchCommand",
    input: object,
) {
    let address: object | undefined;
    const requestHandler = {
        handle(request: Outgoing) {
            address = addressOf(request);
            throw new Error("seen");
        },
    };
    const Client = implementations.sdk[client] as new (
        configuration: object,
    ) => { send(command: object): Promise<void> };
    const Command = implementations.sdk[command] as new (input: object) => object;
    await new Client({ requestHandler, maxAttempts: 1 }).send(new Command(input)).catch((error: Error) => {
        if (error.message !== "seen") throw error;
    });
    return address;
}

function addressOf({ protocol, hostname, port, path, headers }: Outgoing): object {
    return { protocol, hostname, port: port || undefined, path, host: headers.host };
}
