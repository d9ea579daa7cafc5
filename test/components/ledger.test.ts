import { expect } from "chai";
import { EventPipeline, Ledger } from "../../index";
import { recordResources } from "./record";

describe("Ledger", () => {
    it("is a table that is encrypted, restorable, safe from deletion, and forgets", async () => {
        const { inputs } = await recordResources(() => new Ledger("books").tableName);

        expect(inputs).to.deep.equal({
            "Table books": {
                billingMode: "PAY_PER_REQUEST",
                attributes: [
                    { name: "entry", type: "S" },
                    { name: "subscriber", type: "S" },
                ],
                hashKey: "entry",
                rangeKey: "subscriber",
                ttl: { enabled: true, attributeName: "expires" },
                serverSideEncryption: { enabled: true },
                pointInTimeRecovery: { enabled: true },
                deletionProtectionEnabled: true,
            },
        });
    });

    it("is made once for all rollups of a pipeline, and may be destroyed with its bucket", async () => {
        const { inputs, result } = await recordResources(() => {
            const pipeline = new EventPipeline("web", {
                bucket: { forceDestroy: true },
                ingest: {
                    click: {
                        columns: [
                            { name: "page", type: "string" },
                            { name: "at", type: "timestamp" },
                        ],
                    },
                },
                rollups: {
                    "raw/v0/click/": [
                        { name: "pages", by: ["page"], time: "at" },
                        { name: "days", by: ["page"], time: "at", interval: "day" },
                    ],
                },
            });
            const { rollupTableNames, rollupTableArns, ledgerTableName, deadLetterQueueUrls } = pipeline;
            return { rollupTableNames, rollupTableArns, ledgerTableName, deadLetterQueueUrls };
        });

        const tables = Object.keys(inputs).filter((name) => name.startsWith("Table "));
        expect(tables.sort()).to.deep.equal(["Table web-days", "Table web-ledger", "Table web-pages"]);
        expect(inputs["Table web-ledger"]).to.deep.include({ deletionProtectionEnabled: false });
        expect(result.rollupTableNames).to.deep.equal({ pages: "web-pages", days: "web-days" });
        expect(result.rollupTableArns).to.have.keys("pages", "days");
        expect(result.ledgerTableName).to.equal("web-ledger");
        expect(result.deadLetterQueueUrls).to.have.keys("pages", "days");
    });
});
