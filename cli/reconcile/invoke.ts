import type { ReconcileRequest } from "../../handlers/reconcile/contract";
import { clientConfig, type Target } from "../target";

/** Calls the pipeline's function that reconciles, and says what it answers. */
export type Invoke = (target: Target, request: ReconcileRequest) => Promise<unknown>;

/** Calls it with the user's credentials, as the AWS SDK finds them, or on this machine. */
export async function invokeReconciler(target: Target, request: ReconcileRequest): Promise<unknown> {
    const { pipeline, reconcileFunctionName: name } = target.operations;
    if (name === undefined) throw new Error(`${pipeline} keeps no books: it has no query, rollup or processor`);
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
