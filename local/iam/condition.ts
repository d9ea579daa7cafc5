import { arnGlob, glob } from "./pattern";

/** What is known of a request, by condition key in lower case. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** Whether a request meets a condition of a statement. */
export type Condition = (context: Context) => boolean;

/** Whether a value of a request is as a value of a policy wants it. */
type Comparison = (wanted: string) => (given: string) => boolean;

const equal: Comparison = (wanted) => (given) => given === wanted;
const equalInAnyCase: Comparison = (wanted) => (given) => given.toLowerCase() === wanted.toLowerCase();
const like: Comparison = (wanted) => glob(wanted);
const likeArn: Comparison = (wanted) => arnGlob(wanted);
const asNumbers =
    (compare: (given: number, wanted: number) => boolean): Comparison =>
    (wanted) =>
    (given) =>
        isNumber(given) && isNumber(wanted) && compare(Number(given), Number(wanted));

/** Those that a value has to meet, and those that it must not meet. */
const operators: Record<string, { compare: Comparison; negated?: true }> = {
    StringEquals: { compare: equal },
    StringNotEquals: { compare: equal, negated: true },
    StringEqualsIgnoreCase: { compare: equalInAnyCase },
    StringNotEqualsIgnoreCase: { compare: equalInAnyCase, negated: true },
    StringLike: { compare: like },
    StringNotLike: { compare: like, negated: true },
    ArnEquals: { compare: likeArn },
    ArnLike: { compare: likeArn },
    ArnNotEquals: { compare: likeArn, negated: true },
    ArnNotLike: { compare: likeArn, negated: true },
    Bool: { compare: equalInAnyCase },
    NumericEquals: { compare: asNumbers((given, wanted) => given === wanted) },
    NumericNotEquals: { compare: asNumbers((given, wanted) => given === wanted), negated: true },
    NumericLessThan: { compare: asNumbers((given, wanted) => given < wanted) },
    NumericLessThanEquals: { compare: asNumbers((given, wanted) => given <= wanted) },
    NumericGreaterThan: { compare: asNumbers((given, wanted) => given > wanted) },
    NumericGreaterThanEquals: { compare: asNumbers((given, wanted) => given >= wanted) },
};

/** What the local services know of a request; other keys would never be met, or always. */
const knownKeys = [
    ...["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalAccount", "aws:PrincipalArn"],
    ...["aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:RequestedRegion", "aws:ResourceAccount"],
    ...["aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "aws:SourceOwner", "aws:ViaAWSService"],
    ...["kms:CallerAccount", "kms:ViaService", "s3:delimiter", "s3:max-keys", "s3:prefix", "s3:TlsVersion"],
    "s3:VersionId",
].map((key) => key.toLowerCase());
const knownStart = "kms:encryptioncontext:";

/** Reads a `Condition`: operator → key → values, all of which must be met. What is not modelled is refused by name. */
export function readConditions(block: Record<string, Record<string, unknown>> = {}): Condition[] {
    return Object.entries(block).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => readCondition(operator, key, [values].flat().map(String))),
    );
}

function readCondition(text: string, givenKey: string, wanted: string[]): Condition {
    const [, quantifier, name = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text) ?? [];
    const key = givenKey.toLowerCase();
    if (name !== "Null" && !(name in operators)) throw notModelled(`the condition operator "${text}"`);
    if (quantifier === "ForAnyValue" && ifExists) throw notModelled(`the condition operator "${text}"`);
    if (!knownKeys.includes(key) && !key.startsWith(knownStart)) throw notModelled(`the condition key "${givenKey}"`);
    if (name === "Null") {
        return (context) => wanted.some((each) => (context[key] === undefined) === (each.toLowerCase() === "true"));
    }
    const { compare, negated = false } = operators[name]!;
    const comparisons = wanted.map(compare);
    const meets = (given: string) => comparisons.some((matches) => matches(given)) !== negated;
    return (context) => {
        const given = context[key];
        if (given === undefined) return ifExists !== undefined || quantifier === "ForAllValues" || absent();
        const values = [given].flat() as string[];
        return quantifier === "ForAllValues" || (negated && quantifier === undefined)
            ? values.every(meets)
            : values.some(meets);
    };

    /** What is not there is not what must not be. */
    function absent(): boolean {
        return negated && quantifier !== "ForAnyValue";
    }
}

function isNumber(text: string): boolean {
    return text.trim() !== "" && Number.isFinite(Number(text));
}

export function notModelled(what: string): Error {
    return new Error(`${what} is not modelled on this machine`);
}
