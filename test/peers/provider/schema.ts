/** A block of the provider, as `terraform providers schema -json` describes it. */
export interface Block {
    attributes?: Record<string, { type: unknown; required?: boolean; optional?: boolean }>;
    block_types?: Record<string, { nesting_mode: string; block: Block }>;
}

/** The provider's resource types by name. */
export type ProviderSchema = Record<string, { block: Block }>;

/** Types that the provider's and Pulumi's authors call by different words; all others are found by their spelling. */
const renamed: Record<string, string> = {
    "aws:apigateway/response:Response": "aws_api_gateway_gateway_response",
    "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
};

/** The provider's name of a type: `aws:apigateway/restApi:RestApi` is `aws_api_gateway_rest_api`. */
export function terraformType(schema: ProviderSchema, token: string): string {
    const spelled = squashed(token.slice(0, token.lastIndexOf(":")).replace(/[:/]/g, ""));
    const found = renamed[token] ?? Object.keys(schema).find((type) => squashed(type) === spelled);
    if (found === undefined || !schema[found]) throw new Error(`the provider has no type for ${token}`);
    return found;
}

/**
 * The provider's name of an argument: the same in snake case, its singular (Pulumi's lists of blocks), or with what Pulumi
 * leaves away (`restApi` is `rest_api_id`, and a function's `name` is `function_name`).
 */
export function terraformName(block: Block, key: string, type = ""): string | undefined {
    const names = [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})];
    const endings = ["", "id", "arn", "name", "url"];
    const spellings = [key, ...singulars(key)].flatMap((each) => endings.map((ending) => `${each}${ending}`));
    const own =
        key === "name"
            ? type
                  .split("_")
                  .reverse()
                  .map((word) => `${word}name`)
            : [];
    for (const spelling of [...spellings, ...own].map(squashed)) {
        const found = names.find((name) => squashed(name) === spelling);
        if (found) return found;
    }
    return undefined;
}

function singulars(key: string): string[] {
    return [key.replace(/ies$/, "y"), key.replace(/s$/, "")].filter((each) => each !== key);
}

function squashed(name: string): string {
    return name.replaceAll("_", "").toLowerCase();
}
