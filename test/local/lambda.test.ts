import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { GetFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { WallClock } from "../../local/clock";
import type { CapturedResource } from "../../local/program";
import { S3 } from "../../local/services/s3";
import {
    afterTest,
    arn,
    bucket,
    nodeFunction,
    pythonFunction,
    rejection,
    settle,
    start,
    testRuntime,
    testServer,
} from "./support";

describe("local Lambda", () => {
    describe("Node functions", () => {
        it("get the event and a context, and their result comes back", async () => {
            const { invoke } = await prepare(
                nodeFunction("echo", "exports.handler = async (event, { functionName }) => ({ event, functionName });"),
            );

            const { payload, error } = await invoke("echo", { a: [1, "ü"] });

            expect(error).to.equal(undefined);
            expect(payload).to.deep.equal({ event: { a: [1, "ü"] }, functionName: "echo" });
        });

        it("are found by ARN and with a qualifier", async () => {
            const echo = nodeFunction("echo", "exports.handler = async (event) => event;");
            const { invoke } = await prepare(echo);

            for (const name of [arn(echo), `${arn(echo)}:$LATEST`, "echo:$LATEST"]) {
                expect(await invoke(name, 1)).to.deep.equal({ payload: 1, reasons: {} });
            }
            expect((await rejection(invoke("other", 1))).name).to.equal("ResourceNotFoundException");
        });

        it("stay warm between invocations, which wait for each other", async () => {
            const { invoke } = await prepare(
                nodeFunction(
                    "count",
                    "let n = 0; exports.handler = async () => { const mine = ++n; await 0; return mine; };",
                ),
            );

            const results = await Promise.all([invoke("count"), invoke("count"), invoke("count")]);

            expect(results.map(({ payload }) => payload)).to.deep.equal([1, 2, 3]);
        });

        it("may use a callback, and give null without callback and promise", async () => {
            const { invoke } = await prepare(
                nodeFunction(
                    "callback",
                    "exports.handler = (event, context, done) => setTimeout(done, 5, null, event + 1);",
                ),
                nodeFunction("plain", "exports.handler = () => 42;"),
                nodeFunction("failing", "exports.handler = (event, context, done) => done(new RangeError('no'));"),
            );

            expect((await invoke("callback", 1)).payload).to.equal(2);
            expect((await invoke("plain")).payload).to.equal(null);
            expect((await invoke("failing")).error).to.include({ errorType: "RangeError", errorMessage: "no" });
        });

        it("may be ES modules in a folder", async () => {
            const folder = temporaryFolder();
            mkdirSync(join(folder, "lib"));
            writeFileSync(join(folder, "lib", "main.mjs"), "export const deep = { run: async (event) => event * 2 };");
            const { invoke } = await prepare(
                nodeFunction("module", "", { handler: "lib/main.deep.run", code: { asset: "folder", path: folder } }),
            );

            expect((await invoke("module", 21)).payload).to.equal(42);
        });

        it("may come in a zip file", async () => {
            const zip = join(temporaryFolder(), "code.zip");
            writeFileSync(
                zip,
                zipOf({
                    "index.js": "exports.handler = async () => require('./lib/a.js');",
                    "lib/a.js": "module.exports = 7;",
                }),
            );
            const { invoke } = await prepare(nodeFunction("zipped", "", { code: { asset: "file", path: zip } }));

            expect((await invoke("zipped")).payload).to.equal(7);
        });

        it("see Lambda's environment and their own, and nothing of this machine's", async () => {
            process.env.SECRET_OF_THIS_MACHINE = "x";
            afterTest(() => delete process.env.SECRET_OF_THIS_MACHINE);
            const { invoke, server } = await prepare(
                nodeFunction("env", "exports.handler = async () => process.env;", {
                    environment: { variables: { TABLE: "t" } },
                    memorySize: 256,
                }),
            );

            const environment = (await invoke("env")).payload as Record<string, string>;

            expect(environment).to.include({
                TABLE: "t",
                AWS_LAMBDA_FUNCTION_NAME: "env",
                AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
                AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
                AWS_REGION: "us-east-1",
                AWS_ENDPOINT_URL: server.url,
                _HANDLER: "index.handler",
            });
            expect(environment).not.to.have.property("SECRET_OF_THIS_MACHINE");
        });

        it("report what they throw, and go on", async () => {
            const source =
                "exports.handler = async (event) => { if (event) throw new TypeError('bad event'); return 'fine'; };";
            const { invoke, runtime } = await prepare(nodeFunction("throwing", source));

            const { error } = await invoke("throwing", 1);

            expect(error).to.include({ errorType: "TypeError", errorMessage: "bad event" });
            expect(error?.trace?.[0]).to.equal("TypeError: bad event");
            expect(runtime.journal.of("log").at(-1)?.line).to.match(/^ERROR\tInvoke Error\t\{"errorType":"TypeError"/);
            expect((await invoke("throwing", 0)).payload).to.equal("fine");
        });

        it("end at their timeout, and start afresh", async () => {
            const source = "let n = 0; exports.handler = async (event) => { n++; while (event) {} return n; };";
            const { invoke } = await prepare(nodeFunction("busy", source, { timeout: 1 }));
            await invoke("busy", 0);

            const { error } = await invoke("busy", 1);

            expect(error?.errorMessage).to.match(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/);
            expect((await invoke("busy", 0)).payload).to.equal(1);
        });

        it("have no more heap than their memory allows", async () => {
            const source = "exports.handler = async () => Array.from({ length: 25e6 }, (_, n) => n / 3).length;";
            const { invoke } = await prepare(
                nodeFunction("small", source, { memorySize: 128 }),
                nodeFunction("large", source, { memorySize: 1024 }),
            );

            expect((await invoke("small")).error?.errorType).to.equal("Runtime.ExitError");
            expect((await invoke("large")).payload).to.equal(25e6);
        });

        it("let no garbage lie that was alive for a while", async () => {
            const source = `const kept = [];
            exports.handler = async (call) => {
                kept[call % 3] = Array.from({ length: 100_000 }, (_, n) => ({ n }));
                return process.memoryUsage().heapTotal;
            };`;
            const { invoke } = await prepare(nodeFunction("littering", source, { memorySize: 1024 }));

            const heaps: number[] = [];
            for (let call = 0; call < 50; call++) heaps.push((await invoke("littering", call)).payload as number);
            expect(Math.max(...heaps)).to.be.below(64e6);
        });

        it("fail with their process", async () => {
            const { invoke } = await prepare(
                nodeFunction("exit", "exports.handler = async (status) => process.exit(status);"),
                nodeFunction("killed", "exports.handler = async () => process.kill(process.pid, 'SIGKILL');"),
            );

            expect((await invoke("exit", 3)).error?.errorMessage).to.match(
                /Error: Runtime exited with error: exit status 3$/,
            );
            expect((await invoke("exit", 0)).error?.errorMessage).to.match(
                /Error: Runtime exited without providing a reason$/,
            );
            expect((await invoke("killed")).error).to.deep.include({ errorType: "Runtime.ExitError" });
        });

        it("may exit long after their start", async () => {
            const source = "exports.handler = () => new Promise(() => setTimeout(() => process.exit(3), 500));";
            const { invoke } = await prepare(nodeFunction("late", source));

            expect((await invoke("late")).error?.errorMessage).to.match(/exit status 3$/);
        });

        it("fail on what nobody catches", async () => {
            const { invoke } = await prepare(
                nodeFunction(
                    "rejecting",
                    "exports.handler = () => new Promise(() => { Promise.reject(new Error('lost')); });",
                ),
                nodeFunction(
                    "crashing",
                    "exports.handler = () => new Promise(() => setImmediate(() => { throw new Error('late'); }));",
                ),
            );

            expect((await invoke("rejecting")).error).to.include({
                errorType: "Runtime.UnhandledPromiseRejection",
                errorMessage: "lost",
            });
            expect((await invoke("crashing")).error).to.include({ errorType: "Error", errorMessage: "late" });
        });

        for (const [problem, source, inputs, errorType] of [
            ["there is no module", "", { handler: "other.handler" }, "Runtime.ImportModuleError"],
            ["there is no handler", "", {}, "Runtime.HandlerNotFound"],
            ["the handler is misspelt", "", { handler: "index" }, "Runtime.MalformedHandlerName"],
            ["the code is broken", "exports.handler = (", {}, "Runtime.UserCodeSyntaxError"],
            ["a module is missing", "require('missing');", {}, "Runtime.ImportModuleError"],
            ["loading throws", "throw new URIError('at load');", {}, "URIError"],
            ["there is no code", "", { code: undefined }, "Local.InvalidCode"],
            ["the code is a text", "", { code: { asset: "text", text: "" } }, "Local.InvalidCode"],
            ["an entry lies outside", "", outside(), "Local.InvalidCode"],
        ] as const) {
            it(`fail when ${problem}`, async () => {
                const { invoke } = await prepare(nodeFunction("broken", source, inputs));

                const [first, second] = await Promise.all([invoke("broken"), invoke("broken")]);

                expect(first.error?.errorType).to.equal(errorType);
                expect(second.error?.errorType).to.equal(errorType);
            });
        }

        it("take and give 6 MB and no more", async () => {
            const { invoke } = await prepare(
                nodeFunction("large", "exports.handler = async ({ size }) => 'x'.repeat(size);"),
            );

            const largest = await invoke("large", { size: 6 * 1024 * 1024 - 2, padding: "x".repeat(5 * 1024 * 1024) });
            const larger = await invoke("large", { size: 6 * 1024 * 1024 });
            const refused = await rejection(invoke("large", { padding: "x".repeat(6 * 1024 * 1024) }));

            expect((largest.payload as string).length).to.equal(6 * 1024 * 1024 - 2);
            expect(larger.error?.errorType).to.equal("Function.ResponseSizeTooLarge");
            expect(refused).to.include({ name: "RequestTooLargeException", status: 413 });
        });

        it("fail on a result that is no JSON", async () => {
            const { invoke } = await prepare(nodeFunction("big", "exports.handler = async () => 1n;"));

            expect((await invoke("big")).error?.errorType).to.equal("Runtime.MarshalError");
        });

        it("live in the pipeline's time", async () => {
            const source = `exports.handler = async (event, context) => [
                Date.now(), new Date().toISOString(), Date(), new Date(0).getTime(), new Date() instanceof Date,
                context.getRemainingTimeInMillis(), new Date().constructor === Date, Date.UTC(1970, 0),
            ];`;
            const { invoke } = await prepare(nodeFunction("clock", source, { timeout: 10 }));

            const [now, iso, text, epoch, instance, remaining, constructed, utc] = (await invoke("clock"))
                .payload as never[];

            expect(Number(now) - start).to.be.within(0, 2000);
            expect(iso).to.match(/^2026-11-21T04:00:0/);
            expect(text).to.match(/^Sat Nov 21 2026 04:00:0/);
            expect([epoch, instance, constructed, utc]).to.deep.equal([0, true, true, 0]);
            expect(remaining).to.be.within(5000, 10_000);
        });

        it("are answered in the pipeline's time, by which SDKs tell whether their own clock is wrong", async () => {
            const source = `exports.handler = async () => {
                const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/1/us-east-1/s3/aws4_request";
                const answer = await fetch(process.env.AWS_ENDPOINT_URL + "/lake/none", { headers: { authorization } });
                return answer.headers.get("date");
            };`;
            const { invoke } = await prepare(nodeFunction("clock", source, { timeout: 10 }));

            const { payload } = await invoke("clock");

            expect(payload).to.equal(new Date(start).toUTCString());
        });

        it("write lines that are logged, counted as failures and kept as reasons", async () => {
            const source = `exports.handler = async () => {
                console.log("a line");
                console.error("an error line");
                console.log(JSON.stringify({ level: "error", stage: "normalize", reason: "not JSON", count: 3 }));
                console.log(JSON.stringify({ level: "error", stage: "normalize", reason: "one more" }));
                console.log(JSON.stringify({ level: "warn", stage: "run", messageId: "m1", reason: "throttled" }));
                console.log("{ broken");
                process.stdout.write("no newline");
            };`;
            const { invoke, runtime } = await prepare(nodeFunction("logging", source));

            const { reasons } = await invoke("logging");

            expect(reasons).to.deep.equal({ m1: { stage: "run", reason: "throttled" } });
            expect(runtime.journal.of("failure").map(({ reason, count }) => [reason, count])).to.deep.equal([
                ["not JSON", 3],
                ["one more", 1],
            ]);
            const lines = runtime.journal.of("log").map(({ line }) => line);
            expect(lines).to.include.members(["a line", "{ broken", "no newline"]);
            expect(lines.join()).not.to.include("END RequestId");
        });
    });

    describe("Python functions", () => {
        before(skipWithoutPython);

        it("get the event and a context, and their result comes back", async () => {
            const source = "def handler(event, context):\n    return {'event': event, 'name': context.function_name}";
            const { invoke } = await prepare(pythonFunction("echo", source));

            const { payload } = await invoke("echo", { a: "ü" });

            expect(payload).to.deep.equal({ event: { a: "ü" }, name: "echo" });
        });

        it("report what they raise, and go on", async () => {
            const source = "def handler(event, context):\n    return 1 / event";
            const { invoke, runtime } = await prepare(pythonFunction("dividing", source));

            const { error } = await invoke("dividing", 0);

            expect(error).to.include({ errorType: "ZeroDivisionError", errorMessage: "division by zero" });
            expect(error?.trace?.join()).to.include("return 1 / event");
            expect(runtime.journal.of("log").map(({ line }) => line)).to.include(
                "[ERROR] ZeroDivisionError: division by zero",
            );
            expect((await invoke("dividing", 2)).payload).to.equal(0.5);
        });

        it("end at their timeout and with their process", async () => {
            const source = [
                "import sys",
                "def handler(event, context):",
                "    while event == 'busy': pass",
                "    sys.exit(event)",
            ].join("\n");
            const { invoke } = await prepare(pythonFunction("ending", source, { timeout: 1 }));

            expect((await invoke("ending", "busy")).error?.errorMessage).to.include(
                "Task timed out after 1.00 seconds",
            );
            expect((await invoke("ending", 4)).error?.errorMessage).to.include("exit status 4");
        });

        for (const [problem, source, handler, errorType] of [
            ["there is no module", "", "other.handler", "Runtime.ImportModuleError"],
            ["there is no handler", "", "main.handler", "Runtime.HandlerNotFound"],
            ["the handler is misspelt", "", "main", "Runtime.MalformedHandlerName"],
            ["the code is broken", "def (", "main.handler", "Runtime.UserCodeSyntaxError"],
            ["a module is missing", "import missing_module", "main.handler", "Runtime.ImportModuleError"],
            ["the result is no JSON", "def handler(e, c): return {1, 2}", "main.handler", "Runtime.MarshalError"],
        ] as const) {
            it(`fail when ${problem}`, async () => {
                const { invoke } = await prepare(pythonFunction("broken", source, { handler }));

                expect((await invoke("broken")).error?.errorType).to.equal(errorType);
            });
        }

        it("live in the pipeline's time", async () => {
            const source = `
import datetime, time
from datetime import date, datetime as dt, timezone
def handler(event, context):
    moment = dt.now(timezone.utc)
    return [
        time.time(), time.time_ns() // 10**9, moment.isoformat(), dt.utcnow().isoformat(), dt.now().isoformat(),
        dt.today().isoformat(), date.today().isoformat(), time.strftime("%Y-%m-%d"), time.ctime(), time.gmtime().tm_year,
        isinstance(moment, datetime.datetime), isinstance(dt(2020, 1, 1), date), issubclass(dt, date),
        context.get_remaining_time_in_millis(), (moment - datetime.timedelta(days=1)).isoformat(), time.gmtime(0).tm_year,
    ]`;
            const { invoke } = await prepare(pythonFunction("clock", source, { timeout: 10 }));

            const payload = (await invoke("clock")).payload as unknown[];

            const [seconds, whole, utc, ...others] = payload;
            expect(Number(seconds) * 1000 - start).to.be.within(-50, 2000);
            expect(Number(whole) * 1000 - start).to.be.within(-1000, 2000);
            expect(utc).to.match(/^2026-11-21T0(4:00:0|3:59:59).*\+00:00$/);
            expect(others.slice(0, 3).map((each) => String(each).slice(0, 10))).to.deep.equal(
                Array(3).fill("2026-11-21"),
            );
            expect(others.slice(3, 5)).to.deep.equal(["2026-11-21", "2026-11-21"]);
            expect(others[5]).to.match(/^Sat Nov 21 .* 2026$/);
            expect(others.slice(6, 10)).to.deep.equal([2026, true, true, true]);
            expect(others[10]).to.be.within(5000, 10_000);
            expect(others[11]).to.match(/^2026-11-20T/);
            expect(others[12]).to.equal(1970);
        });

        it("log with Lambda's format", async () => {
            const source = [
                "import logging",
                "def handler(event, context):",
                "    logging.getLogger().warning('watch out')",
            ].join("\n");
            const { invoke, runtime } = await prepare(pythonFunction("logging", source));

            await invoke("logging");

            const [entry] = runtime.journal.of("log");
            expect(entry?.line).to.match(/^\[WARNING\]\t2026-11-21T0\d:\d\d:\d\d\.\d+Z\t[0-9a-f-]{36}\twatch out$/);
        });

        it("use S3 through this machine's boto3, or the stand-in where there is none", async () => {
            const source = `
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    s3 = boto3.client("s3")
    put = s3.put_object(Bucket="lake", Key="a b/ü=+%'.json", Body=b"one\\ntwo\\n", ContentType="text/plain", Metadata={"Who": "me"})
    s3.put_object(Bucket="lake", Key="a b/2", Body="text")
    got = s3.get_object(Bucket="lake", Key="a b/ü=+%'.json")
    head = s3.head_object(Bucket="lake", Key="a b/ü=+%'.json")
    part = s3.get_object(Bucket="lake", Key="a b/2", Range="bytes=1-2")["Body"].read().decode()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix="a b/", MaxKeys=1)
    keys = [item["Key"] for page in pages for item in page["Contents"]]
    folders = s3.list_objects_v2(Bucket="lake", Delimiter="/")["CommonPrefixes"]
    codes = []
    for call in (
        lambda: s3.get_object(Bucket="lake", Key="missing"),
        lambda: s3.put_object(Bucket="lake", Key="a b/2", Body=b"", IfNoneMatch="*"),
        lambda: s3.head_object(Bucket="lake", Key="missing"),
    ):
        try:
            call()
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    return [put["ETag"], head["ContentLength"], head["Metadata"], got["ContentType"], part, keys, folders, codes,
            [line.decode() for line in got["Body"].iter_lines()]]`;
            const s3 = await withS3(pythonFunction("real", source), pythonFunction("standin", source));
            const real = hasBoto3() ? await s3.invoke("real") : undefined;
            hideBoto3();

            const standIn = await s3.invoke("standin");

            expect(standIn.error).to.equal(undefined);
            expect(standIn.payload).to.deep.equal([
                `"${createHash("md5").update("one\ntwo\n").digest("hex")}"`,
                8,
                { who: "me" },
                "text/plain",
                "ex",
                ["a b/2", "a b/ü=+%'.json"],
                [{ Prefix: "a b/" }],
                ["NoSuchKey", "PreconditionFailed", "404"],
                ["one", "two"],
            ]);
            if (real) expect(standIn.payload).to.deep.equal(real.payload);
        });

        it("are told by name what the stand-in for boto3 lacks", async () => {
            hideBoto3();
            const source = `
import boto3
def handler(event, context):
    refused = []
    s3 = boto3.client("s3")
    for call in (
        lambda: boto3.client("dynamodb"),
        lambda: boto3.resource("s3"),
        lambda: s3.upload_file("a", "b", "c"),
        lambda: s3.put_object(Bucket="lake", Key="a", ACL="private"),
        lambda: s3.get_paginator("list_parts"),
    ):
        try:
            call()
        except NotImplementedError as error:
            refused.append(str(error).split(" needs")[0])
    return refused`;
            const { invoke } = await withS3(pythonFunction("refused", source));

            const { payload } = await invoke("refused");

            expect(payload).to.deep.equal([
                "boto3.client('dynamodb', …)",
                "boto3.resource",
                "the S3 client's upload_file",
                "put_object(ACL=…)",
                "the paginator 'list_parts'",
            ]);
        });
    });

    for (const [what, inputs, reason] of [
        ["another runtime", { runtime: "java21" }, /^the runtime java21 does not run on this machine/],
        ["a container image", { packageType: "Image", runtime: undefined }, /^a container image/],
        ["layers", { layers: ["arn:aws:lambda:us-east-1:000000000000:layer:x:1"] }, /^layers are not modelled/],
    ] as const) {
        it(`skips functions with ${what} and says so`, async () => {
            const { invoke, runtime } = await prepare(nodeFunction("skipped", "", inputs));

            const { error } = await invoke("skipped");

            expect(error?.errorType).to.equal("Local.Skipped");
            expect(runtime.journal.of("skip")).to.have.length(1);
            expect(runtime.journal.of("skip")[0]).to.include({ function: "skipped" });
            expect(runtime.journal.of("skip")[0]?.reason).to.match(reason);
        });
    }

    it("skips what calls a function that is skipped, by its name or its ARN", async () => {
        const skipped = nodeFunction("skipped", "", { runtime: "java25" });
        const told = (name: string, value: string) =>
            nodeFunction(name, "", { environment: { variables: { FUNCTION: value } } });
        const { runtime } = await prepare(
            told("first", "skipped"),
            skipped,
            told("second", arn(skipped)),
            told("third", "another"),
        );

        expect(runtime.journal.of("skip").map((entry) => [entry.function, entry.reason])).to.deep.equal([
            ["skipped", "the runtime java25 does not run on this machine; nodejs and python do"],
            ["first", "it calls skipped"],
            ["second", "it calls skipped"],
        ]);
    });

    describe("called over its API", () => {
        const echo = nodeFunction(
            "echo",
            `exports.handler = async (event) => {
                if (event?.fail) throw new TypeError("no luck");
                return event?.nothing ? undefined : { event };
            };`,
        );

        async function client() {
            const { server } = await testServer(testRuntime([echo]), (lambda) => [lambda]);
            return new LambdaClient({
                endpoint: server.url,
                region: "us-east-1",
                credentials: { accessKeyId: "test", secretAccessKey: "test" },
                maxAttempts: 1,
            });
        }
        const invoke = (lambda: LambdaClient, FunctionName: string, event?: unknown, more = {}) =>
            lambda.send(
                new InvokeCommand({
                    FunctionName,
                    Payload: event === undefined ? event : JSON.stringify(event),
                    ...more,
                }),
            );
        const payload = ({ Payload }: { Payload?: Uint8Array }) => JSON.parse(new TextDecoder().decode(Payload));

        it("answers what the function returned, by name and by ARN", async () => {
            const lambda = await client();

            const byArn = await invoke(lambda, arn(echo), { a: "ü" });
            const byName = await invoke(lambda, "echo", { nothing: true });
            const empty = await invoke(lambda, "echo");

            expect(byArn).to.include({ StatusCode: 200, ExecutedVersion: "$LATEST" });
            expect(byArn.FunctionError).to.equal(undefined);
            expect(payload(byArn)).to.deep.equal({ event: { a: "ü" } });
            expect(payload(byName)).to.equal(null);
            expect(payload(empty)).to.deep.equal({ event: null });
        });

        it("answers how the function failed, as a result", async () => {
            const result = await invoke(await client(), "echo", { fail: true });

            expect(result.FunctionError).to.equal("Unhandled");
            expect(payload(result)).to.include({ errorType: "TypeError", errorMessage: "no luck" });
        });

        it("refuses what is not there, not JSON or too large", async () => {
            const lambda = await client();

            const other = await rejection(invoke(lambda, "other", 1));
            const broken = await rejection(invoke(lambda, "echo", undefined, { Payload: "{" }));
            const large = await rejection(invoke(lambda, "echo", "x".repeat(6 * 1024 * 1024)));

            expect([other, broken, large].map(({ name }) => name)).to.deep.equal([
                "ResourceNotFoundException",
                "InvalidRequestContentException",
                "RequestTooLargeException",
            ]);
            expect(other.message).to.equal("Function not found: other");
        });

        it("refuses by name what is not modelled", async () => {
            const lambda = await client();

            const event = await rejection(invoke(lambda, "echo", 1, { InvocationType: "Event" }));
            const version = await rejection(invoke(lambda, "echo", 1, { Qualifier: "7" }));
            const other = await rejection(lambda.send(new GetFunctionCommand({ FunctionName: "echo" })));

            expect([event, version, other].map(({ message }) => message)).to.deep.equal([
                "lambda Invoke with Event is not modelled on this machine",
                "lambda Invoke with RequestResponse, Qualifier is not modelled on this machine",
                "lambda /2015-03-31/functions/echo is not modelled on this machine",
            ]);
        });
    });

    it("skips Python functions where there is no Python", async () => {
        setPath("/nowhere");

        const { runtime } = await prepare(pythonFunction("forecast", ""));

        expect(runtime.journal.of("skip")).to.deep.equal([
            {
                kind: "skip",
                function: "forecast",
                reason: "python3.13 needs python3 on the PATH: install Python 3.9 or newer",
            },
        ]);
    });

    it("retries asynchronous invocations after one and two minutes, then reports the failure", async () => {
        const failing = nodeFunction(
            "failing",
            "exports.handler = async () => { console.log('tried'); throw new Error('no'); };",
        );
        const skipped = nodeFunction("skipped", "", { runtime: "ruby3.4" });
        const { lambda, runtime } = await prepare(failing, skipped);

        lambda.invokeAsync(arn(failing), {});
        lambda.invokeAsync(arn(skipped), {});
        await settle(runtime);

        expect(runtime.clock.now() - start).to.equal(180_000);
        expect(runtime.journal.of("log").filter(({ line }) => line === "tried")).to.have.length(3);
        expect(runtime.journal.of("failure")).to.deep.equal([
            { kind: "failure", stage: "failing", reason: "no", count: 1 },
        ]);
    });

    it("knows which invocation of a Python function a call belongs to", async function () {
        skipWithoutPython.call(this);
        const { invoke, runtime, s3 } = await withS3(
            pythonFunction(
                "writer",
                [
                    "import boto3",
                    "def handler(event, context):",
                    "    boto3.client('s3').put_object(Bucket='lake', Key='out', Body=b'')",
                ].join("\n"),
            ),
        );
        hideBoto3();

        await invoke("writer", {}, { keys: ["raw/a"], tier: 1 });

        expect(s3.get("lake", "out")?.cause).to.deep.equal({ keys: ["raw/a"], tier: 1 });
        expect(runtime.journal.of("object")).to.have.length(1);
    });

    it("ends its processes when it stops, also busy ones, and fails what waits", async () => {
        // The line is written by the first invocation, so that it is known to be under way.
        const source = "exports.handler = async () => { console.log(process.pid); for (;;) {} };";
        const { invoke, lambda, runtime } = await prepare(nodeFunction("busy", source, { timeout: 60 }));
        const first = invoke("busy");
        const second = invoke("busy");
        const pid = await loggedPid(runtime.journal);

        await lambda.stop();

        expect((await first).error?.errorType).to.equal("Runtime.ExitError");
        expect((await second).error?.errorType).to.equal("Local.Stopped");
        expect((await invoke("busy")).error?.errorType).to.equal("Local.Stopped");
        expect(await isGone(pid)).to.equal(true);
    });

    for (const [language, busy] of [
        [
            "Node",
            nodeFunction("busy", "console.log(process.pid); exports.handler = () => { for (;;) {} };", { timeout: 60 }),
        ],
        [
            "Python",
            pythonFunction(
                "busy",
                "import os\nprint(os.getpid())\ndef handler(event, context):\n    while True: pass",
                { timeout: 60 },
            ),
        ],
    ] as const) {
        it(`leaves no busy ${language} process behind when this process is killed`, async function () {
            if (language === "Python") skipWithoutPython.call(this);
            const script = `
                const { testRuntime, testServer } = require("./test/local/support.ts");
                const runtime = testRuntime([${JSON.stringify(busy)}]);
                runtime.journal.listen((entry) => entry.kind === "log" && console.log(entry.line));
                testServer(runtime).then(({ lambda }) => lambda.invoke("busy", {}));`;
            const parent = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
                stdio: ["ignore", "pipe", "inherit"],
            });
            const pid = await new Promise<number>((resolve) =>
                parent.stdout.once("data", (data) => resolve(Number(data))),
            );
            await new Promise((resolve) => setTimeout(resolve, 300));

            parent.kill("SIGKILL");

            expect(await isGone(pid)).to.equal(true);
        });
    }

    it("refuses what the Runtime API does not have, and functions it does not know", async () => {
        const { server } = await prepare(nodeFunction("echo", ""));

        const unknown = await fetch(`${server.url}/runtime/echo/2018-06-01/runtime/other`);
        const nobody = await fetch(`${server.url}/runtime/nobody/2018-06-01/runtime/invocation/next`);

        expect(unknown.status).to.equal(501);
        expect(nobody.status).to.equal(404);
    });

    it("works by the wall clock as well", async () => {
        const runtime = testRuntime(
            [nodeFunction("now", "exports.handler = async () => Date.now();")],
            new WallClock(),
        );
        const { lambda } = await testServer(runtime);

        const { payload } = await lambda.invoke("now", {});

        expect(Math.abs(Number(payload) - Date.now())).to.be.lessThan(2000);
    });
});

