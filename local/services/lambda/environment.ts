import { join } from "node:path";
import { region } from "../../runtime";

/** What a function's process is told. */
export interface FunctionSettings {
    name: string;
    runtime: string;
    handler: string;
    memorySize: number;
    accessKeyId: string;
    /** Folder with its code. */
    folder: string;
    /** Folder with the pipeline's state. */
    state: string;
    endpointUrl: string;
    /** Host, port and path of the Runtime API. */
    runtimeApi: string;
    /** Whether it keeps step with whatever else works, so that a run is the same again. */
    lockstep: boolean;
    /** The program's own variables. */
    variables: Record<string, string>;
}

/** What a process needs of this machine; nothing else is handed on, least of all credentials. */
const inherited = ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot"];

/**
 * The environment as Lambda sets it (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). The
 * SDKs find the loopback server in AWS_ENDPOINT_URL, and no profile of this machine's user.
 */
export function functionEnvironment(settings: FunctionSettings): Record<string, string> {
    const { name, runtime, state } = settings;
    return {
        ...Object.fromEntries(inherited.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : []))),
        LANG: "en_US.UTF-8",
        TZ: "UTC",
        ...settings.variables,
        _HANDLER: settings.handler,
        LAMBDA_TASK_ROOT: settings.folder,
        AWS_LAMBDA_RUNTIME_API: settings.runtimeApi,
        ...(settings.lockstep && { EVENTPIPELINE_LOCKSTEP: "true", UV_THREADPOOL_SIZE: "1" }),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memorySize),
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: "local",
        AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: settings.accessKeyId,
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_SESSION_TOKEN: "local",
        AWS_ENDPOINT_URL: settings.endpointUrl,
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_CONFIG_FILE: join(state, "no-aws-config"),
        AWS_SHARED_CREDENTIALS_FILE: join(state, "no-aws-credentials"),
    };
}
