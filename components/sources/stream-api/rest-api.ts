import { createHash } from "node:crypto";
import * as apigateway from "@pulumi/aws/apigateway";
import * as pulumi from "@pulumi/pulumi";
import { originProblem } from "../../../plan";
import { modelText, type Schema } from "./model";
import { refusalHeaders, refusals } from "./refusals";
import { corsHeaders, mockRequest } from "./templates";

/** TLS 1.2 and 1.3, with forward secrecy. */
const securityPolicy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";
const json = "application/json";
const ok = "200";
const noContent = "204";
/** Seconds that a browser keeps the answer to a preflight. */
const preflightAge = "3600";

/** A path of the API, and what its resources are called. */
export interface ApiPath {
    name: string;
    id: pulumi.Output<string>;
}

/** A call of Kinesis: who makes it, and what stands before and after it. */
export interface KinesisCall {
    action: { uri: pulumi.Output<string>; credentials: pulumi.Output<string> };
    /** Mapping template of the request. */
    request: pulumi.Output<string>;
    /** Mapping template of the answer; it sees errors too, and sets the status. */
    response: string;
    /** What the body must be like. */
    model?: apigateway.Model;
}

/** An API in the making: `deploy` comes last, and is made again whenever anything before it changes. */
export interface ApiDraft {
    id: pulumi.Output<string>;
    resource(name: string, pathPart: string, parent?: ApiPath): ApiPath;
    model(stream: string, kind: string, schema: Schema): apigateway.Model;
    /** A method that answers by itself. */
    mock(path: ApiPath, method: string, response: string): void;
    /** A method that calls Kinesis. */
    kinesis(path: ApiPath, method: string, call: KinesisCall): void;
    deploy(): apigateway.Deployment;
}

