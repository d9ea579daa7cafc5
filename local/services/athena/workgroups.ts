import { type CapturedProgram, ofType } from "../../program";
import { AwsError } from "../../runtime";
import { refuseOthers } from "../refusal";

/** How the queries of a workgroup run. */
export interface Workgroup {
    name: string;
    description?: string;
    enabled: boolean;
    /** The client's own result location is ignored. */
    enforced: boolean;
    outputLocation?: string;
    encryption?: { EncryptionOption?: string; KmsKey?: string };
    bytesScannedCutoff?: number;
}

interface Configuration {
    enforceWorkgroupConfiguration?: boolean;
    bytesScannedCutoffPerQuery?: number;
    resultConfiguration?: {
        outputLocation?: string;
        encryptionConfiguration?: { encryptionOption?: string; kmsKeyArn?: string };
    };
}

/** Every account has this one. */
const primary: Workgroup = { name: "primary", enabled: true, enforced: false };

/** The workgroups that the program registers, and `primary`. */
export function readWorkgroups(program: CapturedProgram): Map<string, Workgroup> {
    const workgroups = new Map([[primary.name, primary]]);
    for (const { name, inputs, outputs } of ofType(program, "aws:athena/workgroup:Workgroup")) {
        const configuration = (inputs.configuration ?? {}) as Configuration;
        refuseOthers(`workgroup ${name}: configuration.`, configuration, [
            ...["enforceWorkgroupConfiguration", "bytesScannedCutoffPerQuery", "resultConfiguration"],
            ...["engineVersion", "publishCloudwatchMetricsEnabled", "requesterPaysEnabled"],
        ]);
        const { outputLocation, encryptionConfiguration } = configuration.resultConfiguration ?? {};
        workgroups.set(String(outputs.name), {
            name: String(outputs.name),
            ...(inputs.description !== undefined && { description: String(inputs.description) }),
            enabled: inputs.state !== "DISABLED",
            enforced: configuration.enforceWorkgroupConfiguration ?? true,
            outputLocation,
            ...(encryptionConfiguration && {
                encryption: {
                    EncryptionOption: encryptionConfiguration.encryptionOption,
                    KmsKey: encryptionConfiguration.kmsKeyArn,
                },
            }),
            bytesScannedCutoff: configuration.bytesScannedCutoffPerQuery,
        });
    }
    return workgroups;
}

/** A workgroup as GetWorkGroup describes it. */
export function describeWorkgroup({
    name,
    description,
    enabled,
    enforced,
    outputLocation,
    encryption,
    bytesScannedCutoff,
}: Workgroup) {
    return {
        WorkGroup: {
            Name: name,
            Description: description,
            State: enabled ? "ENABLED" : "DISABLED",
            Configuration: {
                EnforceWorkGroupConfiguration: enforced,
                ResultConfiguration: { OutputLocation: outputLocation, EncryptionConfiguration: encryption },
                BytesScannedCutoffPerQuery: bytesScannedCutoff,
                EngineVersion: engineVersion,
            },
        },
    };
}

export const engineVersion = { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: "Athena engine version 3" };

/** Where a run's result goes: by the workgroup if it enforces that, else by the request. */
export function outputFolder(workgroup: Workgroup, requested: string | undefined): string {
    const location = workgroup.enforced
        ? (workgroup.outputLocation ?? requested)
        : (requested ?? workgroup.outputLocation);
    if (location === undefined)
        throw new AwsError(
            "InvalidRequestException",
            "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
        );
    return location.endsWith("/") ? location : `${location}/`;
}
