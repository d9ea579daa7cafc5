import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { judge } from "./judge";
import { judged as judgedOn } from "./trino/compare";
import { plain, readCorpus } from "./trino/corpus";
import { documentFile, documentOf, type FeatureVerdicts } from "./trino/document";
import { copyTo, type Lake, openLake } from "./trino/lake";
import { type Moto, startMoto } from "./trino/moto";
import { randomQuery } from "./trino/random";
import { startTrino, type Trino, version } from "./trino/trino";

/** How many are compared in a run. */
const randomQueries = Number(process.env.RANDOM_QUERIES ?? 2000);
/** What they are made from: the same in every run, unless `--seed` says otherwise. */
const seed = Number(process.env.RANDOM_SEED ?? 20_261_121);
const judged = judge("trino");
const name = `Trino ${version}`;

describe("trino: local Athena", function () {
    this.timeout(1_800_000);
    let lake: Lake | undefined;
    let moto: Moto | undefined;
    let trino: Trino | undefined;

    before(async function () {
        const emulator = await startMoto();
        if ("missing" in emulator) {
            judged.skip(`there is no ${emulator.missing} on this machine`);
            return this.skip();
        }
        moto = emulator;
        lake = await openLake();
        await copyTo(moto, lake);
        const started = await startTrino(moto.url, lake.database, "SELECT count(*) FROM visit");
        if ("missing" in started) {
            judged.skip(`there is no ${started.missing} on this machine`);
            return this.skip();
        }
        trino = started;
        judged.version = name;
    });
    after(async () => {
        await trino?.stop();
        await moto?.stop();
        await lake?.stop();
    });

    const features: FeatureVerdicts[] = [];
    for (const { name, statements } of readCorpus()) {
        const results: FeatureVerdicts["results"] = [];
        features.push({ name, results });
        describe(name, () => {
            for (const statement of statements)
                it(statement.sql.replace(/\s+/g, " ").slice(0, 150), async () => {
                    const verdict = await judgedOn(statement, trino!.client, lake!);

                    results.push({ statement, verdict });
                    if (statement.differs) judged.differs(statement.sql, statement.differs);
                    if (verdict.kind === "differs" && !statement.differs)
                        expect(verdict.ours, "as Trino answers").to.equal(verdict.trinos);
                    if (statement.differs) expect(verdict.kind, "what came of it").to.equal("differs");
                });
        });
    }

    it(`answers random queries (seed ${seed})`, async () => {
        let compared = 0;
        const property = fc.asyncProperty(randomQuery, async (sql) => {
            const verdict = await judgedOn(plain(sql), trino!.client, lake!);
            if (verdict.kind === "refused") throw new Error(`refused: ${verdict.reason}`);
            if (verdict.kind === "differs") expect(verdict.ours, "as Trino answers").to.equal(verdict.trinos);
            compared++;
        });

        await fc.assert(property, { numRuns: randomQueries, seed });
        judged.passed(compared);
    });

    describe("as a whole", () => {
        it("supports 92 % of the statements", () => {
            const all = features.flatMap(({ results }) => results);

            const supported = all.filter(({ verdict }) => verdict.kind === "same");

            expect(supported.length / all.length).to.be.at.least(0.92);
        });

        it(`is as ${documentFile} says`, () => {
            const document = documentOf(name, features);

            if (process.env.WRITE_DOCS) writeFileSync(documentFile, document);
            expect(readFileSync(documentFile, "utf8")).to.equal(document);
        });
    });
});