async function prepare(...functions: CapturedResource[]) {
    const runtime = testRuntime(functions);
    const { server, lambda } = await testServer(runtime);
    return {
        runtime,
        server,
        lambda,
        invoke: lambda.invoke.bind(lambda) as (...args: unknown[]) => ReturnType<typeof lambda.invoke>,
    };
}

async function withS3(...functions: CapturedResource[]) {
    const runtime = testRuntime([bucket("lake"), ...functions]);
    const s3 = new S3(runtime);
    const { lambda } = await testServer(runtime, () => [s3]);
    return {
        runtime,
        s3,
        invoke: lambda.invoke.bind(lambda) as (...args: unknown[]) => ReturnType<typeof lambda.invoke>,
    };
}

function temporaryFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "eventpipeline-code-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    return folder;
}

function outside() {
    return { code: { asset: "archive", entries: { "../index.js": { asset: "text", text: "" } } } };
}

function setPath(path: string): void {
    const before = process.env.PATH;
    process.env.PATH = path;
    afterTest(() => {
        process.env.PATH = before;
    });
}

/** Python is no part of what the tests need: where there is none, they are shown as pending. */
function skipWithoutPython(this: Mocha.Context): void {
    if (spawnSync("python3", ["--version"]).status !== 0) this.skip();
}

