import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { parseRouteKey } from "../http-api/routes";
import type { ThrottleSettings } from "../http-api/throttle";
import { refuseOthers } from "../refusal";
import { refuseUnknown } from "./mapping";

/** A REST API as far as it is modelled. */
export interface RestApiConfiguration {
    id: string;
    /** Logical name in the program. */
    logicalName: string;
    paths: ApiPath[];
    stages: ApiStage[];
    /** By type: what API Gateway answers by itself. */
    responses: Map<string, GatewayResponse>;
}

/** A path with its methods; in the form of a route, so that requests are matched as HTTP APIs do. */
export interface ApiPath extends ReturnType<typeof parseRouteKey> {
    path: string;
    methods: ApiMethod[];
}

export interface ApiMethod {
    httpMethod: string;
    needsKey: boolean;
    /** Schema of the body; absent where none is asked for. */
    schema?: string;
    integration: Integration;
}

export interface Integration {
    type: "AWS" | "MOCK";
    /** `kinesis:action/PutRecord`; absent for a mock. */
    action?: string;
    /** ARN of the role by which API Gateway calls the service. */
    role?: string;
    headers: Record<string, string>;
    requestTemplate?: string;
    responses: IntegrationResponse[];
}

export interface IntegrationResponse {
    statusCode: number;
    /** What the service's status must look like; absent for the default. */
    pattern?: RegExp;
    template?: string;
}

export interface GatewayResponse {
    statusCode?: number;
    template?: string;
    /** Header → text in quotes, or where in the request it stands. */
    headers: Record<string, string>;
}

export interface ApiStage {
    name: string;
    variables: Record<string, string>;
    throttle?: ThrottleSettings;
    plans: UsagePlan[];
}

export interface UsagePlan {
    id: string;
    throttle?: ThrottleSettings;
    quota?: { limit: number; period: "DAY" | "WEEK" | "MONTH" };
    keys: Key[];
}

export interface Key {
    id: string;
    value: string;
    enabled: boolean;
}

const json = "application/json";
const place = ["restApi", "resourceId", "httpMethod", "region"];
/** Inputs that are modelled, and those that change nothing on this machine. */
const known = {
    restApi: [
        ...["name", "description", "tags", "region", "endpointConfiguration", "securityPolicy", "endpointAccessMode"],
    ],
    resource: ["restApi", "parentId", "pathPart", "region"],
    method: [
        ...[...place, "authorization", "apiKeyRequired", "requestValidatorId", "requestModels", "requestParameters"],
        "operationName",
    ],
    integration: [
        ...[...place, "type", "integrationHttpMethod", "uri", "credentials", "requestParameters", "requestTemplates"],
        ...["passthroughBehavior", "timeoutMilliseconds"],
    ],
    methodResponse: [...place, "statusCode", "responseModels"],
    integrationResponse: [...place, "statusCode", "selectionPattern", "responseTemplates"],
    model: ["restApi", "name", "contentType", "schema", "description", "region"],
    requestValidator: ["restApi", "name", "validateRequestBody", "validateRequestParameters", "region"],
    response: ["restApiId", "responseType", "statusCode", "responseTemplates", "responseParameters", "region"],
    stage: [
        ...["restApi", "deployment", "stageName", "variables", "accessLogSettings", "xrayTracingEnabled"],
        ...["description", "tags", "region"],
    ],
    methodSettings: ["restApi", "stageName", "methodPath", "settings", "region"],
    usagePlan: [...["apiStages", "throttleSettings", "quotaSettings", "name", "description", "tags", "region"]],
    usagePlanKey: ["keyId", "keyType", "usagePlanId", "region"],
    apiKey: ["name", "value", "enabled", "description", "tags", "region"],
};

type Kind = keyof typeof known;
type Inputs = Record<string, unknown>;

