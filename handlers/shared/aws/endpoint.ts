/** Ends of host names where they are not AWS's own, by the starts of regions. */
const suffixes: Record<string, string> = {
    "cn-": "amazonaws.com.cn",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
};

/** Where a service answers: as the environment says, or else in the function's region. */
export function endpointOf(service: string): URL {
    const { AWS_ENDPOINT_URL: all, [`AWS_ENDPOINT_URL_${service.toUpperCase()}`]: own } = process.env;
    const region = regionOf();
    const start = Object.keys(suffixes).find((each) => region.startsWith(each));
    return new URL(own || all || `https://${service}.${region}.${start ? suffixes[start] : "amazonaws.com"}`);
}

/** The function's region. */
export function regionOf(): string {
    const { AWS_REGION } = process.env;
    if (!AWS_REGION) throw new Error("Region is missing");
    return AWS_REGION;
}
