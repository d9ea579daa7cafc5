/** A resource as a Pulumi program registered it. */
export interface CapturedResource {
    /** Type token, e.g. `aws:s3/bucket:Bucket`. */
    type: string;
    /** Logical name in the program. */
    name: string;
    urn: string;
    id: string;
    /** Inputs, resolved; secrets are unwrapped, assets are CapturedAsset. */
    inputs: Record<string, unknown>;
    /** Inputs and what the provider would add: arn, id, url and the like. */
    outputs: Record<string, unknown>;
    parent?: string;
    /** URNs it depends on. */
    dependencies: string[];
    /** Top-level inputs that were secret. */
    secrets: string[];
}

/** An asset or archive among a resource's inputs. */
export type CapturedAsset =
    | { asset: "file"; path: string }
    | { asset: "text"; text: string }
    | { asset: "folder"; path: string }
    | { asset: "archive"; entries: Record<string, CapturedAsset> };

/** A component as a Pulumi program registered it. */
export interface CapturedComponent {
    /** Type token, e.g. `eventpipeline:index:EventPipeline`. */
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

/** What a program registered. */
export interface CapturedProgram {
    /** Folder of the program. */
    folder: string;
    project: string;
    stack: string;
    resources: CapturedResource[];
    components: CapturedComponent[];
    /** The stack's outputs. */
    outputs: Record<string, unknown>;
    /** Configuration values made up for the local run, by full key. */
    invented: Record<string, string>;
}

/** The resources of one type token. */
export function ofType(program: CapturedProgram, type: string): CapturedResource[] {
    return program.resources.filter((resource) => resource.type === type);
}
