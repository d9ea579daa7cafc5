import { clientConfig, type Target } from "./target";

/** Calls a pipeline's function, and says what it answers. */
export type Invoke<Request> = (target: Target, request: Request) => Promise<unknown>;

/** Calls a function with the user's credentials, as the AWS SDK finds them, or on this machine. */
export async function invokeFunction(target: Target, name: string, request: unknown): Promise<unknown> {
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda").catch(() => {
        throw new Error(
            "to call functions, install the AWS SDK's client: npm install --save-dev @aws-sdk/client-lambda",
        );
    });
    // Not again by itself: a call may take 15 minutes, and one that was cut off goes on.
    const client = new LambdaClient({ ...clientConfig(target), maxAttempts: 1 });
    const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) }),
    );
    const answer = JSON.parse(Buffer.from(Payload!).toString());
    if (FunctionError) throw new Error(`the function ${name} failed: ${answer.errorType}: ${answer.errorMessage}`);
    return answer;
}