function hasBoto3(): boolean {
    return spawnSync("python3", ["-c", "import boto3"]).status === 0;
}

/** Puts a Python without installed packages first on the PATH. */
function hideBoto3(): void {
    const folder = temporaryFolder();
    const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
        encoding: "utf8",
    }).stdout.trim();
    const self = join(folder, "python3");
    const script = `#!/bin/sh\nif [ "$1" = -c ]; then echo "${self}"; else exec "${python}" -S "$@"; fi\n`;
    writeFileSync(self, script, { mode: 0o755 });
    setPath(`${folder}${delimiter}${process.env.PATH}`);
}

async function loggedPid(journal: { of(kind: "log"): { line: string }[] }): Promise<number> {
    for (;;) {
        const pid = Number(journal.of("log")[0]?.line);
        if (pid > 0) return pid;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/** Whether the process ends within some seconds. */
async function isGone(pid: number): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++) {
        try {
            process.kill(pid, 0);
        } catch {
            return true;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.kill(pid, "SIGKILL");
    return false;
}

/** A zip archive; the first file is stored, the others are compressed. */
function zipOf(files: Record<string, string>): Buffer {
    const parts: Buffer[] = [];
    const directory: Buffer[] = [];
    let offset = 0;
    for (const [index, [name, text]] of Object.entries({ ...files, "empty/": "" }).entries()) {
        const method = index === 0 ? 0 : 8;
        const bytes = method === 0 ? Buffer.from(text) : deflateRawSync(text);
        const header = Buffer.alloc(30);
        header.writeUInt32LE(0x04034b50);
        header.writeUInt16LE(method, 8);
        header.writeUInt32LE(bytes.length, 18);
        header.writeUInt16LE(name.length, 26);
        const entry = Buffer.alloc(46);
        entry.writeUInt32LE(0x02014b50);
        entry.writeUInt16LE(method, 10);
        entry.writeUInt32LE(bytes.length, 20);
        entry.writeUInt16LE(name.length, 28);
        entry.writeUInt32LE(offset, 42);
        parts.push(header, Buffer.from(name), bytes);
        directory.push(entry, Buffer.from(name));
        offset += 30 + name.length + bytes.length;
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50);
    end.writeUInt16LE(directory.length / 2, 10);
    end.writeUInt32LE(offset, 16);
    return Buffer.concat([...parts, ...directory, end]);
}
