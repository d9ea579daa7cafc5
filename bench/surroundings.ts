import type { GivenResponse, SentRequest } from "../test/handlers/shared/fake-service";

/** What a function has beside it, and what it is called with. */
export interface Deployment {
    /** Lies beside the function, if it has such a file. */
    assetFile?: string;
    asset?: unknown;
    environment: object;
    event: unknown;
    /** A part of what it must answer, as JSON: so nothing was left out. */
    answered?: string;
    /** Where AWS answers. */
    endpoint: string;
}

/** A function as it is deployed, and what AWS answers it. */
export interface Surroundings extends Omit<Deployment, "endpoint"> {
    answer(request: SentRequest): GivenResponse | Promise<GivenResponse>;
}
