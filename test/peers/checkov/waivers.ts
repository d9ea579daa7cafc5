/** A check that is not met, on purpose. */
export interface Waiver {
    check: string;
    /** Which resources are meant, as `<type>.<name>`. @default all that the check is about */
    resources?: RegExp;
    why: string;
}

const pixelOverHttp = "without a certificate, which needs a domain, a pixel is HTTP; `certificateArn` makes it HTTPS";
const ownersKeys =
    "encrypted with keys that AWS owns or manages: a key of one's own costs a dollar a month and a price for each use";

export const waivers: Waiver[] = [
    { check: "CKV_AWS_2", why: pixelOverHttp },
    { check: "CKV_AWS_103", why: pixelOverHttp },
    { check: "CKV2_AWS_20", why: pixelOverHttp },
    { check: "CKV_AWS_260", why: pixelOverHttp },
    {
        check: "CKV_AWS_150",
        resources: /\.pixel-over-https-/,
        why: "the program says `deletionProtection: false`",
    },
    {
        check: "CKV2_AWS_28",
        why: "a load balancer without targets answers 204 to everything; a firewall costs more than the pipeline",
    },
    { check: "CKV2_AWS_29", why: "keys, models and throttles guard the API; a firewall costs more than the pipeline" },
    {
        check: "CKV2_AWS_51",
        why: "the backend is Kinesis, called with a role: there is nobody to show a certificate to",
    },
    { check: "CKV2_AWS_53", resources: /-(?:get|options)$/, why: "GET and OPTIONS have neither a body nor parameters" },
    { check: "CKV_AWS_120", why: "events are not to be answered from a cache" },
    { check: "CKV_AWS_225", why: "events are not to be answered from a cache" },
    { check: "CKV_AWS_309", why: "HTTP APIs know no keys: the function behind the route checks them" },
    { check: "CKV2_AWS_62", why: "nobody waits for access logs, nor for events where nothing reacts to them" },
    {
        check: "CKV_AWS_116",
        why: "nothing calls these functions and forgets: SQS has dead-letter queues, Firehose and API Gateway wait for the answer, and the hourly call has an alarm and comes again",
    },
    {
        check: "CKV_AWS_117",
        why: "functions reach AWS's services only; a VPC adds an address translation that costs by the hour",
    },
    { check: "CKV_AWS_272", why: "the code comes with the package; signing profiles belong to an account" },
    { check: "CKV_AWS_119", why: ownersKeys },
    { check: "CKV_AWS_145", why: ownersKeys },
    { check: "CKV_AWS_158", why: `${ownersKeys}, and logs hold keys and counts, never events` },
    {
        check: "CKV_AWS_338",
        why: "logs are there to find faults with: 30 days. What is to be kept is the buckets' access log, for a year",
    },
    { check: "CKV_AWS_144", why: "a second region doubles the price: to be decided by who owns the data" },
];

export function isWaived(waiver: Waiver, failed: { check: string; resource: string }): boolean {
    return waiver.check === failed.check && (waiver.resources?.test(failed.resource) ?? true);
}
