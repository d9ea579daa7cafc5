import { callString } from "./java-string";
import { follow, readJson, writeJson } from "./json-path";

type Velocity = typeof import("velocityjs");

/** What a template sees of a request, or of what a service answered to it. */
export interface TemplateInput {
    body: string;
    path: Record<string, string>;
    querystring: Record<string, string>;
    header: Record<string, string>;
    /** `$context` and what is below it. */
    context: Record<string, unknown>;
    stageVariables: Record<string, string>;
}

/** What a template made, and what it sets beside its text. */
export interface Mapped {
    text: string;
    status?: number;
    headers: Record<string, string>;
}

/** Mapping templates in API Gateway's Velocity, evaluated by velocityjs. */
export class Templates {
    private constructor(private readonly velocity: Velocity) {}

    /** Loads the package that evaluates templates. */
    static async load(load: () => Promise<Velocity> = () => import("velocityjs")): Promise<Templates> {
        const velocity = await load().catch((error) => {
            throw new Error(
                "API Gateway's mapping templates are evaluated by velocityjs here, which can't be loaded " +
                    `(${error.message}). Install it: npm install --save-dev velocityjs`,
            );
        });
        return new Templates(velocity);
    }

    /** Makes a template's text. */
    evaluate(template: string, { body, path, querystring, context, stageVariables, ...input }: TemplateInput): Mapped {
        const header: Record<string, string> = onceSettable({});
        const responseOverride: { header: object; status?: unknown } = onceSettable({ header });
        const given = { path, querystring, header: input.header };
        const params = (name?: string) =>
            name === undefined ? given : (path[name] ?? querystring[name] ?? given.header[name] ?? "");
        const root = once(() => (body === "" ? {} : readJson(body)));
        const scope = {
            input: {
                body,
                params,
                path: (expression: string) => follow(root(), expression),
                json: (expression: string) => writeJson(follow(root(), expression) ?? ""),
            },
            util: utilities,
            context: { ...context, responseOverride },
            stageVariables,
        };
        const { Compile, parse } = this.velocity;
        const text = new Compile(parse(template), { customMethodHandlers: [javaStrings] }).render(scope);
        const { status } = responseOverride;
        return { text, headers: header, ...(status !== undefined && { status: Number(status) }) };
    }
}

const javaStrings = {
    uid: "java-strings",
    match: ({ context }: { context: unknown }) => typeof context === "string",
    resolve: ({ property, context, params }: { property: string; context: string; params: unknown[] }) =>
        callString(context, property, params),
};

const utilities = {
    base64Encode: (text: string) => Buffer.from(String(text)).toString("base64"),
    base64Decode: (text: string) => Buffer.from(String(text), "base64").toString(),
    escapeJavaScript: (text: string) => escapeJavaScript(String(text)),
    parseJson: (text: string) => readJson(String(text)),
    urlEncode: (text: string) => encodeURIComponent(String(text)).replaceAll("%20", "+"),
    urlDecode: (text: string) => decodeURIComponent(String(text).replaceAll("+", " ")),
};

const escapes: Record<string, string> = { "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** As API Gateway does: quotes of both kinds, slashes, and all that is not ASCII; `\'` is for templates to undo. */
function escapeJavaScript(text: string): string {
    return text.replace(/['"\\/]|[^ -~]/g, (each) =>
        /['"\\/]/.test(each)
            ? `\\${each}`
            : (escapes[each] ?? `\\u${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`),
    );
}

/** What the parts of a template may be called; velocityjs would print others as they stand. */
const known: Record<string, string[]> = {
    input: ["body", "json", "params", "path"],
    util: Object.keys(utilities),
    context: [
        ...["apiId", "httpMethod", "identity", "path", "requestId", "requestTime", "requestTimeEpoch", "resourcePath"],
        ...["responseOverride", "stage"],
    ],
};
const directives = ["set", "if", "elseif", "else", "end", "foreach", "break"];

/** Refuses what is not modelled in a template, by name. */
export function refuseUnknown(template: string): void {
    for (const [reference, , object, part] of template.matchAll(/\$(!?\{?)(input|util|context)\.(\w+)/g)) {
        if (!known[object!]!.includes(part!)) throw notModelled(reference);
    }
    for (const [directive, name] of template.matchAll(/#\{?([a-z]+)/g)) {
        if (!directives.includes(name!)) throw notModelled(directive);
    }
}

function notModelled(what: string): Error {
    return new Error(`${what} in a mapping template is not modelled on this machine`);
}

/** API Gateway answers 500 where a template overrides the same thing twice. */
function onceSettable<T extends object>(values: T): T {
    return new Proxy(values, {
        set(target, name, value) {
            if (Object.hasOwn(target, name)) throw new Error(`a mapping template overrides ${String(name)} twice`);
            return Reflect.set(target, name, value);
        },
    });
}

function once<T>(make: () => T): () => T {
    let made: { value: T } | undefined;
    return () => {
        made ??= { value: make() };
        return made.value;
    };
}
