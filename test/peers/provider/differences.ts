/** Something that the provider's version at hand and the one that @pulumi/aws bridges see differently. */
export interface Difference {
    /** `<type>.<argument>`, as Terraform spells them. */
    what: string;
    /** The value that only the newer one takes; the argument itself where absent. */
    value?: string;
    /** What is said instead. @default the argument is left out */
    instead?: string;
    why: string;
}

export const differences: Difference[] = [
    {
        what: "aws_lambda_function.runtime",
        value: "nodejs24.x",
        instead: "nodejs22.x",
        why: "Lambda has it since November 2025, after this version",
    },
    {
        what: "aws_api_gateway_rest_api.securityPolicy",
        why: "policies with TLS 1.3 and post-quantum key exchange came after this version",
    },
    {
        what: "aws_api_gateway_rest_api.endpointAccessMode",
        why: "came with those policies, which need it",
    },
];

export function differenceOf(what: string, value: unknown): Difference | undefined {
    return differences.find((each) => each.what === what && (each.value === undefined || each.value === value));
}
