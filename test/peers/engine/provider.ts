/** The provider `aws` as Pulumi's engine calls it, over a cloud of our own. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { callFunction } from "../../../local/aws-resources";
import type { Cloud, Properties } from "./cloud";
import { replacingInputs } from "./replacements";
import { isAsset, problemsOf, schemaOf, unknown } from "./schema";

/** A provider that listens. */
export interface Provider {
    port: number;
    stop(): void;
}

/** Serves a cloud on a free port of the loopback. */
export async function startProvider(cloud: Cloud): Promise<Provider> {
    const server = new grpc.Server();
    server.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, methods(cloud));
    const credentials = grpc.ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    return { port, stop: () => server.forceShutdown() };
}

function methods(cloud: Cloud): grpc.UntypedServiceImplementation {
    const made = new Map<string, number>();
    return {
        getPluginInfo: answer(() => new PluginInfo().setVersion("7.48.0")),
        attach: answer(() => new Empty()),
        cancel: answer(() => new Empty()),
        checkConfig: answer((request: proto.CheckRequest) =>
            new proto.CheckResponse().setInputs(request.getNews() ?? new Struct()),
        ),
        diffConfig: answer(() => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),
        configure: answer(() => new proto.ConfigureResponse().setSupportspreview(true)),
        invoke: answer((request: proto.InvokeRequest) =>
            new proto.InvokeResponse().setReturn(
                toStruct(callFunction(request.getTok(), toObject(request.getArgs()), cloud.resources)),
            ),
        ),
        check: answer(check),
        diff: answer(diff),
        create: answer(create),
        read: answer(read),
        update: answer(update),
        delete: answer((request: proto.DeleteRequest) => {
            cloud.delete(typeOf(request.getUrn()), request.getId());
            return new Empty();
        }),
    };

    function check(request: proto.CheckRequest): proto.CheckResponse {
        const type = typeOf(request.getUrn());
        const inputs = toObject(request.getNews());
        const failures = problemsOf(type, inputs).map((reason) => new proto.CheckFailure().setReason(reason));
        const named = withName(request.getUrn(), inputs, toObject(request.getOlds()));
        return new proto.CheckResponse().setInputs(toStruct(named)).setFailuresList(failures);
    }

    /** A name is made up once, as Pulumi's bridge does it: a part that differs keeps a replacement apart. */
    function withName(urn: string, inputs: Properties, olds: Properties): Properties {
        const type = typeOf(urn);
        const { named } = schemaOf(type);
        if (named === undefined || inputs[named] !== undefined || inputs[`${named}Prefix`] !== undefined) return inputs;
        const wasMadeUp = (olds.__defaults as string[] | undefined)?.includes(named);
        return { ...inputs, [named]: wasMadeUp ? olds[named] : madeUpName(urn), __defaults: [named] };
    }

    function madeUpName(urn: string): string {
        const nth = (made.get(urn) ?? 0) + 1;
        made.set(urn, nth);
        const random = createHash("sha256").update(`${urn} ${nth}`).digest("hex").slice(0, 7);
        const type = typeOf(urn);
        const name = urn.slice(urn.lastIndexOf("::") + 2);
        if (type === "aws:kms/alias:Alias") return `alias/${name}-${random}`;
        return `${name}${type === "aws:iot/topicRule:TopicRule" ? "_" : "-"}${random}`;
    }

    function diff(request: proto.DiffRequest): proto.DiffResponse {
        const type = typeOf(request.getUrn());
        const olds = toObject(request.getOldInputs());
        const news = toObject(request.getNews());
        const inputs = new Set([...Object.keys(olds), ...Object.keys(news)]);
        const changed = [...inputs].filter(
            (input) => input !== "__defaults" && !isDeepStrictEqual(content(olds[input]), content(news[input])),
        );
        const replaces = changed.filter((input) => replacingInputs(type).includes(input));
        const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
        return new proto.DiffResponse()
            .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
            .setDiffsList(changed)
            .setReplacesList(replaces)
            .setDeletebeforereplace(replaces.length > 0 && isNamedByProgram(type, olds, news));
    }

    /** Then its replacement cannot stand beside it. */
    function isNamedByProgram(type: string, olds: Properties, news: Properties): boolean {
        const { named } = schemaOf(type);
        if (named === undefined || news[named] === undefined) return false;
        return !(news.__defaults as string[] | undefined)?.includes(named) && olds[named] === news[named];
    }

    function create(request: proto.CreateRequest): proto.CreateResponse {
        const type = typeOf(request.getUrn());
        const inputs = toObject(request.getProperties());
        if (request.getPreview()) {
            const later = schemaOf(type).outputs.filter((output) => !(output in inputs));
            const outputs = { ...inputs, ...Object.fromEntries(later.map((output) => [output, unknown])) };
            return new proto.CreateResponse().setProperties(toStruct(outputs));
        }
        const { id, outputs } = cloud.create(type, request.getUrn(), inputs);
        return new proto.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }

    function read(request: proto.ReadRequest): proto.ReadResponse {
        const held = cloud.find(typeOf(request.getUrn()), request.getId());
        if (!held) return new proto.ReadResponse();
        const { id, inputs, outputs } = held;
        return new proto.ReadResponse().setId(id).setInputs(toStruct(inputs)).setProperties(toStruct(outputs));
    }

    function update(request: proto.UpdateRequest): proto.UpdateResponse {
        const inputs = toObject(request.getNews());
        if (request.getPreview()) {
            const outputs = { ...toObject(request.getOlds()), ...inputs };
            return new proto.UpdateResponse().setProperties(toStruct(outputs));
        }
        const { outputs } = cloud.update(typeOf(request.getUrn()), request.getId(), inputs);
        return new proto.UpdateResponse().setProperties(toStruct(outputs));
    }
}

/** Of files, only what they hold counts, not where they lie. */
export function content(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(content);
    if (typeof value !== "object" || value === null) return value ?? null;
    const { hash } = value as { hash?: string };
    if (isAsset(value) && hash !== undefined) return hash;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, content(each)]));
}

/** Errors go to the engine in the provider's words. */
function answer<Request, Response>(method: (request: Request) => Response): grpc.handleUnaryCall<Request, Response> {
    return ({ request }, respond) => {
        try {
            respond(null, method(request));
        } catch (error) {
            respond({ code: grpc.status.UNKNOWN, details: (error as Error).message });
        }
    };
}

/** `urn:pulumi:<stack>::<project>::<parents' types>$<type>::<name>` */
export function typeOf(urn: string): string {
    return urn.split("::")[2]!.split("$").at(-1)!;
}

function toObject(struct: Struct | undefined): Properties {
    return struct?.toJavaScript() ?? {};
}

/** The wire knows no undefined. */
function toStruct(properties: Properties): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));
}
