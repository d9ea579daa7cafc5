import { GetQueryExecutionCommand, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { BatchWriteItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { expect } from "chai";
import type { Judge } from "../judge";
import { type Account, eventually } from "./account";
import { Lake } from "./convert-result";

/** What an emulator does otherwise than AWS, and why that matters here; `isSo` fails once it no longer does. */
export interface Difference {
    what: string;
    why: string;
    isSo(account: Account): Promise<void>;
}

/** A test for each, so that none disappears unseen. */
export function describeDifferences(judged: Judge, emulator: string, on: () => Account, known: Difference[]): void {
    describe("differs from AWS", () => {
        for (const { what, why, isSo } of known) {
            it(what, async () => {
                await isSo(on());

                judged.differs(`${emulator}: ${what}`, why);
            });
        }
    });
}

const forgottenToken: Difference = {
    what: "Athena starts a run for each start, though their token is the same",
    why: "that a start whose answer was lost starts nothing twice is shown by the local Athena only",
    async isSo(account) {
        const [first, second] = [await start(account, "SELECT 1", "token"), await start(account, "SELECT 1", "token")];

        expect(first).not.to.equal(second);
    },
};

export const miniStackDifferences: Difference[] = [
    forgottenToken,
    {
        what: "Athena binds no parameters",
        why: "statements with `:new_data` are judged by Trino",
        async isSo(account) {
            const run = await start(account, "SELECT 1 AS n WHERE 'a' IN (?)", undefined, ["'a'"]);

            const { State, StateChangeReason } = (await ended(account, run)).Status!;

            expect(State).to.equal("FAILED");
            expect(StateChangeReason).to.include("Values were not provided");
        },
    },
    {
        what: "Athena writes its CSV into a folder of the CSV's name, and quotes nothing",
        why: "the tests write results as Athena does, where it does",
        async isSo(account) {
            const lake = await Lake.create(account);
            const run = await lake.run(undefined);
            const key = `athena/total/${run}.csv/${run}.csv`;
            await eventually(async () => (await account.keys(lake.bucket, "athena/")).includes(key));

            expect(await account.text(lake.bucket, key)).to.equal("page,clicks\r\n/a,3\r\n,4\r\n");
        },
    },
    {
        what: "Firehose writes each record at once, as an object of its own, and compresses nothing",
        why: "buffers and compression are shown by the local Firehose only",
        async isSo(account) {
            const objects = await delivered(account, 2);

            expect(objects.map(([, bytes]) => bytes)).to.have.members(["{}\n", "{ }\n"]);
            expect(objects[0]![0]).to.match(/^raw\/\d{4}(\/\d\d){3}\/stream-.*\.json\.gz$/);
        },
    },
    {
        what: "SNS does not look into lists of a message's body for a filter policy",
        why: "which objects a subscription hears of is shown by the local SNS only",
        isSo: async (account) => {
            expect(await heard(account, "raw/")).to.deep.equal([]);
        },
    },
];

export const motoDifferences: Difference[] = [
    forgottenToken,
    {
        what: "Athena runs nothing: whatever it is, it succeeds",
        why: "what becomes of runs that fail is shown with MiniStack",
        async isSo(account) {
            const run = await start(account, "SELECT nothing FROM nowhere");

            expect((await ended(account, run)).Status!.State).to.equal("SUCCEEDED");
        },
    },
    {
        what: "Athena does not know where a workgroup's results go, and writes none",
        why: "the tests write them",
        async isSo(account) {
            const lake = await Lake.create(account);
            const run = await lake.run(undefined);

            expect((await ended(account, run)).ResultConfiguration).to.equal(undefined);
            expect(await account.keys(lake.bucket)).to.deep.equal([]);
        },
    },
    {
        what: "Athena fails where it is asked for a run that there is not",
        why: "a result that no run has is given back, where on AWS it is ignored",
        async isSo(account) {
            const lake = await Lake.create(account);
            const unknown = "00000000-0000-4000-8000-000000000000";
            await lake.write(unknown, '"page","clicks"\n');

            expect(await lake.tell(unknown)).to.deep.equal(["m0"]);
        },
    },
    {
        what: "DynamoDB breaks a transaction off where others write into its table",
        why: "functions at the same time are shown with MiniStack and DynamoDB Local",
        async isSo(account) {
            const errors = await refusedAmongWrites(account);

            expect(errors.some((name) => name !== "TransactionCanceledException")).to.equal(true);
        },
    },
    {
        what: "Firehose writes the records of a call at once, knows no expressions in prefixes, and compresses nothing",
        why: "buffers, prefixes and compression are shown by the local Firehose only",
        async isSo(account) {
            const [[key, bytes]] = (await delivered(account, 1)) as [[string, string]];

            expect(bytes).to.equal("{}\n{ }\n");
            expect(key).to.include("raw/!{timestamp:yyyy/MM/dd/HH}/");
        },
    },
    {
        what: "S3 encodes the slashes of keys in its events",
        why: "which objects a subscription hears of is shown by the local SNS only",
        async isSo(account) {
            expect(await heard(account, "raw/")).to.deep.equal([]);
            expect(await heard(account, "raw%2F")).to.have.length(1);
        },
    },
];

async function start(account: Account, sql: string, token?: string, parameters?: string[]): Promise<string> {
    const bucket = await account.bucket();
    await account.workgroup(bucket, bucket, "any");
    const command = new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: bucket,
        ClientRequestToken: token?.padEnd(64, "0"),
        ExecutionParameters: parameters,
    });
    return (await account.athena.send(command)).QueryExecutionId!;
}

