import { type Answer, type Metadata, metadataOf } from "./message";

/** A service's refusal, with whatever it says about it. */
export class ServiceError extends Error {
    readonly $fault: "client" | "server";
    $metadata: Metadata;
    [detail: string]: unknown;

    constructor(name: string, { message, Message, ...details }: Record<string, unknown>, answer: Answer) {
        super(String(message || Message || "UnknownError"));
        Object.assign(this, details);
        this.name = name;
        this.$fault = answer.statusCode < 500 ? "client" : "server";
        this.$metadata = metadataOf(answer);
    }
}