/** A REST API whose methods take nothing without a key, and that pages of these origins may call. */
export function restApi(name: string, origins: pulumi.Output<string[]> | undefined, parent: pulumi.Resource): ApiDraft {
    const definition: { inputs: unknown; resource: pulumi.CustomResource }[] = [];
    const api = new apigateway.RestApi(
        name,
        { endpointConfiguration: { types: "REGIONAL" }, securityPolicy, endpointAccessMode: "BASIC" },
        { parent },
    );
    const validator = add(apigateway.RequestValidator, `${name}-validator`, {
        restApi: api.id,
        validateRequestBody: true,
        validateRequestParameters: true,
    });
    refuse();
    return { id: api.id, resource, model, mock, kinesis, deploy };

    /** A part of the API, of which the deployment is a copy. */
    function add<Args extends object, Made extends pulumi.CustomResource>(
        type: new (name: string, args: Args, opts: pulumi.CustomResourceOptions) => Made,
        partName: string,
        inputs: Args,
        dependsOn: pulumi.Resource[] = [],
    ): Made {
        const made = new type(partName, inputs, { parent, dependsOn });
        definition.push({ inputs, resource: made });
        return made;
    }

    function refuse() {
        for (const refusal of refusals) {
            const { responseType, statusCode, template } = refusal;
            add(apigateway.Response, `${name}-${responseType.toLowerCase().replaceAll("_", "-")}`, {
                restApiId: api.id,
                responseType,
                statusCode,
                responseTemplates: { [json]: template },
                responseParameters: (origins ?? pulumi.output([])).apply((known) => refusalHeaders(known, refusal)),
            });
        }
    }

    function resource(part: string, pathPart: string, under?: ApiPath): ApiPath {
        const pathName = `${name}-${part}`;
        const { id } = add(apigateway.Resource, pathName, {
            restApi: api.id,
            parentId: under?.id ?? api.rootResourceId,
            pathPart,
        });
        return { name: pathName, id };
    }

    /** API Gateway takes letters and digits only; ingests' names have no capitals, so `U` can stand for `_`. */
    function model(stream: string, kind: string, schema: Schema) {
        const title = `${stream.replaceAll("_", "U")}${kind}`;
        return add(apigateway.Model, `${name}-${stream}-${kind.toLowerCase()}`, {
            restApi: api.id,
            name: title,
            contentType: json,
            schema: modelText(title, schema),
        });
    }

    function mock(path: ApiPath, method: string, response: string) {
        const integration = { type: "MOCK", requestTemplates: { [json]: mockRequest(+ok) } };
        addMethod(path, method, { integration, response, statusCode: ok });
        preflight(path, method);
    }

    function kinesis(path: ApiPath, method: string, { action, request, response, model }: KinesisCall) {
        const integration = {
            type: "AWS",
            integrationHttpMethod: "POST",
            ...action,
            requestParameters: { "integration.request.header.Content-Type": "'application/x-amz-json-1.1'" },
            requestTemplates: { [json]: request },
        };
        addMethod(path, method, { integration, response, statusCode: ok, model });
        preflight(path, method);
    }

    /** A browser asks before it sends: without a key, and without a stream. */
    function preflight(path: ApiPath, method: string) {
        if (!origins) return;
        const integration = { type: "MOCK", requestTemplates: { [json]: mockRequest(+noContent) } };
        addMethod(path, "OPTIONS", { integration, response: "", statusCode: noContent, allowed: method });
    }

    function addMethod(path: ApiPath, httpMethod: string, settings: MethodSettings) {
        const { integration, response, statusCode, model, allowed } = settings;
        const methodName = `${path.name}-${httpMethod.toLowerCase()}`;
        const place = { restApi: api.id, resourceId: path.id, httpMethod };
        const method = add(apigateway.Method, methodName, {
            ...place,
            authorization: "NONE", // the key is asked for instead, but not by a preflight
            apiKeyRequired: allowed === undefined,
            ...(model && {
                requestValidatorId: validator.id,
                requestModels: { [json]: model.name },
                requestParameters: { "method.request.querystring.partitionKey": false },
            }),
        });
        const made = add(
            apigateway.Integration,
            methodName,
            { ...place, passthroughBehavior: "NEVER", ...integration },
            [method],
        );
        const answer = add(apigateway.MethodResponse, methodName, { ...place, statusCode }, [method]);
        const more = allowed ? preflightHeaders(allowed) : {};
        const cors = (origins ?? pulumi.output([])).apply((known) => corsHeaders(known, more));
        add(
            apigateway.IntegrationResponse,
            methodName,
            { ...place, statusCode, responseTemplates: { [json]: pulumi.interpolate`${cors}${response}` } },
            [made, answer],
        );
    }

    function deploy() {
        const definitionText = pulumi.jsonStringify(definition.map(({ inputs }) => inputs));
        const redeployment = definitionText.apply((text) => createHash("sha256").update(text).digest("hex"));
        const dependsOn = definition.map((part) => part.resource);
        return new apigateway.Deployment(
            `${name}-deployment`,
            { restApi: api.id, triggers: { redeployment } },
            { parent, dependsOn },
        );
    }
}

interface MethodSettings {
    integration: Omit<apigateway.IntegrationArgs, "restApi" | "resourceId" | "httpMethod">;
    response: string;
    statusCode: string;
    model?: apigateway.Model;
    /** The method that a preflight asks for. */
    allowed?: string;
}

function preflightHeaders(method: string): Record<string, string> {
    return {
        "Access-Control-Allow-Methods": method,
        "Access-Control-Allow-Headers": "content-type,x-api-key",
        "Access-Control-Max-Age": preflightAge,
    };
}

/** The origins once they are known: they stand in templates, where nothing but an origin may stand. */
export function checkedOrigins(
    name: string,
    origins: pulumi.Input<pulumi.Input<string>[]> | undefined,
): pulumi.Output<string[]> | undefined {
    if (origins === undefined) return undefined;
    return pulumi.output(origins).apply((known) => {
        for (const [index, origin] of known.entries()) {
            const problem = originProblem(origin);
            if (problem !== undefined) throw new Error(`${name}: allowedOrigins[${index}]: ${problem}`);
        }
        return known;
    });
}
