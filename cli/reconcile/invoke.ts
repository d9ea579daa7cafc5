import type { ReconcileRequest } from "../../handlers/reconcile/contract";

/** Calls a function of AWS Lambda and says what it answers. */
export type Invoke = (name: string, request: ReconcileRequest) => Promise<unknown>;

/** Calls it with the user's credentials, as the AWS SDK finds them; `AWS_ENDPOINT_URL` may name another place. */
export async function invokeFunction(name: string, request: ReconcileRequest): Promise<unknown> {
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda").catch(() => {
        throw new Error(
            "to call functions, install the AWS SDK's client: npm install --save-dev @aws-sdk/client-lambda",
        );
    });
    // Not again by itself: a call may take 15 minutes, and one that was cut off goes on.
    const client = new LambdaClient({ maxAttempts: 1 });
    const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) }),
    );
    const answer = JSON.parse(Buffer.from(Payload!).toString());
    if (FunctionError) throw new Error(`the function ${name} failed: ${answer.errorType}: ${answer.errorMessage}`);
    return answer;
}
