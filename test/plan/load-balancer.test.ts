import { expect } from "chai";
import { checked, checkIngest, planPipeline } from "../../plan";
import { columns, ingest, problemsOf, query, untyped } from "./factories";

const pixel = (loadBalancer: unknown = {}) => ingest({ loadBalancer: untyped(loadBalancer) });
const problemsOfPixel = (loadBalancer: unknown) => problemsOf({ ingest: { views: pixel(loadBalancer) } });
const network = { vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2"] };
const deferred = Promise.resolve("known at deploy time");

describe("a load balancer", () => {
    for (const [value, problem] of [
        [false, "must be an object"],
        [null, "is missing"],
        [true, "must be an object"],
    ] as const) {
        it(`that is ${value} is refused`, () => {
            expect(problemsOfPixel(value)).to.deep.equal([`ingest.views.loadBalancer: ${problem}`]);
        });
    }

    const pathProblem = "path: must begin with `/`, followed by letters, digits, `-`, `.`, `_`, `~` and `/` only";
    const fewSubnets =
        "subnetIds: names fewer than 2 subnets: a load balancer stands in at least two availability zones";
    const noVpc = "vpcId: is missing: name the VPC of `subnetIds`, or leave out both for the account's default VPC";
    const noSubnets =
        "subnetIds: is missing: name at least two public subnets of `vpcId`, or leave out both for the account's default VPC";
    for (const [title, loadBalancer, problems] of [
        ["with a VPC and nothing else", { vpcId: "vpc-1" }, [noSubnets]],
        ["with subnets and nothing else", { subnetIds: network.subnetIds }, [noVpc]],
        ["with one subnet", { ...network, subnetIds: ["subnet-1"] }, [fewSubnets]],
        ["with the same subnet twice", { ...network, subnetIds: ["subnet-1", "subnet-1"] }, [fewSubnets]],
        ["with a subnet instead of a list", { ...network, subnetIds: "subnet-1" }, ["subnetIds: must be a list"]],
        ["with a number as VPC", { ...network, vpcId: 7 }, ["vpcId: must be a string such as `vpc-0a1b2c3d`"]],
        ["with an empty VPC", { ...network, vpcId: "" }, ["vpcId: must be a string such as `vpc-0a1b2c3d`"]],
        ["with a path without slash", { path: "p" }, [pathProblem]],
        ["with a pattern as path", { path: "/p*" }, [pathProblem]],
        ["with an encoded path", { path: "/a%20b" }, [pathProblem]],
        ["with a path that is no text", { path: 7 }, [pathProblem]],
        [
            "with a TLS policy without a certificate",
            { tlsPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06" },
            ["tlsPolicy: is for HTTPS: name the certificate in `certificateArn`, or leave this out"],
        ],
        [
            "with any origin",
            { allowedOrigin: "*" },
            ["allowedOrigin: `*` lets any site write: name each origin, such as `https://app.example.com`"],
        ],
        [
            "with another way to keep addresses",
            { clientAddress: "hash" },
            ["clientAddress: must be one of `keep`, `truncate`, `drop`"],
        ],
        ["with beacons: 1", { beacons: 1 }, ["beacons: must be true or false"]],
    ] as [string, unknown, string[]][]) {
        it(`${title}, is refused`, () => {
            expect(problemsOfPixel(loadBalancer)).to.deep.equal(
                problems.map((problem) => `ingest.views.loadBalancer.${problem}`),
            );
        });
    }

    for (const [title, loadBalancer] of [
        ["without arguments, in the default VPC", {}],
        ["in a VPC of one's own", network],
        ["in a VPC that is known at deploy time", { vpcId: deferred, subnetIds: deferred }],
        ["in subnets that are known at deploy time", { vpcId: "vpc-1", subnetIds: [deferred, Promise.resolve("b")] }],
        ["with HTTPS", { certificateArn: "arn", tlsPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06" }],
        ["with an origin", { allowedOrigin: "https://app.example.com" }],
        ["with an origin that is known at deploy time", { allowedOrigin: deferred }],
        ["with all switches", { beacons: true, clientAddress: "drop", path: "/a/b-c.gif" }],
    ] as [string, unknown][]) {
        it(`${title}, is fine`, () => {
            expect(problemsOfPixel(loadBalancer)).to.deep.equal([]);
        });
    }

    it("adds the columns that its log fills, behind the ingest's own", () => {
        const plan = planPipeline({ ingest: { views: pixel() } });

        expect(plan.tables[0]!.columns.map(({ name, hiveType }) => `${name} ${hiveType}`)).to.deep.equal([
            "device_id string",
            "event_id string",
            "received_at timestamp",
            "request_time timestamp",
            "client_address string",
            "user_agent string",
            "referrer string",
        ]);
    });

    it("leaves columns that are declared as the log fills them where they are", () => {
        const views = { ...pixel(), columns: columns("user_agent string", "page string") };

        const names = planPipeline({ ingest: { views } }).tables[0]!.columns.map(({ name }) => name);

        expect(names.slice(0, 2)).to.deep.equal(["user_agent", "page"]);
        expect(names.filter((name) => name === "user_agent")).to.have.length(1);
    });

    it("refuses columns of the log's names and other types", () => {
        const views = { ...pixel(), columns: columns("request_time string", "client_address bigint") };

        expect(problemsOf({ ingest: { views } })).to.deep.equal([
            "ingest.views.columns[0].type: `request_time` is filled by the pipeline: declare it `timestamp`, or not",
            "ingest.views.columns[1].type: `client_address` is filled by the pipeline: declare it `string`, or not",
        ]);
    });

    it("leaves these names to ingests without a load balancer", () => {
        expect(problemsOf({ ingest: { views: ingest({ columns: columns("user_agent int") }) } })).to.deep.equal([]);
    });

    it("has its log announced, and read by the ingest's path", () => {
        const plan = planPipeline({ ingest: { views: pixel(), clicks: pixel({ path: "/c" }), pings: ingest() } });

        expect(plan.notifiedFolders).to.deep.equal(["alb/"]);
        expect(plan.ingests.map(({ accessLog }) => accessLog)).to.deep.equal([
            { prefix: "alb/views/", path: "/views" },
            { prefix: "alb/clicks/", path: "/c" },
            undefined,
        ]);
    });

    it("starts the queries of the ingest's prefix, in the first tier", () => {
        const plan = planPipeline({
            ingest: { views: pixel() },
            queries: { "raw/v0/views/": [query("totals", { sql: "SELECT 1 AS n FROM views WHERE :new_data" })] },
        });

        expect(plan.queries[0]!.tier).to.equal(1);
        expect(plan.notifiedFolders).to.deep.equal(["alb/", "raw/"]);
    });

    it("may start processors by its log, too", () => {
        const processors = { "alb/views/": [{ name: "archive" }] };

        expect(problemsOf({ ingest: { views: pixel() }, processors })).to.deep.equal([]);
    });

    it("lets nobody else write among its logs, so that nothing loops through it", () => {
        const message =
            "overlaps `alb/views/`, where the load balancer of ingest `views` writes its log: choose another folder";

        const problems = problemsOf({
            ingest: { views: pixel() },
            queries: {
                "raw/v0/views/": [query("totals", { output: { prefix: "alb/", columns: columns("n int") } })],
            },
            processors: { "raw/v0/views/": [{ name: "copies", output: { prefix: "alb/views/copies/" } }] },
        });

        expect(problems).to.include(`queries["raw/v0/views/"][0].output.prefix: \`alb/\` ${message}`);
        expect(problems).to.include(`processors["raw/v0/views/"][0].output.prefix: \`alb/views/copies/\` ${message}`);
    });

    it("is checked with an ingest by itself, too", () => {
        const planned = checked((report) => checkIngest("views", pixel(), "", report));

        expect(planned.accessLog).to.deep.equal({ prefix: "alb/views/", path: "/views" });
    });
});
