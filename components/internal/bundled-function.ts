import { dirname, join } from "node:path";
import { Runtime } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { createFunction, type FunctionParts, type FunctionSettings } from "./function";

/** The environment that a handler's contract asks for, some of it known at deploy time only. */
export type EnvironmentOf<Contract> = { [Name in keyof Contract]: pulumi.Input<string> };

/** What differs between the functions that ship with the package. */
export interface BundledSettings
    extends Pick<FunctionSettings, "memorySize" | "timeout" | "environment" | "statements"> {
    /** Folder of the handler, e.g. `normalize`. */
    bundle: string;
    /** Files that lie beside the bundle: name -> JSON value; an output where they name what is known at deploy time only. */
    files: Record<string, unknown> | pulumi.Output<Record<string, unknown>>;
}

/** A function that ships with the package: bundled when it was published, so that a deployment compiles nothing. */
export function bundledFunction(name: string, settings: BundledSettings, parent: pulumi.Resource): FunctionParts {
    const { bundle, files, ...rest } = settings;
    const code = pulumi.Output.isInstance(files) ? files.apply(archive) : archive(files);
    return createFunction(
        name,
        { ...rest, code, runtime: Runtime.NodeJS24dX, handler: "index.handler", architecture: "arm64" },
        parent,
    );

    function archive(files: Record<string, unknown>): pulumi.asset.Archive {
        const assets = Object.entries(files).map(([file, value]) => [file, jsonAsset(value)]);
        return new pulumi.asset.AssetArchive({
            "index.js": new pulumi.asset.FileAsset(bundlePath(bundle)),
            ...Object.fromEntries(assets),
        });
    }
}

/** Found from the package, not from the program's folder; absolute, because the engine works somewhere else. */
function bundlePath(bundle: string): string {
    const root = dirname(require.resolve("eventpipeline/package.json"));
    return join(root, "dist", "functions", bundle, "index.js");
}

function jsonAsset(value: unknown): pulumi.asset.StringAsset {
    return new pulumi.asset.StringAsset(JSON.stringify(value));
}
