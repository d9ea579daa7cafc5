import { Account } from "./emulators/account";
import { describeBooks } from "./emulators/books";
import { describeChain } from "./emulators/chain";
import { describeCollect } from "./emulators/collect";
import { describeConcurrency } from "./emulators/concurrency";
import { describeConvertResult } from "./emulators/convert-result";
import { describeCountEvents } from "./emulators/count-events";
import { describeDifferences, miniStackDifferences, motoDifferences } from "./emulators/differences";
import { type Emulator, emulators } from "./emulators/emulators";
import { describeNormalize } from "./emulators/normalize";
import { describeParseAccessLog } from "./emulators/parse-access-log";
import { describeFailedRuns, describeRunQuery } from "./emulators/run-query";
import { judge } from "./judge";

const judged = judge("emulators");

describe("emulators: handlers over services that nobody here wrote", function () {
    this.timeout(60_000);
    const lacking: string[] = [];

    for (const [name, start] of Object.entries(emulators)) {
        describe(name, () => {
            let emulator: Emulator | undefined;
            let account: Account;
            const on = () => account;
            const isMoto = name.startsWith("moto");

            before(async function () {
                this.timeout(600_000);
                const started = await start();
                if ("missing" in started) {
                    lacking.push(`${name} needs ${started.missing}`);
                    judged.skip(lacking.join("; "));
                    return this.skip();
                }
                judged.version = [judged.version, name].filter(Boolean).join(", ");
                emulator = started;
                account = new Account(started.url);
            });
            after(() => emulator?.stop());

            describeCollect(on);
            describeNormalize(on);
            describeParseAccessLog(on);
            describeBooks(on);
            describeRunQuery(on);
            describeConvertResult(on, isMoto ? canResults : async () => {});
            describeCountEvents(on);
            if (!isMoto) {
                describeFailedRuns(on);
                describeConcurrency(on);
                describeChain(on);
            }
            describeDifferences(judged, name, on, isMoto ? motoDifferences : miniStackDifferences);
        });
    }
});

/** Moto runs no SQL: the runs that follow have this result. */
async function canResults({ url }: Account): Promise<void> {
    const column_info = [
        { Name: "page", Type: "varchar" },
        { Name: "clicks", Type: "integer" },
    ];
    const results = Array.from({ length: 3 }, () => ({ rows: [], column_info }));
    const body = JSON.stringify({ region: "us-east-1", results });
    await fetch(`${url}/moto-api/static/athena/query-results`, { method: "POST", body });
}
