import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { refuseOthers } from "../refusal";
import type { CorsConfiguration } from "./cors";
import { parseRouteKey, type Route } from "./routes";
import type { ThrottleSettings } from "./throttle";

/** An HTTP API as far as it is modelled. */
export interface ApiConfiguration {
    id: string;
    /** Logical name in the program. */
    logicalName: string;
    cors?: CorsConfiguration;
    routes: Route[];
    stages: Stage[];
}

/** A stage: what a request's path starts with, or `$default`. */
export interface Stage {
    name: string;
    variables?: Record<string, string>;
    /** Limits by route key. */
    throttle(routeKey: string): ThrottleSettings | undefined;
}

interface RouteSettings {
    routeKey?: string;
    throttlingRateLimit?: number;
    throttlingBurstLimit?: number;
}

/** Inputs that change nothing on this machine: names, logs, versions. */
const irrelevant = ["region", "tags", "description"];
const known = {
    api: ["name", "protocolType", "corsConfiguration", "version", ...irrelevant],
    integration: [
        ...["apiId", "integrationType", "integrationUri", "integrationMethod", "payloadFormatVersion"],
        ...["timeoutMilliseconds", "connectionType", ...irrelevant],
    ],
    route: ["apiId", "routeKey", "target", "authorizationType", "operationName", ...irrelevant],
    stage: [
        ...["apiId", "name", "autoDeploy", "deploymentId", "defaultRouteSettings", "routeSettings", "stageVariables"],
        ...["accessLogSettings", ...irrelevant],
    ],
};
/** The longest that API Gateway waits for a function. */
const longestTimeout = 30_000;
/** An account's own limits, where a stage gives only one of the two. */
const accountLimits = { rate: 10_000, burst: 5_000 };

/** Reads the program's HTTP APIs; what is not modelled is refused by name. */
export function readApis(program: CapturedProgram): ApiConfiguration[] {
    const integrations = read(program, "integration", "Integration", readIntegration);
    const routes = read(program, "route", "Route", (resource) => readRoute(resource, integrations));
    const stages = read(program, "stage", "Stage", readStage);
    return read(program, "api", "Api", readApi).map((api) => ({
        ...api,
        routes: routes.filter(({ apiId }) => apiId === api.id),
        stages: stages.filter(({ apiId }) => apiId === api.id),
    }));
}

function read<T>(
    program: CapturedProgram,
    kind: keyof typeof known,
    type: string,
    readOne: (resource: CapturedResource) => T,
): T[] {
    return ofType(program, `aws:apigatewayv2/${kind}:${type}`).map((resource) => {
        try {
            refuseOthers("", resource.inputs, known[kind]);
            return readOne(resource);
        } catch (error) {
            throw new Error(`HTTP API ${kind} "${resource.name}": ${(error as Error).message}`);
        }
    });
}

function readApi({ id, name: logicalName, inputs }: CapturedResource) {
    mustBe(inputs, "protocolType", "HTTP");
    return { id, logicalName, cors: inputs.corsConfiguration as CorsConfiguration | undefined };
}

function readIntegration({ id, inputs }: CapturedResource) {
    mustBe(inputs, "integrationType", "AWS_PROXY");
    mustBe(inputs, "payloadFormatVersion", "2.0");
    mustBe({ connectionType: "INTERNET", ...inputs }, "connectionType", "INTERNET");
    const timeout = (inputs.timeoutMilliseconds as number | undefined) ?? longestTimeout;
    return { id, functionArn: functionArn(String(inputs.integrationUri)), timeout };
}

function readRoute(
    { inputs }: CapturedResource,
    integrations: { id: string; functionArn: string; timeout: number }[],
): Route & { apiId: unknown } {
    mustBe({ authorizationType: "NONE", ...inputs }, "authorizationType", "NONE");
    const integration = integrations.find(({ id }) => inputs.target === `integrations/${id}`);
    if (!integration) throw new Error(`target "${inputs.target}" is not an integration of the program`);
    const { functionArn, timeout } = integration;
    return { apiId: inputs.apiId, ...parseRouteKey(String(inputs.routeKey)), functionArn, timeout };
}

function readStage({ name: logicalName, inputs }: CapturedResource): Stage & { apiId: unknown } {
    const settings = new Map(
        ((inputs.routeSettings ?? []) as RouteSettings[]).map((route) => [route.routeKey, readThrottle(route)]),
    );
    const fallback = readThrottle((inputs.defaultRouteSettings ?? {}) as RouteSettings);
    return {
        apiId: inputs.apiId,
        name: String(inputs.name ?? logicalName),
        variables: inputs.stageVariables as Record<string, string> | undefined,
        throttle: (routeKey) => settings.get(routeKey) ?? fallback,
    };
}

function readThrottle({ throttlingRateLimit: rate, throttlingBurstLimit: burst }: RouteSettings) {
    if (rate === undefined && burst === undefined) return undefined;
    return { rate: rate ?? accountLimits.rate, burst: burst ?? accountLimits.burst };
}

/** A function's ARN, out of the ARN that API Gateway invokes it by. */
function functionArn(integrationUri: string): string {
    return /\/functions\/(.+)\/invocations$/.exec(integrationUri)?.[1] ?? integrationUri;
}

function mustBe(inputs: Record<string, unknown>, name: string, value: string): void {
    if (inputs[name] === value) return;
    throw new Error(`${name} "${inputs[name]}" is not modelled on this machine, only "${value}" is`);
}
