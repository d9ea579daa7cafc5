/** The arrows of docs/architecture.md, held by a rule: each names what a folder may import. */
const arrow = (name, from, allowed, comment) => ({
    name,
    comment,
    severity: "error",
    from: { path: from },
    to: { path: "^(index\\.ts|client|components|plan|handlers|policy|local|cli|examples)", pathNot: allowed },
});

module.exports = {
    forbidden: [
        { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
        arrow("plan-is-pure", "^plan/", ["^plan/"], "the plan knows arguments only"),
        {
            name: "plan-without-cloud",
            severity: "error",
            comment: "no Pulumi and no AWS in the plan",
            from: { path: "^plan/" },
            to: { path: ["@pulumi", "@aws-sdk"] },
        },
        arrow(
            "components-see-contracts-only",
            "^components/",
            ["^components/", "^plan/", "^handlers/[^/]+/contract\\.ts$", "^handlers/shared/[a-z]+-contract\\.ts$"],
            "deploy time and run time meet in the contract",
        ),
        arrow(
            "handlers-stand-alone",
            "^handlers/",
            ["^handlers/"],
            "what runs in Lambda imports nothing of deploy time",
        ),
        {
            name: "handlers-do-not-see-each-other",
            severity: "error",
            from: { path: "^handlers/([^/]+)/", pathNot: "^handlers/shared/" },
            to: { path: "^handlers/", pathNot: ["^handlers/$1/", "^handlers/shared/"] },
        },
        arrow(
            "client-sees-contracts-only",
            "^client/",
            ["^client/", "^handlers/[^/]+/contract\\.ts$", "^handlers/shared/[a-z]+-contract\\.ts$"],
            "what applications import knows how counters are spelled, and nothing else",
        ),
        arrow(
            "local-knows-aws-not-us",
            "^local/",
            ["^local/", "^plan/"],
            "local acts on registered resources, never on our components",
        ),
        arrow("policy-stands-alone", "^policy/", ["^policy/"], "policies judge resources, whoever registered them"),
        {
            name: "controls-without-pulumi",
            severity: "error",
            comment: "but for types: only the pack and its policies need Pulumi",
            from: { path: "^policy/", pathNot: "^policy/(index|pack)\\.ts$" },
            to: { path: "@pulumi", dependencyTypesNot: ["type-only"] },
        },
        arrow(
            "cli-drives-local",
            "^cli/",
            ["^cli/", "^local/", "^plan/", "^handlers/(reconcile|books)/contract\\.ts$"],
            "the command line stands on the local runtime, and calls deployed functions by their contracts",
        ),
    ],
    options: {
        tsPreCompilationDeps: true,
        tsConfig: { fileName: "tsconfig.json" },
        doNotFollow: { path: "node_modules" },
        exclude: { path: "^dist/" },
    },
};
