import { text } from "node:stream/consumers";
import type { Command, Service } from "./client";
import { type Answer, type Outgoing, outgoing } from "./message";
import { ServiceError } from "./service-error";

/** How a service of JSON names its operations. */
export interface JsonService {
    /** Before the operation's name. */
    target: string;
    version: "1.0" | "1.1";
}

/** The command of an operation: what it is given is its request, and its answer what it returns. */
export function jsonCommand<Input extends object, Result>(
    { target, version }: JsonService,
    operation: string,
    defaults: () => Partial<Input> = () => ({}),
) {
    return class implements Command<Result> {
        readonly input: Input;

        constructor(input: Input) {
            this.input = { ...defaults(), ...input };
        }

        requestTo(endpoint: URL): Outgoing {
            const request = outgoing(endpoint, "POST");
            request.headers["content-type"] = `application/x-amz-json-${version}`;
            request.headers["x-amz-target"] = `${target}.${operation}`;
            request.body = JSON.stringify(encoded(this.input));
            return request;
        }

        async read({ body }: Answer): Promise<Result> {
            return parse(await text(body)) as Result;
        }
    };
}

/** A service's error, which it names in one of these places. */
export const jsonErrorOf: Service["errorOf"] = (answer, body) => {
    const details = parse(body);
    const name = details.__type ?? details.code ?? details.Code ?? answer.headers["x-amzn-errortype"] ?? "Unknown";
    return new ServiceError(String(name).split(/[,:]/)[0]!.split("#").at(-1)!, details, answer);
};

function parse(body: string): Record<string, unknown> {
    return body === "" ? {} : Object(JSON.parse(body, bytes));
}

/** Bytes as base64: before JSON sees them, which would spell out each. */
function encoded(value: unknown): unknown {
    if (value instanceof Uint8Array) {
        return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
    }
    if (Array.isArray(value)) return value.map(encoded);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, encoded(each)]));
}

/** Bytes of DynamoDB's values: an attribute of such a name holds an object. */
function bytes(key: string, value: unknown): unknown {
    if (key === "B" && typeof value === "string") return Buffer.from(value, "base64");
    if (key === "BS" && Array.isArray(value)) return value.map((each) => Buffer.from(each, "base64"));
    return value;
}
