import { AwsError, type AwsResponse } from "../runtime";
import { ConnectionCut } from "./connection-cut";
import type { CallFate } from "./injector";

/** Has a call acted on, or not, and answered, or not. */
export async function faultyCall(
    { crash, cut, error }: CallFate,
    caller: { kill(): Promise<void> },
    act: () => Promise<AwsResponse>,
): Promise<AwsResponse> {
    if (crash === "before") await caller.kill();
    if (crash === "before" || cut === "before") throw new ConnectionCut();
    if (error) throw new AwsError(error.code, "an injected fault", error.status);
    const [answered] = await Promise.allSettled([act()]);
    if (crash) await caller.kill();
    if (crash || cut) throw new ConnectionCut();
    if (answered.status === "rejected") throw answered.reason;
    return answered.value;
}
