import { expect } from "chai";
import fc from "fast-check";
import { checked, checkPrefix, topFolders } from "../../plan";
import { columns, ingest, problemsIn, problemsOf, query, untyped } from "./factories";

const problemsOfPrefix = (prefix: unknown) =>
    problemsIn(() => checked((report) => checkPrefix(untyped(prefix), "prefix", report)));

describe("prefixes", () => {
    const characters = "use letters, digits, `-`, `_`, `.` and `/`";
    for (const [prefix, problem] of [
        [undefined, "is missing"],
        ["", "is missing"],
        [7, "must be a plain string, known before deployment"],
        ["raw/a b/", `\`raw/a b/\` holds " ", which S3 events encode, so that no filter matches it: ${characters}`],
        ["raw/ü/", `\`raw/ü/\` holds "ü", which S3 events encode, so that no filter matches it: ${characters}`],
        ["a=b/", `\`a=b/\` holds "=", which S3 events encode, so that no filter matches it: ${characters}`],
        ["a😀/", `\`a😀/\` holds "😀", which S3 events encode, so that no filter matches it: ${characters}`],
        ["raw/pings", "`raw/pings` must end in `/`: write `raw/pings/`"],
        ["/raw/", "`/raw/` has an empty folder name: S3 keys start without `/` and have one between folders"],
        ["raw//x/", "`raw//x/` has an empty folder name: S3 keys start without `/` and have one between folders"],
        ["/", "`/` has an empty folder name: S3 keys start without `/` and have one between folders"],
        ["raw/./x/", "`raw/./x/` holds a `.` or `..`, which S3 takes literally: write the folder's name"],
        ["../x/", "`../x/` holds a `.` or `..`, which S3 takes literally: write the folder's name"],
        [`${"a".repeat(512)}/`, "has 513 characters: use at most 512, an S3 key has 1,024 in all"],
        ["athena/x/", "`athena/x/` lies under `athena/`, which the pipeline keeps for itself: choose another folder"],
        ["failed/", "`failed/` lies under `failed/`, which the pipeline keeps for itself: choose another folder"],
        ["backup/x/", "`backup/x/` lies under `backup/`, which the pipeline keeps for itself: choose another folder"],
        ["logs/x/", "`logs/x/` lies under `logs/`, which the pipeline keeps for itself: choose another folder"],
    ] as const) {
        it(`refuse ${typeof prefix === "string" ? `\`${prefix.slice(0, 20)}\`` : prefix}`, () => {
            const found = problemsOfPrefix(prefix);

            expect(found).to.deep.equal([`prefix: ${problem}`]);
        });
    }

    it("may have 512 characters", () => {
        expect(problemsOfPrefix(`${"a".repeat(511)}/`)).to.deep.equal([]);
    });

    it("may have every character that S3 events leave as it is", () => {
        fc.assert(
            fc.property(
                fc.array(fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,9}$/), { minLength: 1, maxLength: 5 }),
                (folders) => {
                    const found = problemsOfPrefix(`x${folders.join("/")}/`);

                    expect(found).to.deep.equal([]);
                },
            ),
        );
    });

    it("are checked as an ingest's, a trigger and an output", () => {
        const found = problemsOf({
            ingest: { pings: ingest({ prefix: "raw/pings" }) },
            queries: {
                "raw/": [query("totals", { output: { prefix: "a b/", columns: columns("n int") } })],
                "logs/": [],
            },
            processors: { "raw/ü/": [{ name: "forecast", output: { prefix: "/x/" } }] },
        });

        expect(found.map((problem) => problem.slice(0, problem.indexOf(": ")))).to.deep.equal([
            "ingest.pings.prefix",
            'queries["raw/"][0].output.prefix',
            'queries["logs/"]',
            'processors["raw/ü/"]',
            'processors["raw/ü/"][0].output.prefix',
        ]);
    });

    it("of tables may not lie in one another", () => {
        const found = problemsOf({
            ingest: { pings: ingest(), errors: ingest({ prefix: "raw/v0/pings/errors/" }) },
            queries: { "raw/v0/": [query("totals", { output: { prefix: "processed/", columns: columns("n int") } })] },
            processors: { "raw/v0/": [{ name: "forecast" }] },
        });

        const own = "a table reads everything under its prefix, so give each its own";
        expect(found).to.deep.equal([
            `ingest.errors.prefix: \`raw/v0/pings/errors/\` overlaps \`raw/v0/pings/\` of ingest \`pings\`: ${own}`,
            `processors["raw/v0/"][0].output.prefix: \`processed/v0/forecast/\` overlaps \`processed/\` of query \`totals\`: ${own}`,
        ]);
    });

    it("of two tables may not be the same", () => {
        const found = problemsOf({ ingest: { a: ingest({ prefix: "raw/x/" }), b: ingest({ prefix: "raw/x/" }) } });

        expect(found).to.deep.equal([
            "ingest.b.prefix: `raw/x/` overlaps `raw/x/` of ingest `a`: a table reads everything under its prefix, so give each its own",
        ]);
    });

    it("of processors without columns may be shared, and names may begin alike", () => {
        const found = problemsOf({
            ingest: { ping: ingest(), pings: ingest() },
            processors: {
                "raw/v0/ping/": [
                    { name: "a", output: { prefix: "out/" } },
                    { name: "b", output: { prefix: "out/" } },
                ],
            },
        });

        expect(found).to.deep.equal([]);
    });

    it("that start queries may be 150", () => {
        expect(problemsOf(pipelineOfTriggers(150))).to.deep.equal([]);
    });

    it("that start queries may not be 151", () => {
        expect(problemsOf(pipelineOfTriggers(151))).to.deep.equal([
            "queries: has 151 prefixes, but an SNS filter takes 150: start several queries from a common prefix",
        ]);
    });

    it("that start something may lie in 99 top-level folders", () => {
        expect(problemsOf(pipelineOfFolders(99))).to.deep.equal([]);
    });

    it("that start something may not lie in 100 top-level folders", () => {
        expect(problemsOf(pipelineOfFolders(100))).to.deep.equal([
            ": the triggers lie in 100 top-level folders, but a bucket announces new objects of at most 99 and " +
                "`athena/`: put several into a common folder, such as `raw/`",
        ]);
    });

    it("have top-level folders, sorted and each once", () => {
        expect(topFolders(["raw/a/", "processed/v0/", "raw/b/c/"])).to.deep.equal(["processed/", "raw/"]);
    });
});

function pipelineOfTriggers(count: number) {
    const names = Array.from({ length: count }, (_, index) => `q${index}`);
    return {
        ingest: { pings: ingest() },
        queries: Object.fromEntries(names.map((name) => [`raw/v0/pings/${name}/`, [query(name)]])),
    };
}

/** Triggers in as many top-level folders, one of them a load balancer's, one a processor's. */
function pipelineOfFolders(count: number) {
    const names = Array.from({ length: count - 2 }, (_, index) => `q${index}`);
    const prefixes = Object.fromEntries(names.map((name) => [name, ingest({ prefix: `${name}/` })]));
    return {
        ingest: { ...prefixes, view: ingest({ loadBalancer: {} }), done: ingest({ prefix: "done/" }) },
        queries: Object.fromEntries(names.map((name) => [`${name}/`, [query(`of_${name}`)]])),
        processors: { "done/": [{ name: "thumbnails" }] },
    };
}
