import type { Access } from "../../iam/access";
import { AwsError, type Endpoint } from "../../runtime";
import { type HttpRequest, joinHeaders } from "../http-api/event";
import type { ApiStage, Integration } from "./configuration";
import type { TemplateInput, Templates } from "./mapping";

/** What goes back to the client. */
export interface RestAnswer {
    status: number;
    headers: Record<string, string>;
    body: string;
}

/** A request on its way: where it was routed, and what templates see of it. */
export interface RoutedRequest {
    request: HttpRequest;
    path: Record<string, string>;
    context: Record<string, unknown>;
    stage: ApiStage;
}

/** Start of the operation's name in a request, by service. */
const targets: Record<string, string> = { kinesis: "Kinesis_20131202" };

/** Integrations: what stands behind a method, between its two mapping templates. */
export class Integrations {
    constructor(
        private readonly templates: Templates,
        private readonly endpoints: Endpoint[],
        private readonly access?: Access,
    ) {}

    /** What the integration makes of a request; throws where API Gateway would answer 500. */
    async answer(integration: Integration, routed: RoutedRequest): Promise<RestAnswer> {
        const input = inputOf(routed);
        const { text } = this.evaluate(integration.requestTemplate, input);
        const { status, body } = integration.type === "MOCK" ? mocked(text) : await this.call(integration, text);
        const fitting = integration.responses.find(({ pattern }) => pattern?.test(String(status)));
        const response = fitting ?? integration.responses.find(({ pattern }) => !pattern);
        if (!response) throw new Error(`no integration response is for status ${status}`);
        if (response.template === undefined) return { status: response.statusCode, headers: {}, body };
        const mapped = this.evaluate(response.template, { ...input, body });
        const headers = Object.entries(mapped.headers).map(([name, value]) => [name.toLowerCase(), value]);
        return {
            status: mapped.status ?? response.statusCode,
            headers: Object.fromEntries(headers),
            body: mapped.text,
        };
    }

    private evaluate(template: string | undefined, input: TemplateInput) {
        return this.templates.evaluate(template ?? "", input);
    }

    /** Calls the service as its SDK would. */
    private async call(
        { action, role, headers }: Integration,
        body: string,
    ): Promise<{ status: number; body: string }> {
        const [service, operation] = action!.split(":action/");
        const endpoint = this.endpoints.find(({ name }) => name === service);
        const target = targets[service!];
        if (!endpoint || !target) throw new Error(`an integration with ${service} is not modelled on this machine`);
        const request = {
            method: "POST",
            path: "/",
            query: new URLSearchParams(),
            headers: { ...headers, "x-amz-target": `${target}.${operation}` },
            body: Buffer.from(body),
        };
        try {
            // API Gateway names no source when it takes on the role.
            this.access?.checkServiceAs(role, { service: "apigateway.amazonaws.com" }, service!, operation!, request);
            const answer = await endpoint.handle(request);
            return { status: answer.status, body: String(answer.body ?? "") };
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            const { status, code, message } = error;
            return { status, body: JSON.stringify({ __type: code, message }) };
        }
    }
}

/** A mock answers with the status that the request's template names, and with no body. */
function mocked(text: string): { status: number; body: string } {
    const { statusCode } = JSON.parse(text) as { statusCode?: unknown };
    return { status: Number(statusCode), body: "" };
}

function inputOf({ request, path, context, stage }: RoutedRequest): TemplateInput {
    return {
        body: request.body.toString(),
        path,
        querystring: Object.fromEntries(new URLSearchParams(request.queryString)),
        header: originalNames(request.rawHeaders),
        context,
        stageVariables: stage.variables,
    };
}

/** Headers under the names that the client gave them: templates are particular about capitals. */
function originalNames(rawHeaders: string[]): Record<string, string> {
    const joined = joinHeaders(rawHeaders);
    const names = rawHeaders.filter((_, index) => index % 2 === 0);
    return Object.fromEntries(names.map((name) => [name, joined[name.toLowerCase()]!]));
}