async function ended(account: Account, QueryExecutionId: string) {
    const read = async () =>
        (await account.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution!;
    await eventually(async () => /SUCCEEDED|FAILED/.test((await read()).Status!.State!));
    return read();
}

/** How transactions are answered whose last condition does not hold, while items are put into their table of many. */
async function refusedAmongWrites(account: Account): Promise<string[]> {
    const TableName = await account.table();
    const item = (entry: number) => ({ entry: { S: `${entry}` }, subscriber: { S: "x" } });
    const text = { S: "x".repeat(1000) };
    for (let first = 1000; first < 1200; first += 25) {
        const requests = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: { ...item(first + n), text } } }));
        await account.dynamoDb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
    const puts = Array.from({ length: 99 }, (_, entry) => ({ Put: { TableName, Item: item(entry) } }));
    const ConditionExpression = "attribute_exists(entry)";
    const failing = { Put: { TableName, Item: item(99), ConditionExpression } };
    const transaction = new TransactWriteItemsCommand({ TransactItems: [...puts, failing] });
    const errors: string[] = [];
    for (let entry = 10_000; errors.length < 5; ) {
        const before = errors.length;
        const answered = account.dynamoDb.send(transaction).catch(({ name }) => errors.push(name));
        while (errors.length === before) {
            await account.dynamoDb.send(new PutItemCommand({ TableName, Item: item(entry++) }));
        }
        await answered;
    }
    return errors;
}

/** Keys and contents of what becomes of two records that are put together. */
async function delivered(account: Account, objects: number): Promise<string[][]> {
    const bucket = await account.bucket();
    const DeliveryStreamName = await account.deliveryStream(bucket);
    const Records = ["{}\n", "{ }\n"].map((text) => ({ Data: Buffer.from(text) }));
    await account.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
    await eventually(async () => (await account.keys(bucket)).length === objects);
    const keys = await account.keys(bucket);
    return Promise.all(keys.map(async (key) => [key, String(await account.bytes(bucket, key))]));
}

/** What is heard of an object in `raw/` through the policy that components make for a prefix. */
async function heard(account: Account, prefix: string): Promise<string[]> {
    const bucket = await account.bucket();
    const filter = { Records: { s3: { object: { key: [{ prefix }] } } } };
    const queue = await account.announced(bucket, "raw/", filter);
    await account.put(bucket, "raw/1.json", "{}");
    return (await account.messages(queue.url)).filter((body) => body.includes("ObjectCreated"));
}
