import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const site = new EventPipeline("site", {
    ingest: {
        purchase: {
            columns: [
                { name: "event_id", type: "string" },
                { name: "customer", type: "string" },
                { name: "product", type: "string" },
                { name: "amount", type: "decimal(10,2)" },
                { name: "purchased_at", type: "timestamp" },
            ],
        },
    },
    queries: {
        "raw/v0/purchase/": [
            {
                name: "productday",
                sql: `SELECT product, date_trunc('day', purchased_at) AS day, count(*) AS purchases,
                             sum(amount) AS revenue, max(amount) AS largest
                      FROM purchase WHERE :new_data GROUP BY 1, 2`,
                output: {
                    prefix: "processed/v0/productday/",
                    columns: [
                        { name: "product", type: "string" },
                        { name: "day", type: "timestamp" },
                        { name: "purchases", type: "bigint" },
                        { name: "revenue", type: "decimal(38,2)" },
                        { name: "largest", type: "decimal(10,2)" },
                    ],
                },
            },
        ],
        "processed/v0/productday/": [
            {
                name: "bestsellers",
                sql: `SELECT product, sum(purchases) AS purchases, sum(revenue) AS revenue, max(largest) AS largest
                      FROM productday GROUP BY product ORDER BY 3 DESC, 1`,
                output: {
                    prefix: "reports/v0/bestsellers/",
                    mode: "replace",
                    columns: [
                        { name: "product", type: "string" },
                        { name: "purchases", type: "bigint" },
                        { name: "revenue", type: "decimal(38,2)" },
                        { name: "largest", type: "decimal(10,2)" },
                    ],
                },
            },
        ],
    },
});

// #region access
// The role that the application runs as may put purchases, and nothing else.
const role = new pulumi.Config().get("applicationRole");
if (role) new iam.RolePolicy("application", { role, policy: site.putPolicies.purchase! });

export const streams = site.deliveryStreamNames;
export const policies = site.putPolicies;
// #endregion
