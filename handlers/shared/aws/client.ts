import { text } from "node:stream/consumers";
import { Attempts } from "./attempts";
import { Clock } from "./clock";
import { endpointOf } from "./endpoint";
import { Connections } from "./exchange";
import { type Answer, metadataOf, type Outgoing, type Output } from "./message";
import type { ServiceError } from "./service-error";
import { signer } from "./sign";

/** One call of a service. */
export interface Command<Result> {
    /** The request, for the service at an endpoint. */
    requestTo(endpoint: URL): Outgoing;
    /** What an answer says that is no error. */
    read(answer: Answer): Promise<Result>;
}

/** What a service is known by. */
export interface Service {
    /** In host names and signatures. */
    name: string;
    maxAttempts: number;
    /** Milliseconds that the first pause takes at most, if not the SDK's usual. */
    baseDelay?: number;
    errorOf(answer: Answer, body: string): ServiceError;
}

/** What a call's error may be known by besides. */
interface Failure extends Partial<Output> {
    ServerTime?: string;
}

/** Calls a service as the SDK's clients do: signed, at the endpoint that the environment says, and again where that helps. */
export class Client {
    private readonly attempts: Attempts;
    private readonly connections = new Connections();
    private readonly clock = new Clock();
    private readonly sign: ReturnType<typeof signer>;

    constructor(
        private readonly service: Service,
        maxAttempts = service.maxAttempts,
    ) {
        this.attempts = new Attempts(maxAttempts, service.baseDelay);
        this.sign = signer(service.name);
    }

    async send<Result>(command: Command<Result>, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
        const request = command.requestTo(endpointOf(this.service.name));
        Object.assign(request.headers, fixedHeaders());
        if (request.body) request.headers["content-length"] = String(Buffer.byteLength(request.body));
        return this.attempts.make(() => this.attempt(request, command, abortSignal));
    }

    private async attempt<Result>(
        request: Outgoing,
        command: Command<Result>,
        abortSignal: AbortSignal | undefined,
    ): Promise<Result & Output> {
        const signed = await this.sign(request, this.clock.now());
        const sent = Date.now();
        const answer = await this.connections.exchange(signed, abortSignal);
        try {
            if (answer.statusCode >= 300) throw this.service.errorOf(answer, await text(answer.body));
            const result = await command.read(answer);
            this.clock.learn(sent, answer.headers);
            return { ...result, $metadata: metadataOf(answer) };
        } catch (error) {
            const { $metadata = metadataOf(answer), ServerTime } = error as Failure;
            $metadata.clockSkewCorrected = this.clock.learn(sent, answer.headers, ServerTime);
            Object.defineProperty(error, "$response", { value: answer });
            throw Object.assign(error as Error, { $metadata });
        }
    }
}

function fixedHeaders(): Record<string, string> {
    const { AWS_LAMBDA_FUNCTION_NAME, _X_AMZN_TRACE_ID: trace } = process.env;
    // By it Lambda notices functions that call themselves.
    return { "user-agent": "eventpipeline", ...(AWS_LAMBDA_FUNCTION_NAME && trace && { "x-amzn-trace-id": trace }) };
}
