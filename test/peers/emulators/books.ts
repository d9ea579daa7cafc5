import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { type BooksReport, ingestsFile } from "../../../handlers/books/contract";
import { click, hour } from "../../handlers/books/world";
import type { Account } from "./account";
import { BundledFunction } from "./function";

/** More objects than one page of a list has. */
const objects = 1_005;

/** `books` over an emulator's S3 and DynamoDB. */
export function describeBooks(on: () => Account): void {
    describe("books", () => {
        it("makes up an hour of more objects than a list has, and writes it down", async () => {
            const account = on();
            const [bucket, table] = [await account.bucket(), await account.table()];
            const books = new BundledFunction({
                bundle: "books",
                asset: [ingestsFile, [click]],
                environment: { PIPELINE: "web", BUCKET: bucket, LEDGER_TABLE: table, AFTER_MINUTES: "60" },
                url: account.url,
            });
            const time = new Date(Math.floor(Date.now() / hour) * hour - 2 * hour).toISOString(); // the last that is closed
            const events = Array.from({ length: objects }, (_, index) => `{"event_id":"${index}"}\n`);
            for (const [index, event] of events.entries())
                await account.put(bucket, keyOf(click.backupPrefix, time, index), gzipSync(event));
            await account.put(bucket, keyOf(click.prefix, time, 0), gzipSync(events.slice(1).join("")));

            const { hours } = await books.invoke<BooksReport>({ hourly: true });

            expect(hours).to.have.length(1);
            expect(hours[0]).to.include({ hour: time, accepted: objects, delivered: objects - 1, missing: 1 });
            const rows = await account.items(table);
            expect(rows.filter(({ missing }) => missing === "1")).to.have.length(1);

            await account.put(bucket, keyOf(click.prefix, time, 1), gzipSync(events[0]!));

            const again = await books.invoke<BooksReport>({ hourly: true });
            expect(again.hours.map((each) => [each.hour, each.missing])).to.deep.equal([[time, 0]]);
        });
    });
}

function keyOf(prefix: string, time: string, number: number): string {
    const folder = time.slice(0, 13).replace(/[-T]/g, "/");
    return `${prefix}${folder}/click-1-${time.slice(0, 19).replace(/[T:]/g, "-")}-${number}.json.gz`;
}
