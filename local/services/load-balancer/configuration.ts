import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { refuseOthers } from "../refusal";

/** A listener as far as it is modelled: one fixed answer to everything. */
export interface Listener {
    /** Logical name in the program. */
    logicalName: string;
    protocol: "http" | "https";
    port: number;
    status: number;
    contentType: string;
    body: string;
    /** Value of `Access-Control-Allow-Origin`. */
    allowedOrigin?: string;
    certificateArn?: string;
    loadBalancer: LoadBalancer;
}

/** A load balancer and where its log goes. */
export interface LoadBalancer {
    /** `app/<name>/<id>`. */
    id: string;
    dnsName: string;
    /** Absent where it writes none. */
    log?: { bucket: string; prefix: string };
}

interface Action {
    type?: string;
    fixedResponse?: { contentType?: string; messageBody?: string; statusCode?: string };
}

/** Inputs that change nothing on this machine: names, networks, what a well-behaved client never meets. */
const irrelevant = ["region", "tags", "name", "namePrefix"];
const known = {
    loadBalancer: [
        ...["loadBalancerType", "internal", "securityGroups", "subnets", "accessLogs", "dropInvalidHeaderFields"],
        ...["desyncMitigationMode", "enableDeletionProtection", "idleTimeout", "ipAddressType", ...irrelevant],
    ],
    listener: [
        ...["loadBalancerArn", "port", "protocol", "certificateArn", "sslPolicy", "defaultActions"],
        ...["routingHttpResponseAccessControlAllowOriginHeaderValue", ...irrelevant],
    ],
};

/** Reads the program's listeners with their load balancers; what is not modelled is refused by name. */
export function readListeners(program: CapturedProgram): Listener[] {
    const loadBalancers = new Map(
        ofType(program, "aws:lb/loadBalancer:LoadBalancer").map((resource) => [
            resource.outputs.arn,
            named(resource, "load balancer", readLoadBalancer),
        ]),
    );
    return ofType(program, "aws:lb/listener:Listener").map((resource) =>
        named(resource, "listener", ({ inputs }) => {
            const loadBalancer = loadBalancers.get(inputs.loadBalancerArn);
            if (!loadBalancer) throw new Error("its load balancer is not one of the program's");
            return readListener(resource, loadBalancer);
        }),
    );
}

function named<T>(resource: CapturedResource, kind: string, read: (resource: CapturedResource) => T): T {
    try {
        return read(resource);
    } catch (error) {
        throw new Error(`${kind} "${resource.name}": ${(error as Error).message}`);
    }
}

function readLoadBalancer({ inputs, outputs }: CapturedResource): LoadBalancer {
    refuseOthers("", inputs, known.loadBalancer);
    const { loadBalancerType = "application" } = inputs;
    if (loadBalancerType !== "application") {
        throw new Error(
            `loadBalancerType "${loadBalancerType}" is not modelled on this machine, only "application" is`,
        );
    }
    const { enabled, bucket, prefix = "" } = (inputs.accessLogs ?? {}) as Record<string, string>;
    return {
        id: String(outputs.arnSuffix),
        dnsName: String(outputs.dnsName),
        ...(enabled && { log: { bucket: bucket!, prefix: prefix && `${prefix}/` } }),
    };
}

function readListener({ name, inputs }: CapturedResource, loadBalancer: LoadBalancer): Listener {
    refuseOthers("", inputs, known.listener);
    const { protocol = "HTTP", port = protocol === "HTTPS" ? 443 : 80 } = inputs;
    if (protocol !== "HTTP" && protocol !== "HTTPS") {
        throw new Error(`protocol "${protocol}" is not modelled on this machine, only "HTTP" and "HTTPS" are`);
    }
    const [action, ...others] = inputs.defaultActions as Action[];
    if (action?.type !== "fixed-response" || others.length > 0) {
        throw new Error('defaultActions other than one "fixed-response" are not modelled on this machine');
    }
    const { contentType = "text/plain", messageBody = "", statusCode = "200" } = action.fixedResponse ?? {};
    return {
        logicalName: name,
        protocol: protocol === "HTTPS" ? "https" : "http",
        port: Number(port),
        status: Number(statusCode),
        contentType,
        body: messageBody,
        allowedOrigin: inputs.routingHttpResponseAccessControlAllowOriginHeaderValue as string | undefined,
        certificateArn: inputs.certificateArn as string | undefined,
        loadBalancer,
    };
}
