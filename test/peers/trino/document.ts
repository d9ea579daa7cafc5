import { aggregates } from "../../../local/athena-sql/aggregates";
import { scalarFunctions, zoneFunctions } from "../../../local/athena-sql/functions";
import type { Verdict } from "./compare";
import type { Statement } from "./corpus";

/** What came of the statements of one feature, in their order. */
export interface FeatureVerdicts {
    name: string;
    results: { statement: Statement; verdict: Verdict }[];
}

/** Where the document lies. */
export const documentFile = "docs/local-athena.md";

/** The document that says what local Athena does, as a run over the corpus found it. */
export function documentOf(trino: string, features: FeatureVerdicts[]): string {
    const all = features.flatMap(({ results }) => results);
    const supported = count(all, "same");
    return [
        "# Athena on this machine",
        "",
        "<!-- Made by `npm run test:peers -- trino --write-docs`; do not edit. -->",
        "",
        "The local runtime has an Athena of its own: it parses and types a statement by Trino's rules, and runs what that",
        "means on DuckDB. What it does not model it refuses by name and place; it does not guess.",
        "",
        `${all.length} statements, \`test/peers/trino/corpus/*.sql\`, are run on ${trino} and here, over the tables of one`,
        "program (`test/programs/lake`): as it registers them in Glue, with the same objects in S3. A statement is",
        "supported where both give the same columns, types and values, in the same order where it orders them, or fail",
        "for the same reason. Beside these, 2,000 random queries are compared in each run. What CREATE TABLE AS and INSERT write",
        "is not compared, for Trino can't write there; what they refuse is, and so are views and prepared statements. Of SHOW",
        "and DESCRIBE, which Athena hands to Hive, only the names are. UNLOAD, MSCK and the files that statements leave have",
        "tests of their own (`test/local/athena-*.test.ts`).",
        "",
        `Supported: ${supported} of ${all.length} (${((100 * supported) / all.length).toFixed(1)} %). Refused by name: ${count(all, "refused")}. Different: ${count(all, "differs")}, each with its reason below.`,
        "",
        "| feature | statements | supported | refused | different |",
        "| --- | --- | --- | --- | --- |",
        ...features.map(
            ({ name, results }) =>
                `| ${name} | ${results.length} | ${count(results, "same")} | ${count(results, "refused")} | ${count(results, "differs")} |`,
        ),
        "",
        "Not compared: lengths of `varchar` (Trino gives texts made of literals one, which only their description shows);",
        "the last digits of floating-point numbers, which depend on the order of summation, in Trino too; and more than",
        "the tenth part of what an `approx_…` function is off, for here these are exact.",
        "",
        "## Refused",
        "",
        ...listed(features, "refused", ({ verdict }) => (verdict as Verdict & { kind: "refused" }).reason),
        "## Different",
        "",
        ...listed(features, "differs", ({ statement }) => statement.differs ?? "without a reason"),
        "## Functions",
        "",
        `${[...names(scalarFunctions), ...names(zoneFunctions)]
            .filter((name, index, all) => all.indexOf(name) === index)
            .sort()
            .map((name) => `\`${name}\``)
            .join(", ")}.`,
        "",
        `Aggregates and window functions: ${names(aggregates)
            .sort()
            .map((name) => `\`${name}\``)
            .join(", ")}.`,
        "",
    ].join("\n");
}

function names(functions: object): string[] {
    return Object.keys(functions);
}

function count(results: { verdict: Verdict }[], kind: Verdict["kind"]): number {
    return results.filter(({ verdict }) => verdict.kind === kind).length;
}

/** Statements of one kind under what they have in common. */
function listed(
    features: FeatureVerdicts[],
    kind: Verdict["kind"],
    reasonOf: (result: FeatureVerdicts["results"][number]) => string,
): string[] {
    return features.flatMap(({ name, results }) => {
        const found = results.filter(({ verdict }) => verdict.kind === kind);
        if (found.length === 0) return [];
        const lines = found.map((result) => `- ${inCode(result.statement.sql)}: ${reasonOf(result)}`);
        return [`### ${name}`, "", ...lines, ""];
    });
}

function inCode(sql: string): string {
    const text = sql.replace(/\s+/g, " ");
    return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