/** Reads the program's REST APIs; what is not modelled is refused by name. */
export function readRestApis(program: CapturedProgram): RestApiConfiguration[] {
    const methods = read(program, "method", ({ inputs }) => ({ inputs, method: readMethod(program, inputs) }));
    const plans = read(program, "usagePlan", (resource) => readPlan(program, resource));
    read(program, "methodResponse", () => undefined);
    return read(program, "restApi", ({ id, name: logicalName }) => ({
        id,
        logicalName,
        paths: read(program, "resource", (resource) => ({ resource, path: pathOf(program, resource) }))
            .filter(({ resource }) => resource.inputs.restApi === id)
            .map(({ resource, path }) => ({
                ...parseRouteKey(`ANY ${path}`),
                path,
                methods: methods.filter(({ inputs }) => inputs.resourceId === resource.id).map(({ method }) => method),
            })),
        stages: read(program, "stage", ({ inputs }) => ({ inputs, stage: readStage(program, inputs) }))
            .filter(({ inputs }) => inputs.restApi === id)
            .map(({ stage }) => ({
                ...stage,
                plans: plans
                    .filter(({ stages }) => stages.some(({ apiId, stage: of }) => apiId === id && of === stage.name))
                    .map(({ plan }) => plan),
            })),
        responses: new Map(
            read(program, "response", ({ inputs }) => inputs)
                .filter((inputs) => inputs.restApiId === id)
                .map((inputs) => [String(inputs.responseType), readResponse(inputs)]),
        ),
    }));
}

function read<T>(program: CapturedProgram, kind: Kind, readOne: (resource: CapturedResource) => T): T[] {
    const type = kind[0]!.toUpperCase() + kind.slice(1);
    return ofType(program, `aws:apigateway/${kind}:${type}`).map((resource) => {
        try {
            refuseOthers("", resource.inputs, known[kind]);
            return readOne(resource);
        } catch (error) {
            throw new Error(`REST API ${kind} "${resource.name}": ${(error as Error).message}`);
        }
    });
}

function pathOf(program: CapturedProgram, { inputs }: CapturedResource): string {
    const parent = ofType(program, "aws:apigateway/resource:Resource").find(({ id }) => id === inputs.parentId);
    return `${parent ? pathOf(program, parent) : ""}/${inputs.pathPart}`;
}

function readMethod(program: CapturedProgram, inputs: Inputs): ApiMethod {
    mustBe(inputs, "authorization", "NONE");
    const isMine = (other: Inputs) => other.resourceId === inputs.resourceId && other.httpMethod === inputs.httpMethod;
    const integration = read(program, "integration", (resource) => resource).find((each) => isMine(each.inputs));
    if (!integration) throw new Error("has no integration in the program");
    return {
        httpMethod: String(inputs.httpMethod),
        needsKey: inputs.apiKeyRequired === true,
        schema: schemaOf(program, inputs),
        integration: {
            ...readIntegration(integration.inputs),
            responses: read(program, "integrationResponse", (resource) => resource)
                .filter((each) => isMine(each.inputs))
                .map((each) => readIntegrationResponse(each.inputs)),
        },
    };
}

/** The schema of JSON bodies, where a validator judges by it. */
function schemaOf(program: CapturedProgram, { restApi, requestValidatorId, requestModels }: Inputs) {
    const validators = read(program, "requestValidator", (resource) => resource);
    const validator = validators.find(({ id }) => id === requestValidatorId);
    const name = (requestModels as Record<string, string> | undefined)?.[json];
    if (validator?.inputs.validateRequestBody !== true || name === undefined) return undefined;
    const models = read(program, "model", ({ inputs }) => inputs);
    const model = models.find((each) => each.restApi === restApi && each.name === name);
    if (!model) throw new Error(`requestModels: "${name}" is not a model of the program`);
    return String(model.schema);
}

