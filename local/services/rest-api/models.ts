type Ajv = import("ajv-draft-04").default;

/** Judges a body; answers what is wrong with it, or nothing. */
export type Judge = (body: string) => string | undefined;

/** API Gateway's models: JSON schemas, draft 4. */
export class Models {
    private constructor(private readonly ajv: Ajv) {}

    /** Loads the package that validates by schemas. */
    static async load(load: () => Promise<{ default: unknown }> = () => import("ajv-draft-04")): Promise<Models> {
        const module = await load().catch((error) => {
            throw new Error(
                "API Gateway's models are validated by ajv-draft-04 here, which can't be loaded " +
                    `(${error.message}). Install it: npm install --save-dev ajv ajv-draft-04`,
            );
        });
        const { default: loaded } = module as { default: { default?: unknown } };
        const Constructor = (loaded.default ?? loaded) as new (options: object) => Ajv;
        return new Models(new Constructor({ allErrors: true, allowUnionTypes: true }));
    }

    /** Reads a schema. */
    judge(schema: string): Judge {
        const validate = this.ajv.compile(JSON.parse(schema));
        return (body) => {
            if (body.trim() === "") return "there is no body";
            let value: unknown;
            try {
                value = JSON.parse(body);
            } catch {
                return "the body is not JSON";
            }
            if (validate(value)) return undefined;
            const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
                const { additionalProperty } = params as { additionalProperty?: string };
                return `${instancePath || "the body"} ${message}${additionalProperty ? ` (${additionalProperty})` : ""}`;
            });
            return problems.join("; ");
        };
    }
}
