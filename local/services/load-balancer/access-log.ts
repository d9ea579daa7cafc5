import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { account, type Runtime, region } from "../../runtime";
import type { S3 } from "../s3";
import type { Listener, LoadBalancer } from "./configuration";

/** A request that was answered. */
export interface LoggedRequest {
    listener: Listener;
    method: string;
    /** Path and query string, as they were sent. */
    target: string;
    httpVersion: string;
    host: string;
    userAgent?: string;
    /** `X-Amzn-Trace-Id` as the client sent it. */
    traceId?: string;
    /** Address and port. */
    client: string;
    receivedBytes: number;
    sentBytes: number;
}

/** Address of the only node of every load balancer. */
const node = "127.0.0.1";

/** Who writes the logs; it names no load balancer. */
const logDelivery = { service: "logdelivery.elasticloadbalancing.amazonaws.com" };

/** The log of a load balancer: what was answered in an interval becomes one object at its end. */
export class AccessLog {
    private lines: string[] = [];

    constructor(
        private readonly runtime: Runtime,
        private readonly s3: Pick<S3, "put">,
        private readonly loadBalancer: LoadBalancer,
        private readonly intervalSeconds: number,
    ) {}

    write(request: LoggedRequest): void {
        if (!this.loadBalancer.log) return;
        const { clock, work } = this.runtime;
        if (this.lines.length === 0) {
            const interval = this.intervalSeconds * 1000;
            const end = (Math.floor(clock.now() / interval) + 1) * interval;
            clock.at(end, () => void work.track(() => this.deliver(end)));
        }
        this.lines.push(`${entry(request, this.loadBalancer, clock.now())}\n`);
    }

    private async deliver(end: number): Promise<void> {
        const { bucket, prefix } = this.loadBalancer.log!;
        const time = new Date(end).toISOString();
        const name = [
            ...[account, "elasticloadbalancing", region, this.loadBalancer.id.replaceAll("/", ".")],
            ...[`${time.slice(0, 16).replace(/[-:]/g, "")}Z`, node, randomBytes(5).toString("hex").slice(0, 8)],
        ].join("_");
        const folder = `AWSLogs/${account}/elasticloadbalancing/${region}/${time.slice(0, 10).replaceAll("-", "/")}`;
        const body = gzipSync(this.lines.join(""));
        this.lines = [];
        const key = `${prefix}${folder}/${name}.log.gz`;
        if (this.runtime.access && !this.runtime.access.mayPut(logDelivery, bucket, key)) return;
        await this.s3.put(bucket, key, body, { contentType: "application/gzip" });
    }
}

/** The entry of a request, field by field as Elastic Load Balancing documents it. */
function entry(request: LoggedRequest, { id, dnsName }: LoadBalancer, now: number): string {
    const { protocol, port, status, certificateArn } = request.listener;
    const isTls = protocol === "https";
    const time = `${new Date(now).toISOString().slice(0, -1)}000Z`;
    const url = `${protocol}://${request.host}:${port}${request.target}`;
    return [
        ...[protocol, time, id, request.client],
        ...["-", -1, -1, -1, status, "-"], // no target
        ...[request.receivedBytes, request.sentBytes],
        ...[quoted(`${request.method} ${url} HTTP/${request.httpVersion}`), quoted(request.userAgent ?? "-")],
        ...(isTls ? ["TLS_AES_128_GCM_SHA256", "TLSv1.3"] : ["-", "-"]),
        "-",
        quoted(traceId(request.traceId, now)),
        ...(isTls ? [quoted(dnsName), quoted(certificateArn ?? "-")] : ['"-"', '"-"']),
        ...[0, time, '"fixed-response"'],
        ...Array<string>(6).fill('"-"'), // redirect, error, targets and their codes, classification and its reason
        `TID_${randomBytes(16).toString("hex")}`,
        ...Array<string>(3).fill('"-"'), // transformed host and URI, and how that went
    ].join(" ");
}

/** A trace that the client began is kept, and the request's own part put before it. */
function traceId(given: string | undefined, now: number): string {
    const own = `1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
    return given === undefined ? `Root=${own}` : `Self=${own};${given}`;
}

function quoted(text: string): string {
    return `"${text.replaceAll('"', "\\x22")}"`;
}
