import type { AddressInfo } from "node:net";
import { serverOf } from "../test/handlers/shared/fake-server";
import { firstRequests } from "./first-requests";
import { largestInputs } from "./largest-inputs";
import type { Deployment, Surroundings } from "./surroundings";

/** A process that answers as AWS does, until the function's is over: one that takes its largest input, if there is data. */
async function main(): Promise<void> {
    const [name, data] = process.argv.slice(2);
    const inputs: Record<string, (data: string) => Promise<Surroundings>> = data ? largestInputs : firstRequests;
    const { answer, ...deployment } = await inputs[name!]!(data!);
    const server = serverOf(answer);
    server.listen(0, "127.0.0.1", () => {
        const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        process.send!({ ...deployment, endpoint } satisfies Deployment);
    });
    process.once("disconnect", () => process.exit());
}

void main();
