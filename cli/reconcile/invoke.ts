import type { ReconcileRequest } from "../../handlers/reconcile/contract";
import { type Invoke as InvokeAny, invokeFunction } from "../invoke";
import type { Target } from "../target";

/** Calls the pipeline's function that reconciles, and says what it answers. */
export type Invoke = InvokeAny<ReconcileRequest>;

/** Calls it with the user's credentials, as the AWS SDK finds them, or on this machine. */
export async function invokeReconciler(target: Target, request: ReconcileRequest): Promise<unknown> {
    const { pipeline, reconcileFunctionName: name } = target.operations;
    if (name === undefined) throw new Error(`${pipeline} keeps no books: it has no query, rollup or processor`);
    return invokeFunction(target, name, request);
}
