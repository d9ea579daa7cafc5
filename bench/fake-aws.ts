import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serverOf } from "../test/handlers/shared/fake-server";
import { firstRequests } from "./first-requests";
import { largestInputs } from "./largest-inputs";
import { largestTasks } from "./largest-tasks";
import type { Deployment, Surroundings } from "./surroundings";

/** A process that answers as AWS does, until the function's is over: one that takes its largest input, if there is data. */
async function main(): Promise<void> {
    const [name, data] = process.argv.slice(2);
    const server = serverOf((request) => answer(request));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const inputs: Record<string, (data: string, endpoint: string) => Promise<Surroundings>> = data
        ? { ...largestInputs, ...largestTasks }
        : firstRequests;
    const { answer, ...deployment } = await inputs[name!]!(data!, endpoint);
    process.send!({ ...deployment, endpoint } satisfies Deployment);
    process.once("disconnect", () => process.exit());
}

void main();