function readIntegration(inputs: Inputs): Omit<Integration, "responses"> {
    const { type, uri, credentials, requestParameters = {}, requestTemplates = {} } = inputs;
    if (type !== "AWS" && type !== "MOCK") {
        throw new Error(`type "${type}" is not modelled on this machine, only "AWS" and "MOCK" are`);
    }
    mustBe(inputs, "passthroughBehavior", "NEVER");
    const action = /^arn:[^:]+:apigateway:[^:]+:(\w+:action\/\w+)$/.exec(String(uri))?.[1];
    if (type === "AWS" && !action) throw new Error(`uri "${uri}" is not modelled on this machine, only actions are`);
    const headers = Object.entries(requestParameters as Record<string, string>).map(([name, value]) => {
        const header = /^integration\.request\.header\.(.+)$/.exec(name)?.[1];
        const text = quotedText(value);
        if (!header || text === undefined) throw new Error(`${name} is not modelled, only headers with a text are`);
        return [header.toLowerCase(), text];
    });
    const requestTemplate = templateOf(requestTemplates);
    return {
        ...{ type, headers: Object.fromEntries(headers), requestTemplate },
        ...(action && { action }),
        ...(credentials !== undefined && { role: String(credentials) }),
    };
}

function readIntegrationResponse({ statusCode, selectionPattern, responseTemplates }: Inputs): IntegrationResponse {
    const pattern = selectionPattern ? new RegExp(`^(?:${selectionPattern})$`) : undefined;
    return { statusCode: Number(statusCode), pattern, template: templateOf(responseTemplates) };
}

function templateOf(templates: unknown): string | undefined {
    const template = (templates as Record<string, string> | undefined)?.[json];
    if (template !== undefined) refuseUnknown(template);
    return template;
}

function readResponse({ statusCode, responseTemplates, responseParameters = {} }: Inputs): GatewayResponse {
    const headers = Object.entries(responseParameters as Record<string, string>).map(([name, value]) => [
        name.replace("gatewayresponse.header.", "").toLowerCase(),
        value,
    ]);
    return {
        ...(statusCode !== undefined && { statusCode: Number(statusCode) }),
        template: (responseTemplates as Record<string, string> | undefined)?.[json],
        headers: Object.fromEntries(headers),
    };
}

/** The text of a parameter that is one, in single quotes. */
export function quotedText(parameter: string): string | undefined {
    return /^'(.*)'$/.exec(parameter)?.[1];
}

function readStage(program: CapturedProgram, { restApi, stageName, variables = {} }: Inputs): Omit<ApiStage, "plans"> {
    const settings = read(program, "methodSettings", ({ inputs }) => inputs).filter(
        (inputs) => inputs.restApi === restApi && inputs.stageName === stageName,
    );
    for (const { methodPath } of settings) mustBe({ methodPath }, "methodPath", "*/*");
    const { throttlingRateLimit: rate, throttlingBurstLimit: burst } = (settings[0]?.settings ?? {}) as {
        throttlingRateLimit?: number;
        throttlingBurstLimit?: number;
    };
    return {
        name: String(stageName),
        variables: variables as Record<string, string>,
        throttle: rate === undefined || burst === undefined ? undefined : { rate, burst },
    };
}

function readPlan(program: CapturedProgram, { id, inputs }: CapturedResource) {
    const { apiStages = [], throttleSettings, quotaSettings } = inputs;
    const { rateLimit: rate, burstLimit: burst } = (throttleSettings ?? {}) as {
        rateLimit?: number;
        burstLimit?: number;
    };
    const members = read(program, "usagePlanKey", (resource) => resource.inputs).filter(
        ({ usagePlanId }) => usagePlanId === id,
    );
    const keys = read(program, "apiKey", (resource) => resource).filter((key) =>
        members.some(({ keyId }) => keyId === key.id),
    );
    const plan: UsagePlan = {
        id,
        throttle: rate === undefined || burst === undefined ? undefined : { rate, burst },
        quota: quotaSettings as UsagePlan["quota"],
        keys: keys.map((key) => ({
            id: key.id,
            value: String(key.outputs.value),
            enabled: key.inputs.enabled !== false,
        })),
    };
    return { plan, stages: apiStages as { apiId: string; stage: string }[] };
}

function mustBe(inputs: Inputs, name: string, value: string): void {
    if (inputs[name] === value) return;
    throw new Error(`${name} "${inputs[name]}" is not modelled on this machine, only "${value}" is`);
}
